"""Faults of meaning, looked for by the domain in what is well formed.

Where a key of the fleet itself is missing, only what is a fault whatever its value may be is
believed; what is said about an entry that is malformed, or about a reference to one, is not.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import Fleet

if TYPE_CHECKING:
    from imagefleet.domain.fault import Fault, Path
    from imagefleet.settings.form import Form
    from imagefleet.settings.models import FleetModel

_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-fA-F-]{36})/")
_REFERENCES = {"account": "accounts", "image": "images"}


def fleet_of(model: FleetModel, subscription: str) -> Fleet:
    """The domain's fleet of a well-formed model, in `subscription`."""
    return Fleet(subscription_id=subscription, **model.domain_fields())


def meaning_faults(form: Form, subscription: str | None) -> Iterator[Fault]:
    """What the domain has against the well-formed part of `form`.

    `subscription` is None where the stack names none that is usable.
    """
    if form.model is None:
        return
    candidates = _possible_fleets(form, form.model, subscription)
    found = find_faults(next(candidates))
    for fleet in candidates:
        others = {(fault.path, fault.message) for fault in find_faults(fleet)}
        found = tuple(fault for fault in found if (fault.path, fault.message) in others)
    yield from (fault for fault in found if not _is_doubtful(fault.path, form))


def _possible_fleets(form: Form, model: FleetModel, subscription: str | None) -> Iterator[Fleet]:
    """The fleet; where cloud or subscription are not known, one for each that it could be."""
    clouds = list(Cloud) if ("cloud",) in form.malformed else [model.cloud]
    subscriptions = [subscription] if subscription else _subscriptions(form.value)
    for one in subscriptions:
        fleet = fleet_of(model, one)
        for cloud in clouds:
            yield dataclasses.replace(fleet, cloud=cloud)


def _subscriptions(value: Any) -> list[str]:
    """Subscriptions that ids name, and one that none does."""
    return [_NO_SUBSCRIPTION, *sorted(set(_SUBSCRIPTION.findall(json.dumps(value))))[:1]]


def _is_doubtful(steps: Path, form: Form) -> bool:
    """Whether what is said at `steps` may come from what is malformed alone."""
    malformed = form.malformed
    if any(steps[:length] in malformed for length in range(1, len(steps) + 1)):
        return True
    if any(unit[:-1] == steps for unit in malformed):
        return True
    if steps[:1] != ("pools",) or len(steps) < 3:  # noqa: PLR2004 (a key of a pool)
        return False
    pool = form.value["pools"][steps[1]]
    if steps[2] == "versions":
        image = ("images", pool["image"])
        return any(unit[:2] in (image, ("images",)) for unit in malformed)
    named = _REFERENCES.get(str(steps[2]))
    return named is not None and not malformed.isdisjoint([(named,), (named, pool[steps[2]])])
