"""The simulated Azure, and the ways to run the program against it without an account."""
