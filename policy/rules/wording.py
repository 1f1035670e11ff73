"""How rules name what they read: names and ids of resources, never a free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefleet.domain.arm_ids import ArmId

_NAME = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_.$ -]{0,79}", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9./]{1,120}", re.ASCII)


def named(value: str) -> str:
    """Return `value` if it has the form of a name; else words that hide it."""
    stripped = value.strip()
    return stripped if _NAME.fullmatch(stripped) else "a text that is no name"


def marketplace(publisher: str, offer: str, sku: str) -> str:
    """Return a Marketplace image as people write it: `publisher/offer/sku`."""
    return "/".join(named(part) for part in (publisher, offer, sku))


def kind_and_name(arm: ArmId) -> str:
    """Return what an ARM id names, without the scope: its type and its last name."""
    kind = arm.resource_type if _TYPE.fullmatch(arm.resource_type) else "a type of no form"
    return f"{kind} {named(arm.name)}"
