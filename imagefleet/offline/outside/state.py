"""Where the outside facts are kept: in the state file, so that every door and process sees them."""

from __future__ import annotations

import json

from imagefleet.domain import arm_ids
from imagefleet.offline.outside.facts import Outside, Thing
from imagefleet.offline.outside.parse import OutsideFileError, parsed
from imagefleet.offline.resource_types import group_key, region
from imagefleet.offline.services import references
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties

_NOTE = "outside"
_NOTHING = Outside()
_NESTED = 2
BODY = "body"
"""Where the book-keeping of an outside resource keeps what a read shows."""


def supposed(transaction: Transaction) -> Outside:
    """Return what is supposed of the outside."""
    text = transaction.noted(_NOTE)
    return _NOTHING if text is None else parsed(text)


def suppose(transaction: Transaction, outside: Outside) -> None:
    """Suppose `outside` and nothing of what was supposed before.

    Raises `OutsideFileError` for a resource that was made here, which nobody tells of.
    """
    for thing in supposed(transaction).resources:
        told = thing.body is not None or thing.missing
        if told and not _made_here(transaction, thing.id):
            transaction.forget(thing.id)
    for thing in outside.resources:
        if not thing.readable:
            continue
        if _made_here(transaction, thing.id):
            message = (
                f"'{thing.id}' was made here, so it is not outside and is as it stands; take it "
                "from the file, or delete the resource first"
            )
            raise OutsideFileError(message)
        if thing.missing:
            transaction.miss(thing.id)
        elif thing.body is not None:
            transaction.put(_record(thing, thing.body, transaction.now))
    transaction.note(_NOTE, json.dumps(outside.document))


def register(transaction: Transaction, subscription_id: str, namespace: str) -> None:
    """Register a resource provider in a subscription, where it is said not to be."""
    document: Properties = supposed(transaction).document
    subscriptions = {**document.get("subscriptions", {})}
    for name, found in subscriptions.items():
        if name.casefold() == subscription_id.casefold():
            states = {
                each: "Registered" if each.casefold() == namespace.casefold() else state
                for each, state in found.get("providers", {}).items()
            }
            subscriptions[name] = {**found, "providers": states}
    if subscriptions:
        transaction.note(_NOTE, json.dumps({**document, "subscriptions": subscriptions}))


def _made_here(transaction: Transaction, resource_id: str) -> bool:
    record = transaction.get(resource_id)
    return record is not None and BODY not in record.internal


def _record(thing: Thing, body: Properties, now: float) -> Record:
    """Return an outside resource as the model keeps resources: its properties laid open."""
    parsed_id = arm_ids.parse(thing.id)
    kind = parsed_id.resource_type
    inner = body.get("properties") or {}
    flat = {name: value for name, value in body.items() if name != "properties"}
    own = {"id": thing.id, "name": parsed_id.name, "type": kind}
    if "location" in flat:
        flat["location"] = region(flat["location"])
    parent = key_of(thing.id.rsplit("/", 2)[0]) if kind.count("/") >= _NESTED else ""
    simulated = kind.casefold() in references.SIMULATED
    return Record(
        id=thing.id,
        # Types that are not simulated are kept in lower case: they are asked for in any.
        type=kind if simulated else kind.casefold(),
        parent=parent or group_key(thing.id),
        state={**flat, **inner, **own},
        internal={BODY: {**body, **own}},
        created=now,
        modified=now,
    )
