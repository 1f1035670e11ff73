"""Resources that lie outside the simulated Azure: read as the outside facts tell them, no more."""

from __future__ import annotations

from imagefleet.offline.outside.state import BODY
from imagefleet.offline.services import references
from imagefleet.offline.services.registry import BY_ARM_TYPE
from imagefleet.offline.store import Record, key_of
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.addresses import Address, group_id
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.conditions import require, validators
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.messages import READS, Answer, Request
from imagefleet.simulate.queries import PAGES, require_known
from imagefleet.simulate.site import Site

EXPAND = frozenset({"$expand"})
_VIEW = "instanceView"


def get(site: Site, request: Request, address: Address) -> Answer | None:
    """Return an outside resource; None where nothing is told of it.

    Raises `AzureError` where it is told to be missing, and for any other request than a read.
    """
    if address.type_name.casefold() in BY_ARM_TYPE:
        return None
    resource_id = address.resource_id
    with site.store.read() as transaction:
        record, gone = transaction.get(resource_id), transaction.was_deleted(resource_id)
    if record is None or BODY not in record.internal:
        if gone and request.method in READS:
            raise references.not_found(resource_id)
        return None
    if request.method not in READS:
        raise not_supported(f"{request.method} of {address.type_name}, which lies outside,")
    require_known(request, EXPAND)
    body = _shown(request, record)
    there = validators(body)
    require(request, there, resource_id, "PreconditionFailed")
    return (
        Answer(status=204) if request.method == "HEAD" else Answer(body=body, headers=there.headers)
    )


def members(site: Site, request: Request, address: Address) -> Answer | None:
    """List outside resources of one type in a subscription, group or parent; None for none."""
    kind = address.collection_type.casefold()
    if kind in BY_ARM_TYPE:
        return None
    above = address.resource_id if address.pairs and address.namespace else ""
    with site.store.read() as transaction:
        found = transaction.of_type(kind)
    if not found:
        return None
    require_known(request, PAGES | EXPAND)
    under = key_of(above or group_id(address) or f"/subscriptions/{address.subscription}")
    inside = [record for record in found if key_of(record.id).startswith(f"{under}/")]
    url = site.base_url + address.path
    some, following = pages.page(inside, site.arm_page, url, request.query)
    return listed([_shown(request, record) for record in some], following)


def _shown(request: Request, record: Record) -> Properties:
    """Return what a read shows; a machine's instance view only where it is asked for."""
    body: Properties = record.internal[BODY]
    asked = {each.strip().casefold() for each in request.query.get("$expand", "").split(",")}
    strange = sorted(asked - {"", _VIEW.casefold()})
    if strange:
        raise not_supported(f"$expand={strange[0]} of {record.state['type']}")
    inner = body.get("properties")
    if not isinstance(inner, dict) or _VIEW not in inner or _VIEW.casefold() in asked:
        return body
    return {**body, "properties": {name: inner[name] for name in inner if name != _VIEW}}
