"""The ways to write an azure-native token."""

from __future__ import annotations

# The newest API version that the rules know a difference of.
NEWEST = "20251101"


def forms(token: str, version: str = "20240701") -> list[str]:
    """The other ways to write an azure-native token, of that API version; others have but one."""
    if not token.startswith("azure-native:"):
        return [token] * 5
    _, module, name = token.split(":")
    return [
        f"azure-native:{module}/v{version}:{name}",
        f"azure-native_{module}_v{version}:{module}:{name}",
        f"azure-native_{module}_v{version}preview:{module}:{name}",
        f"azure-native_{module}_v{version}:{module}/v{version}:{name}",
        f"azure-nextgen:{module}/latest:{name}",
    ]
