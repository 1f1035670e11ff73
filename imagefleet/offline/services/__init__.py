"""The services of the simulated Azure, one module each; `registry` lists their types."""
