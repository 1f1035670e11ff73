"""The steps of a deployment: one thing that happens to one resource, as the engine reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.model import Difference

Op = Literal[
    "same",
    "create",
    "update",
    "delete",
    "replace",
    "create-replacement",
    "delete-replaced",
    "read",
    "read-replacement",
    "discard",
    "discard-replaced",
    "remove-pending-replace",
    "refresh",
]


@dataclass(slots=True, kw_only=True)
class Step:
    """A step with the states before and after it.

    `pending_delete` marks a replacement that is made before the old resource is deleted;
    `pending_replacement` a deletion before the new one is made. `difference` is what the provider
    found, for the steps that come of a comparison; `operation` is the step's number in the
    journal while the provider is at work.
    """

    op: Op
    old: ResourceState | None = None
    new: ResourceState | None = None
    keys: tuple[str, ...] = ()
    difference: Difference | None = None
    pending_delete: bool = False
    pending_replacement: bool = False
    operation: int = 0

    @property
    def subject(self) -> ResourceState:
        """The state that the step is about: the new one, the old one where it goes."""
        state = self.new or self.old
        if state is None:
            message = f"a {self.op} step without a state"
            raise AssertionError(message)
        return state

    @property
    def logical(self) -> bool:
        """Whether the step stands for a change that a person asked for, and is counted."""
        return self.op not in {
            "create-replacement",
            "delete-replaced",
            "read-replacement",
            "discard-replaced",
            "remove-pending-replace",
            "refresh",
        }
