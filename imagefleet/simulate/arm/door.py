"""The door of Azure Resource Manager: which handler answers which address."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from imagefleet.domain import arm_ids
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import registry
from imagefleet.simulate.arm import (
    actions,
    gates,
    lists,
    operations,
    outside,
    regional,
    resources,
    roles,
)
from imagefleet.simulate.arm import subscriptions as subs
from imagefleet.simulate.arm.addresses import Address, is_group, parse
from imagefleet.simulate.errors import not_supported, unknown_path
from imagefleet.simulate.messages import READS, Answer, Request
from imagefleet.simulate.queries import MAX_RESULTS, PAGES, TOP, require_known
from imagefleet.simulate.site import Site

_Handler = Callable[[Site, Request, Address], Answer]
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_METHODS: Mapping[str, Callable[[Site, Request, Address, ResourceType], Answer]] = {
    "PUT": resources.put,
    "PATCH": resources.patch,
    "GET": resources.get,
    "HEAD": resources.get,
    "DELETE": resources.delete,
}
_FILTER = frozenset({"$filter"})
_EXPAND = frozenset({"$expand"})
# There are no edge zones here, so that a list with them is the list without.
_EDGES = frozenset({"includeextendedlocations"})
_NONE: frozenset[str] = frozenset()
# What hangs on no resource of its own: method, pattern of the folded path, options of the query
# that are understood, handler.
_FIXED: tuple[tuple[str, re.Pattern[str], frozenset[str], _Handler], ...] = tuple(
    (method, re.compile(pattern), options, handler)
    for method, pattern, options, handler in (
        ("GET", r"/tenants", _NONE, subs.tenants),
        ("GET", r"/subscriptions", _NONE, subs.subscriptions),
        ("GET", r"/subscriptions/[^/]+", _NONE, subs.subscription),
        ("GET", r"/subscriptions/[^/]+/locations", _EDGES, subs.locations),
        ("GET", r"(/subscriptions/[^/]+)?/providers", _EXPAND, subs.providers),
        ("GET", r"(/subscriptions/[^/]+)?/providers/[^/]+", _EXPAND, subs.provider),
        ("POST", r"/subscriptions/[^/]+/providers/[^/]+/register", _NONE, subs.register),
        ("POST", r"/subscriptions/[^/]+/providers/[^/]+/unregister", _NONE, subs.unregister),
        ("GET", r"/subscriptions/[^/]+/resourcegroups", _FILTER | TOP, lists.groups),
        ("GET", r"/subscriptions/[^/]+(/resourcegroups/[^/]+)?/resources",
         _FILTER | TOP, lists.everything),
        ("GET", r".*/providers/microsoft\.authorization/permissions", _NONE, roles.permissions),
        ("GET", r".*/providers/microsoft\.authorization/locks", _NONE, gates.locks),
        ("GET", r".*/providers/microsoft\.authorization/roleassignments",
         _FILTER | TOP, roles.assignments),
        ("GET", r".*/providers/microsoft\.authorization/roledefinitions",
         _FILTER | TOP, roles.definitions),
        ("GET", r"/subscriptions/[^/]+/providers/microsoft\.compute/skus",
         _EDGES | _FILTER | PAGES, regional.skus),
        ("GET", r"/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+/usages",
         _NONE, regional.usages),
        ("GET", r"/subscriptions/[^/]+/providers/microsoft\.batch/locations/[^/]+/quotas",
         _NONE, regional.batch_quotas),
        ("GET",
         r"/subscriptions/[^/]+/providers/microsoft\.batch/locations/[^/]+/virtualmachineskus",
         MAX_RESULTS, regional.batch_sizes),
        ("POST",
         r"/subscriptions/[^/]+/providers/microsoft\.batch/locations/[^/]+/checknameavailability",
         _NONE, regional.batch_name),
    )
)  # fmt: skip


def answer(site: Site, request: Request) -> Answer:
    """Answer a request to ARM; raises `AzureError` where the services would refuse it."""
    address = parse(request.path)
    _require_version(request)
    polled = _polled(site, request, address)
    if polled is not None:
        return polled
    gates.pass_through(site, request, address)
    folded = address.path.casefold()
    for method, pattern, options, handler in _FIXED:
        if method == request.method and pattern.fullmatch(folded):
            require_known(request, options)
            return handler(site, request, address)
    if request.method == "POST" and address.pairs and address.tail:
        with site.turns.of(address.resource_id):
            return actions.act(site, request, address)
    if address.tail:
        if request.method != "GET":
            raise unknown_path(request.method, request.path)
        told = outside.members(site, request, address)
        if told is not None:
            return told
        return lists.members(site, request, address, _kind(address, address.collection_type))
    told = outside.get(site, request, address)
    if told is not None:
        return told
    return _on_resource(site, request, address)


def _on_resource(site: Site, request: Request, address: Address) -> Answer:
    kind = (
        registry.BY_ARM_TYPE[arm_ids.RESOURCE_GROUP.casefold()]
        if is_group(address)
        else _kind(address, address.type_name)
    )
    handler = _METHODS.get(request.method)
    if handler is None or not address.pairs:
        raise unknown_path(request.method, request.path)
    if request.method in READS:
        return handler(site, request, address, kind)
    with site.turns.of(address.resource_id):
        return handler(site, request, address, kind)


def _polled(site: Site, request: Request, address: Address) -> Answer | None:
    """Return the answer to a question about an operation, None for any other request."""
    if request.method != "GET" or [kind.casefold() for kind, _ in address.pairs][:1] != [
        "locations"
    ]:
        return None
    kinds = {kind.casefold(): name for kind, name in address.pairs}
    if {"operations", "operationresults"} & kinds.keys():
        require_known(request, ())
    if "operations" in kinds:
        return operations.status(site, kinds["operations"])
    if "operationresults" in kinds:
        here = f"{site.base_url}{address.path}?api-version={request.query['api-version']}"
        return operations.result(site, kinds["operationresults"], here)
    return None


def _kind(address: Address, type_name: str) -> ResourceType:
    found = registry.BY_ARM_TYPE.get(type_name.casefold())
    if found is not None and _placed(found, address):
        return found
    known = {name.casefold() for name in subs.namespaces()}
    if address.namespace.casefold() in known:
        raise not_supported(f"the resource type '{type_name}', unless --outside tells it,")
    message = (
        f"The resource namespace '{address.namespace}' is invalid; the simulated Azure knows "
        f"{', '.join(subs.namespaces())}"
    )
    raise AzureError("InvalidResourceNamespace", message, status=404, target=address.namespace)


def _placed(kind: ResourceType, address: Address) -> bool:
    """Whether a type can stand at an address: most need a resource group, or list without one."""
    return kind.path_parameters[0] == "scope" or bool(address.subscription)


def _require_version(request: Request) -> None:
    version = request.query.get("api-version")
    if version is None:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise AzureError("MissingApiVersionParameter", message, target="api-version")
    if not _VERSION.fullmatch(version):
        message = f"The api-version '{version}' is invalid; it has the form 2024-03-03."
        raise AzureError("InvalidApiVersionParameter", message, target="api-version")
