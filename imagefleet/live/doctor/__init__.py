"""Read-only checks of a stack against Azure: what `up`, or its pools, would stumble over."""
