"""The door of Azure Resource Manager."""
