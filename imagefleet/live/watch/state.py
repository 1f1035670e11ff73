"""How it stands with a pool that is watched."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How it stands with a pool."""

    WAITING = "waiting"
    STEADY = "steady"
    FAILED = "failed"
    MISSING = "missing"
    UNSEEN = "unseen"
