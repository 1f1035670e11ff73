"""Figures that `make bench` prints: ratios and growth, measured side by side in one run."""
