"""Microsoft.Authorization: lists of roles and grants with their filters, and permissions."""

from __future__ import annotations

from collections.abc import Iterator

from imagefleet.domain import arm_ids, roles
from imagefleet.offline.azure import shown
from imagefleet.offline.outside.facts import Permission
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.services import registry
from imagefleet.offline.store import Record, key_of
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.arm.bodies import body_of
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import MOST_ON_A_PAGE, Site

_GRANT_FILTERS = ("atscope", "principalid", "assignedto")
_ROLE_FILTERS = ("atscopeandbelow", "rolename", "type")
_BUILT_IN = "BuiltInRole"


def permissions(site: Site, _request: Request, address: Address) -> Answer:
    """Answer what the caller may do at a scope: everything, unless the outside facts say what.

    Nothing is held to it: the doors let every caller do everything.
    """
    with site.store.read() as transaction:
        told = supposed(transaction).permissions
    if told is None:
        told = (Permission(scope="/", actions=("*",), data_actions=("*",)),)
    here = key_of(address.scope)
    return listed(
        [
            {
                "actions": list(each.actions),
                "notActions": list(each.not_actions),
                "dataActions": list(each.data_actions),
                "notDataActions": list(each.not_data_actions),
            }
            for each in told
            if f"{here}/".startswith(f"{key_of(each.scope).rstrip('/')}/")
        ]
    )


def assignments(site: Site, request: Request, address: Address) -> Answer:
    """List the grants at a scope, above it, and unless `atScope()` is asked for, below it."""
    wanted = conditions(request.query.get("$filter"), _GRANT_FILTERS)
    principal = wanted.get("principalid") or wanted.get("assignedto")
    here = key_of(address.scope)
    kind = registry.BY_ARM_TYPE[arm_ids.ROLE_ASSIGNMENT.casefold()]
    size = request.whole_number("$top", site.arm_page, most=MOST_ON_A_PAGE)
    with site.store.read() as transaction:
        records = [
            record
            for record in transaction.of_type(kind.arm_type)
            if _applies(record, here, below="atscope" not in wanted)
            and (not principal or _is(record.state.get("principalId"), principal))
        ]
        some, following = pages.page(records, size, site.base_url + address.path, request.query)
        values = [body_of(kind, shown(kind, transaction, record)) for record in some]
    return listed(values, following)


def definitions(site: Site, request: Request, address: Address) -> Answer:
    """List the roles that can be granted at a scope: known built-in ones, and made ones."""
    wanted = conditions(request.query.get("$filter"), _ROLE_FILTERS)
    chosen = [
        body
        for body in (*_made(site, key_of(address.scope)), *_built_in(address.subscription))
        if _is(body["properties"]["roleName"], wanted.get("rolename"))
        and _is(body["properties"]["type"], wanted.get("type"))
    ]
    size = request.whole_number("$top", site.arm_page, most=MOST_ON_A_PAGE)
    some, following = pages.page(chosen, size, site.base_url + address.path, request.query)
    return listed(some, following)


def by_guid(site: Site, guid: str, address: Address) -> Properties | None:
    """Return a role by its GUID, wherever it was made; None where there is none."""
    every = (*_made(site, ""), *_built_in(address.subscription))
    return next((body for body in every if _is(body["name"], guid)), None)


def _made(site: Site, here: str) -> Iterator[Properties]:
    kind = registry.BY_ARM_TYPE[arm_ids.ROLE_DEFINITION.casefold()]
    with site.store.read() as transaction:
        found = [
            (record.state["assignableScopes"], shown(kind, transaction, record))
            for record in transaction.of_type(kind.arm_type)
        ]
    for scopes, outputs in found:
        if not here or any(_related(key_of(str(scope)), here) for scope in scopes):
            yield body_of(kind, outputs)


def _built_in(subscription: str) -> Iterator[Properties]:
    """Return the built-in roles that the domain knows, in the form of the service."""
    for role in roles.BUILT_IN:
        scope = f"/subscriptions/{subscription}" if subscription else ""
        yield {
            "id": arm_ids.role_definition(scope, role.guid),
            "name": role.guid,
            "type": arm_ids.ROLE_DEFINITION,
            "properties": {
                "roleName": role.name,
                "type": _BUILT_IN,
                "description": role.name,
                "assignableScopes": ["/"],
                "permissions": [
                    {
                        "actions": list(part.actions),
                        "notActions": list(part.not_actions),
                        "dataActions": [],
                        "notDataActions": [],
                    }
                    for part in role.permissions
                ],
            },
        }


def _applies(record: Record, here: str, *, below: bool) -> bool:
    scope = key_of(str(record.state["scope"]))
    above_or_at = here == scope or here.startswith(f"{scope}/") or scope == "/"
    return above_or_at or (below and scope.startswith(f"{here}/"))


def _related(scope: str, here: str) -> bool:
    return scope == here or scope.startswith(f"{here}/") or here.startswith(f"{scope}/")


def _is(value: object, wanted: str | None) -> bool:
    return wanted is None or str(value).casefold() == wanted.casefold()
