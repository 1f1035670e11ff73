"""Lists of resources: in a subscription, a group or a parent, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from imagefleet.domain import arm_ids
from imagefleet.offline.azure import shown
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import references, registry
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm import operations
from imagefleet.simulate.arm.addresses import Address, group_id
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.queries import MAX_RESULTS, PAGES, require_known
from imagefleet.simulate.site import MOST_ON_A_PAGE, Site

_NESTED_PARAMETERS = 2
_TRACKED = ("location", "tags", "sku", "identity")


def members(site: Site, request: Request, address: Address, kind: ResourceType) -> Answer:
    """List the resources of one type under an address."""
    of_batch = kind.arm_type in {arm_ids.BATCH_ACCOUNT, arm_ids.BATCH_POOL}
    require_known(request, MAX_RESULTS if of_batch else PAGES)
    size = request.whole_number("maxresults", site.arm_page, most=MOST_ON_A_PAGE)
    start = pages.start_of(request.query)
    if address.group:
        _require_group(site, address)
    with site.store.read() as transaction:
        records = _records(transaction, address, kind, size + 1, start)
        url = site.base_url + address.path
        some, following = pages.rest(records, start, size, url, request.query)
        values = [operations.shown(site, kind, shown(kind, transaction, each)) for each in some]
    return listed(values, following)


def listed(values: Sequence[Properties], following: str | None = None) -> Answer:
    """Return the answer that holds one page of a list."""
    body: Properties = {"value": list(values)}
    if following:
        body["nextLink"] = following
    return Answer(body=body)


def groups(site: Site, request: Request, address: Address) -> Answer:
    """List the resource groups of a subscription; the filter `tagName eq 'x'` is known."""
    wanted = conditions(request.query.get("$filter"), ("tagname", "tagvalue"))
    kind = registry.BY_ARM_TYPE[arm_ids.RESOURCE_GROUP.casefold()]
    prefix = key_of(arm_ids.subscription(address.subscription)) + "/"
    size = request.whole_number("$top", site.arm_page, most=MOST_ON_A_PAGE)
    with site.store.read() as transaction:
        records = [
            record
            for record in transaction.of_type(kind.arm_type)
            if key_of(record.id).startswith(prefix) and _tagged(record, wanted)
        ]
        some, following = pages.page(records, size, site.base_url + address.path, request.query)
        values = [operations.shown(site, kind, shown(kind, transaction, each)) for each in some]
    return listed(values, following)


def everything(site: Site, request: Request, address: Address) -> Answer:
    """List the resources of a group or a subscription, whatever their type."""
    wanted = conditions(request.query.get("$filter"), ("resourcetype", "name", "location"))
    under = group_id(address) or arm_ids.subscription(address.subscription)
    if address.group:
        _require_group(site, address)
    kinds = [kind for kind in registry.TYPES if kind.located]
    found: list[Properties] = []
    with site.store.read() as transaction:
        for kind in kinds:
            if kind.arm_type == arm_ids.RESOURCE_GROUP:
                continue
            found += [
                _generic(record)
                for record in transaction.of_type(kind.arm_type)
                if key_of(record.id).startswith(key_of(under) + "/")
            ]
    chosen = [item for item in found if _fits(item, wanted)]
    size = request.whole_number("$top", site.arm_page, most=MOST_ON_A_PAGE)
    some, following = pages.page(chosen, size, site.base_url + address.path, request.query)
    return listed(some, following)


def _records(
    transaction: Transaction, address: Address, kind: ResourceType, limit: int, start: int
) -> Sequence[Record]:
    """Return at most `limit` resources of a type under an address, `start` of them left out."""
    nested = len(kind.path_parameters) > _NESTED_PARAMETERS
    if nested:
        parent = address.resource_id
        if transaction.get(parent) is None:
            raise references.not_found(parent)
        return transaction.children(parent, kind.arm_type, limit, start)
    if address.group:
        return transaction.children(group_id(address), kind.arm_type, limit, start)
    prefix = key_of(arm_ids.subscription(address.subscription)) + "/"
    everywhere = transaction.of_type(kind.arm_type)
    found = [record for record in everywhere if key_of(record.id).startswith(prefix)]
    return found[start : start + limit]


def _require_group(site: Site, address: Address) -> None:
    """Refuse a list in a group that is not here, unless something lies in it nevertheless.

    A group outside this Azure may hold resources that were put into it.
    """
    group = group_id(address)
    with site.store.read() as transaction:
        if transaction.get(group) is not None:
            return
        for kind in registry.TYPES:
            if transaction.children(group, kind.arm_type, limit=1):
                return
    message = f"the resource group '{address.group}' was not found"
    raise AzureError("ResourceGroupNotFound", message, status=404, target=group)


def _generic(record: Record) -> Properties:
    shown = {name: record.state[name] for name in _TRACKED if name in record.state}
    return {"id": record.id, "name": record.name, "type": record.type, **shown}


def _fits(item: Properties, wanted: object) -> bool:
    by_name = {"resourcetype": "type", "name": "name", "location": "location"}
    return isinstance(wanted, dict) and all(
        str(item.get(by_name[name], "")).casefold() == value.casefold()
        for name, value in wanted.items()
    )


def _tagged(record: Record, wanted: object) -> bool:
    if not isinstance(wanted, dict) or "tagname" not in wanted:
        return True
    tags = record.state.get("tags") or {}
    name = wanted["tagname"]
    return name in tags and wanted.get("tagvalue", tags[name]) == tags[name]
