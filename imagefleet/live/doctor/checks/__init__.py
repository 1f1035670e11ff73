"""The checks, one file for each kind of thing; `catalogue` has them in order."""
