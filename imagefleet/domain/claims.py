"""What the document claims of image versions with several replicas; beside it stands what is seen.

Both compare with a managed image used directly, which is no longer possible: they can be shown and
never asserted.
"""

from __future__ import annotations

from typing import Final

STEADY_SOONER_PERCENT: Final = 25
"""The time to a steady pool is shorter by up to so much (D16)."""

IDLE_SOONER_PERCENT: Final = 30
"""The time until a node is idle is shorter by up to so much (D17)."""

SOURCES: Final = ("D16", "D17")
