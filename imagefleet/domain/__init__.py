"""What is true about a fleet of custom-image Batch pools: standard library only, no I/O."""
