"""What the resources that are here refer to and nobody has told of: assumed to exist outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagefleet.domain import arm_ids, roles
from imagefleet.offline.services import registry
from imagefleet.offline.services.authorization import guid_claim
from imagefleet.offline.store import Transaction

_START = "/subscriptions/"
_BUILT_IN = frozenset(role.guid.casefold() for role in roles.BUILT_IN)
_PLACES = frozenset({arm_ids.SUBSCRIPTION, arm_ids.RESOURCE_GROUP})


def assumed(transaction: Transaction) -> tuple[arm_ids.ArmId, ...]:
    """Return the ids of resources that are assumed to exist, in the order of types and ids.

    Built-in roles exist, and so does what `--outside` tells; what was deleted is not assumed.
    """
    found = {
        parsed
        for kind in registry.TYPES
        for record in transaction.of_type(kind.arm_type)
        for text in _ids(record.state)
        if (parsed := arm_ids.try_parse(text)) is not None and _is_outside(transaction, parsed)
    }
    return tuple(sorted(found, key=lambda each: (each.resource_type.casefold(), each.key)))


def _is_outside(transaction: Transaction, parsed: arm_ids.ArmId) -> bool:
    if parsed.resource_type in _PLACES:
        return False
    if parsed.is_a(arm_ids.ROLE_DEFINITION):
        # A role is known by its GUID: Azure hands its id out at other scopes too.
        made = transaction.owner(guid_claim(parsed.name)) is not None
        return not made and parsed.name.casefold() not in _BUILT_IN
    text = str(parsed)
    return transaction.get(text) is None and not transaction.was_deleted(text)


def _ids(value: Any) -> Iterator[str]:
    """Return every text in a value that begins as an id does, names of a mapping among them."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _ids(name)
            yield from _ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif isinstance(value, str) and value.casefold().startswith(_START):
        yield value
