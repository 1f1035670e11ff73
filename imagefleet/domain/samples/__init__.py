"""The document's own routes to a pool (D64 to D89), filled with the values of a plan."""
