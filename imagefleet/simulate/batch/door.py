"""The Batch data plane of an account: images, pools, their scale, node counts, nodes, usage."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imagefleet.domain import arm_ids
from imagefleet.offline import clock
from imagefleet.offline.azure import shown
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.resource_types import region
from imagefleet.offline.services.references import not_found
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.operations import batch_address
from imagefleet.simulate.batch import images, nodes, pools
from imagefleet.simulate.batch.account import Account
from imagefleet.simulate.batch.bodies import POOL, SHOWN, pool_of
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import READS, Answer, Request
from imagefleet.simulate.queries import MAX_RESULTS, SELECT, require_known, selected
from imagefleet.simulate.site import BATCH_PAGE, Site

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\d+\.\d+|-preview)?")
_NODES_FILTERS = ("state",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    handler: Callable[..., Answer]
    options: frozenset[str]


def answer(site: Site, request: Request, name: str, place: str, path: str) -> Answer:
    """Answer a request to the account `name` in the region `place`.

    Raises `AzureError` where the service would refuse it, or what it asks for is not simulated.
    """
    account = _account(site, name, place)
    _require_version(request)
    for route in _ROUTES:
        match = route.pattern.fullmatch(path.rstrip("/"))
        if match and route.method == request.method:
            require_known(request, route.options)
            given = replace(request, path=path)
            if request.method in READS or not match.groups():
                return route.handler(account, given, *match.groups())
            with site.turns.of(account.pool_id(match[1])):
                return route.handler(account, given, *match.groups())
    raise not_supported(f"'{request.method} {path}' of the Batch data plane")


def supported_images(account: Account, request: Request) -> Answer:
    """List the images of the domain's catalogue, unless the outside facts say which there are."""
    with account.site.store.read() as transaction:
        told = supposed(transaction).supported_images
    return _page(account, request, tuple(images.supported()) if told is None else told)


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
    names = selected(request, nodes.SHOWN)
    return _page(
        account,
        request,
        found,
        lambda node: _cut(nodes.body_of(pool, node, account.url), names),
    )


def get_node(account: Account, request: Request, pool_id: str, node_id: str) -> Answer:
    """Return one node."""
    pool, node = _node(account, pool_id, node_id)
    body = nodes.body_of(pool, node, account.url)
    return Answer(body=_cut(body, selected(request, nodes.SHOWN)))


def remote_login(account: Account, _request: Request, pool_id: str, node_id: str) -> Answer:
    """Return where one would log in to a node; there is nobody to log in to."""
    _, node = _node(account, pool_id, node_id)
    first_port = 50000
    return Answer(
        body={"remoteLoginIPAddress": "203.0.113.1", "remoteLoginPort": first_port + node.number}
    )


def usage(account: Account, request: Request) -> Answer:
    """List the core hours of each pool since its last resize began."""
    now, records = account.pools()
    return _page(account, request, records, lambda pool: _usage(pool, now))


def list_pools(account: Account, request: Request) -> Answer:
    """List the pools of the account."""
    size, names = _size(account, request), selected(request, SHOWN)
    start = pages.start_of(request.query)
    with account.site.store.read() as transaction:
        records = transaction.children(account.record.id, POOL.arm_type, size + 1, start)
        url = account.url + request.path
        some, following = pages.rest(records, start, size, url, request.query)
        values = [
            _cut(pool_of(shown(POOL, transaction, each), account.url), names) for each in some
        ]
    return _listed(values, following)


def get_pool(account: Account, request: Request, pool_id: str) -> Answer:
    """Return a pool, or say by the status alone that it is there (HEAD)."""
    body, there = pools.get(account, request, pool_id)
    return Answer(body=_cut(body, selected(request, SHOWN)), headers=there.headers)


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


def _page(
    account: Account,
    request: Request,
    items: Sequence[Any],
    body_of: Callable[[Any], Properties] = lambda item: item,
) -> Answer:
    size, url = _size(account, request), account.url + request.path
    some, following = pages.page(items, size, url, request.query)
    return _listed([body_of(item) for item in some], following)


def _size(account: Account, request: Request) -> int:
    return request.whole_number("maxresults", account.site.batch_page, most=BATCH_PAGE)


def _listed(values: Sequence[Properties], following: str | None) -> Answer:
    body: Properties = {"value": list(values)}
    if following:
        body["odata.nextLink"] = following
    return Answer(body=body)


def _cut(body: Properties, names: frozenset[str] | None) -> Properties:
    """Return the properties that were asked for."""
    return {name: item for name, item in body.items() if names is None or name in names}


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
_NONE: frozenset[str] = frozenset()
_FILTER = frozenset({"$filter"})
_SELECT = frozenset({SELECT})
# Method, pattern, handler, and the options of the query that are understood.
_ROUTES: tuple[_Route, ...] = tuple(
    _Route(method=method, pattern=re.compile(pattern), handler=handler, options=known)
    for method, pattern, handler, known in (
        ("GET", r"/supportedimages", supported_images, MAX_RESULTS),
        ("GET", r"/nodecounts", node_counts, MAX_RESULTS | _FILTER),
        ("GET", r"/poolusagemetrics", usage, MAX_RESULTS),
        ("GET", r"/pools", list_pools, MAX_RESULTS | _SELECT),
        ("POST", r"/pools", pools.create, _NONE),
        ("GET", _POOL, get_pool, _SELECT),
        ("HEAD", _POOL, get_pool, _NONE),
        ("PATCH", _POOL, pools.update, _NONE),
        ("DELETE", _POOL, pools.delete, _NONE),
        ("POST", rf"{_POOL}/resize", pools.resize, _NONE),
        ("POST", rf"{_POOL}/stopresize", pools.stop_resize, _NONE),
        ("POST", rf"{_POOL}/updateproperties", pools.replace_properties, _NONE),
        ("POST", rf"{_POOL}/enableautoscale", pools.enable_auto_scale, _NONE),
        ("POST", rf"{_POOL}/disableautoscale", pools.disable_auto_scale, _NONE),
        ("POST", rf"{_POOL}/evaluateautoscale", pools.evaluate_auto_scale, _NONE),
        ("GET", rf"{_POOL}/nodes", list_nodes, MAX_RESULTS | _FILTER | _SELECT),
        ("GET", rf"{_POOL}/nodes/([^/]+)", get_node, _SELECT),
        ("GET", rf"{_POOL}/nodes/([^/]+)/remoteloginsettings", remote_login, _NONE),
    )
)
