"""The Batch data plane of an account: images, pools, their scale, node counts, nodes, usage."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imagefleet.domain import arm_ids, node_agents
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.resource_types import region
from imagefleet.offline.services.references import not_found
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.operations import batch_address
from imagefleet.simulate.batch import nodes, pools
from imagefleet.simulate.batch.account import Account
from imagefleet.simulate.batch.bodies import POOL
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import BATCH_PAGE, Site

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\d+\.\d+|-preview)?")
_NODES_FILTERS = ("state",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    handler: Callable[..., Answer]


def answer(site: Site, request: Request, name: str, place: str, path: str) -> Answer:
    """Answer a request to the account `name` in the region `place`.

    Raises `AzureError` where the service would refuse it, or what it asks for is not simulated.
    """
    account = _account(site, name, place)
    _require_version(request)
    for route in _ROUTES:
        match = route.pattern.fullmatch(path.rstrip("/"))
        if match and route.method == request.method:
            return route.handler(account, replace(request, path=path), *match.groups())
    raise not_supported(f"'{request.method} {path}' of the Batch data plane")


def supported_images(account: Account, request: Request) -> Answer:
    """List the Marketplace images of the domain's catalogue that have one name each.

    Unless the outside facts say which there are.
    """
    conditions(request.query.get("$filter"), ())
    with account.site.store.read() as transaction:
        told = supposed(transaction).supported_images
    if told is not None:
        return _page(account, request, told)
    found = [
        image
        for entry in node_agents.CATALOGUE
        for sku in entry.skus
        if "*" not in sku and "*" not in entry.offer
        for image in (_image(entry, sku),)
    ]
    return _page(account, request, found)


def node_counts(account: Account, request: Request) -> Answer:
    """List the nodes of every pool by state."""
    wanted = conditions(request.query.get("$filter"), ("poolid",)).get("poolid")
    now, records = account.pools()
    chosen = [pool for pool in records if wanted is None or pool.name == wanted]
    return _page(account, request, chosen, lambda pool: nodes.counts(pool, now))


def list_nodes(account: Account, request: Request, pool_id: str) -> Answer:
    """List the nodes of a pool, in one state if the filter says so."""
    wanted = conditions(request.query.get("$filter"), _NODES_FILTERS).get("state")
    now, pool = account.pool(pool_id)
    found = [
        node
        for node in nodes.nodes(pool, now)
        if wanted is None or node.state.casefold() == wanted.casefold()
    ]
    return _page(account, request, found, lambda node: nodes.body_of(pool, node, account.url))


def get_node(account: Account, request: Request, pool_id: str, node_id: str) -> Answer:
    """Return one node."""
    pool, node = _node(account, pool_id, node_id)
    return Answer(body=_selected(request, nodes.body_of(pool, node, account.url)))


def remote_login(account: Account, _request: Request, pool_id: str, node_id: str) -> Answer:
    """Return where one would log in to a node; there is nobody to log in to."""
    _, node = _node(account, pool_id, node_id)
    first_port = 50000
    return Answer(
        body={"remoteLoginIPAddress": "203.0.113.1", "remoteLoginPort": first_port + node.number}
    )


def usage(account: Account, request: Request) -> Answer:
    """List the core hours of each pool since its last resize began."""
    conditions(request.query.get("$filter"), ())
    now, records = account.pools()
    return _page(account, request, records, lambda pool: _usage(pool, now))


def list_pools(account: Account, request: Request) -> Answer:
    """List the pools of the account."""
    conditions(request.query.get("$filter"), ())
    _, records = account.pools()
    return _page(account, request, records, lambda pool: pools.shown(account, pool.name))


def get_pool(account: Account, request: Request, pool_id: str) -> Answer:
    """Return a pool, or say by the status alone that it is there (HEAD)."""
    account.site.azure.read(POOL.token, account.pool_id(pool_id))
    body = pools.shown(account, pool_id)
    return Answer(body=_selected(request, body), headers=pools.validators(body))


def _usage(pool: Record, now: float) -> Properties:
    return {
        "poolId": pool.name,
        "startTime": clock.timestamp(float(pool.internal["resize"]["started"])),
        "endTime": clock.timestamp(now),
        "vmSize": str(pool.state["vmSize"]).casefold(),
        "totalCoreHours": nodes.core_hours(pool, now),
    }


def _node(account: Account, pool_id: str, node_id: str) -> tuple[Record, nodes.Node]:
    now, pool = account.pool(pool_id)
    for node in nodes.nodes(pool, now):
        if nodes.node_id(pool, node) == node_id:
            return pool, node
    message = f"the pool '{pool_id}' has no node '{node_id}'"
    raise AzureError("NodeNotFound", message, status=404, target=node_id)


def _image(entry: node_agents.BaseImage, sku: str) -> Properties:
    body: Properties = {
        "nodeAgentSKUId": entry.agent,
        "imageReference": {
            "publisher": entry.publisher,
            "offer": entry.offer,
            "sku": sku,
            "version": "latest",
        },
        "osType": node_agents.os_type(entry.agent).value.casefold(),
        "verificationType": "verified",
        "capabilities": [],
    }
    if entry.ends is not None:
        body["batchSupportEndOfLife"] = f"{entry.ends.isoformat()}T00:00:00Z"
    return body


def _page(
    account: Account,
    request: Request,
    items: Sequence[Any],
    shown: Callable[[Any], Properties] = lambda item: item,
) -> Answer:
    if request.query.get("$expand"):
        raise not_supported(f"$expand={request.query['$expand']} of the Batch data plane")
    size = request.whole_number("maxresults", account.site.batch_page, most=BATCH_PAGE)
    some, following = pages.page(items, size, account.url + request.path, request.query)
    body: Properties = {"value": [_selected(request, shown(item)) for item in some]}
    if following:
        body["odata.nextLink"] = following
    return Answer(body=body)


def _selected(request: Request, body: Properties) -> Properties:
    """Return the properties that `$select` names, all of them without one."""
    if request.query.get("$expand"):
        raise not_supported(f"$expand={request.query['$expand']} of the Batch data plane")
    names = request.query.get("$select")
    if not names:
        return body
    wanted = {name.strip() for name in names.split(",")}
    return {name: value for name, value in body.items() if name in wanted}


def _account(site: Site, name: str, place: str) -> Account:
    with site.store.read() as transaction:
        owner = transaction.owner(f"batch-account|{region(place)}|{name}")
        record = transaction.get(owner) if owner else None
    if record is None or record.type != arm_ids.BATCH_ACCOUNT:
        raise not_found(f"{name}.{place}")
    location = str(record.state["location"])
    return Account(site=site, record=record, url=batch_address(site, record.name, location))


def _require_version(request: Request) -> None:
    version = request.query.get("api-version")
    if version is None or not _VERSION.fullmatch(version):
        message = f"the query parameter 'api-version' must be given, such as 2025-06-01: {version}"
        code = "MissingRequiredQueryParameter" if version is None else "InvalidQueryParameterValue"
        raise AzureError(code, message, target="api-version")


_POOL = r"/pools/([^/]+)"
_ROUTES: tuple[_Route, ...] = tuple(
    _Route(method=method, pattern=re.compile(pattern), handler=handler)
    for method, pattern, handler in (
        ("GET", r"/supportedimages", supported_images),
        ("GET", r"/nodecounts", node_counts),
        ("GET", r"/poolusagemetrics", usage),
        ("GET", r"/pools", list_pools),
        ("POST", r"/pools", pools.create),
        ("GET", _POOL, get_pool),
        ("HEAD", _POOL, get_pool),
        ("PATCH", _POOL, pools.update),
        ("DELETE", _POOL, pools.delete),
        ("POST", rf"{_POOL}/resize", pools.resize),
        ("POST", rf"{_POOL}/stopresize", pools.stop_resize),
        ("POST", rf"{_POOL}/updateproperties", pools.replace_properties),
        ("POST", rf"{_POOL}/enableautoscale", pools.enable_auto_scale),
        ("POST", rf"{_POOL}/disableautoscale", pools.disable_auto_scale),
        ("POST", rf"{_POOL}/evaluateautoscale", pools.evaluate_auto_scale),
        ("GET", rf"{_POOL}/nodes", list_nodes),
        ("GET", rf"{_POOL}/nodes/([^/]+)", get_node),
        ("GET", rf"{_POOL}/nodes/([^/]+)/remoteloginsettings", remote_login),
    )
)
