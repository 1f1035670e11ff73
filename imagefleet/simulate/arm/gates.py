"""What stands before every resource: locks, registration of its provider, the right to read it."""

from __future__ import annotations

import re

from imagefleet.offline.model import AzureError
from imagefleet.offline.outside.facts import Lock, Outside
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.store import key_of
from imagefleet.offline.values import Properties
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.messages import READS, Answer, Request
from imagefleet.simulate.site import Site

# Registering is what one does about it, and a group needs no provider.
_FREE = frozenset({"microsoft.resources", "microsoft.authorization"})
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+(/providers(/[^/]+)?|/locations)?", re.IGNORECASE)


def pass_through(site: Site, request: Request, address: Address) -> None:
    """Let a request through, or raise `AzureError` where the outside facts say that it must not."""
    with site.store.read() as transaction:
        facts = supposed(transaction)
    if not facts.document:
        return
    _require_subscription(facts, request, address)
    here = key_of(address.path)
    for thing in facts.resources:
        if not thing.readable and _within(here, key_of(thing.id)):
            raise not_authorized(request, address.path)
    if request.method in READS or address.tail.casefold() in {"register", "unregister"}:
        return
    _require_registered(facts, address)
    _require_unlocked(facts, request, here)


def locks(site: Site, _request: Request, address: Address) -> Answer:
    """List the locks at a scope, above it and below it."""
    here = key_of(address.scope)
    with site.store.read() as transaction:
        found = supposed(transaction).locks
    return listed(
        [
            _lock(lock)
            for lock in found
            if _within(here, key_of(lock.scope)) or _within(key_of(lock.scope), here)
        ]
    )


def not_authorized(request: Request, path: str) -> AzureError:
    """Return ARM's error for a caller who lacks a right."""
    message = (
        f"The client of this token does not have authorization to perform the {request.method} of "
        f"'{path}', or the scope is invalid. If access was granted recently, ask for a new token."
    )
    return AzureError("AuthorizationFailed", message, status=403, target=path)


def _require_subscription(facts: Outside, request: Request, address: Address) -> None:
    found = facts.subscription(address.subscription)
    if address.subscription and found.missing:
        message = f"The subscription '{address.subscription}' could not be found."
        raise AzureError("SubscriptionNotFound", message, status=404, target=address.subscription)
    if not found.readable and _SUBSCRIPTION.fullmatch(address.path):
        raise not_authorized(request, address.path)


def _require_registered(facts: Outside, address: Address) -> None:
    namespace = address.namespace
    if not address.subscription or namespace.casefold() in _FREE:
        return
    state = facts.provider(address.subscription, namespace)
    if state not in {"Registered", "Registering"}:
        message = (
            f"The subscription is not registered to use namespace '{namespace}' (it is {state}). "
            f"Register it there: az provider register --namespace {namespace} --subscription "
            f"{address.subscription}"
        )
        raise AzureError("MissingSubscriptionRegistration", message, status=409, target=namespace)


def _require_unlocked(facts: Outside, request: Request, here: str) -> None:
    for lock in facts.locks:
        stops = lock.level == "ReadOnly" or request.method == "DELETE"
        below = request.method == "DELETE" and _within(key_of(lock.scope), here)
        if stops and (_within(here, key_of(lock.scope)) or below):
            message = (
                f"The scope '{here}' cannot perform the {request.method} operation because the "
                f"following scope is locked ({lock.level}): '{lock.scope}'. Remove the lock "
                f"'{lock.name}' and try again."
            )
            raise AzureError("ScopeLocked", message, status=409, target=lock.scope)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


def _lock(lock: Lock) -> Properties:
    scope = "/" + lock.scope.strip("/")
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/{lock.name}",
        "name": lock.name,
        "type": "Microsoft.Authorization/locks",
        "properties": {
            "level": lock.level,
            "lockId": stable_guid(f"{scope}#{lock.name}", "lock"),
        },
    }
