"""The real engine's door: the `pulumi` command with the simulated Azure as its provider."""
