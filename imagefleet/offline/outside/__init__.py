"""What lies outside the simulated Azure, and how much of Azure one may use, as a file says it.

Without a file outside things are assumed to exist and to fit, and quotas are ample.
"""
