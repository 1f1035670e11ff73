"""What a pack's answer says of rules that broke by a fault of their own."""

from __future__ import annotations

from imagefleet.domain.findings import Cause
from imagefleet.offline.pack.client import PolicyRun
from rules.honesty import RULES_SOUND


def faults(answer: PolicyRun) -> dict[str, str]:
    """The rules that broke in one answer, and what is said of each; there should be none."""
    broke = {
        name: str(doubt) for name, doubt in answer.undecided.items() if doubt.cause is Cause.FAULT
    }
    told = [one.message for one in answer.violations if one.policy_name == RULES_SOUND.id]
    return broke | ({RULES_SOUND.id: "\n".join(told)} if told else {})
