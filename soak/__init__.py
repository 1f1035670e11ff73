"""Campaigns of faults and kills against the embedded engine: `make soak`."""
