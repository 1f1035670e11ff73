"""Policies over what exists already: a deployment file or a plain list of resources."""
