"""What a rule could not decide, as the rules about open questions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefleet.domain.findings import Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One doubt of the rule with this id; `mandatory` is the rule's own level."""

    rule: str
    mandatory: bool
    doubt: Doubt
