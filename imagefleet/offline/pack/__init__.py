"""The policy pack's process, spoken to over gRPC as the engine does."""
