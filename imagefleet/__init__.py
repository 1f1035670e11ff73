"""Custom images and the Azure Batch pools that run them: the domain, and the tools around it.

Importing this package imports nothing else. The domain needs the standard library only; settings,
the simulated Azure and the command line need the extras `program` and `cli`.
"""
