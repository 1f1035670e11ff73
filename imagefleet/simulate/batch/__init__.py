"""The door of the Batch data plane: what an account's own endpoint answers."""
