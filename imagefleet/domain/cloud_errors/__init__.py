"""What the errors of Azure, Batch and Pulumi mean for a fleet, and what to do about each."""
