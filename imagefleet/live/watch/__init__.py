"""A fleet's pools followed to steady: what is seen, what it comes to, and how long it took."""
