"""Subscriptions: in use, one tenant, and providers registered in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from imagefleet.live.doctor import reads
from imagefleet.live.doctor.model import Check, Found, bad, command, each, good, unsure
from imagefleet.live.doctor.view import View

_NAMESPACES = ("Microsoft.Batch", "Microsoft.Compute")
# Azure documentation, subscription states: these two still work, until Azure switches them off.
_SHAKY = frozenset({"warned", "pastdue"})
_ON = "enabled"


def _enabled(view: View) -> Iterable[Found]:
    def judge(sub: str) -> Iterator[Found]:
        state = str(view.reader.get(reads.subscription(sub)).get("state", ""))
        if state.lower() == _ON:
            yield good(sub, "is enabled")
        elif state.lower() in _SHAKY:
            yield unsure(sub, f"is {state}: it works until Azure switches it off")
        else:
            yield bad(sub, f"is {state}: nothing can be made in it")

    return each(view.subscriptions(), str, judge)


def _registered(view: View) -> Iterable[Found]:
    pairs = [(sub, name) for sub in view.subscriptions() for name in _NAMESPACES]
    view.reader.warm(reads.provider(*pair) for pair in pairs)

    def judge(pair: tuple[str, str]) -> Iterator[Found]:
        sub, name = pair
        state = view.reader.get(reads.provider(sub, name))
        if state == "Registered":
            yield good(sub, f"{name} is registered")
        elif state == "Registering":
            yield unsure(sub, f"{name} is being registered; look again in a few minutes")
        else:
            mend = command("az", "provider", "register", "--namespace", name, "--subscription", sub)
            yield bad(sub, f"{name} is {state}", mend)

    return each(pairs, lambda pair: pair[0], judge)


def _one_tenant(view: View) -> Iterable[Found]:
    home = view.fleet.subscription_id.lower()
    others = [sub for sub in view.subscriptions() if sub != home]
    if not others:
        yield good(home, "is the only subscription")
        return
    tenant = str(view.reader.get(reads.subscription(home)).get("tenantId", ""))

    def judge(sub: str) -> Iterator[Found]:
        theirs = str(view.reader.get(reads.subscription(sub)).get("tenantId", ""))
        if not theirs or not tenant:
            yield unsure(sub, "the service does not show its tenant")
        elif theirs.lower() == tenant.lower():
            yield good(sub, f"is of the same tenant as {home}")
        else:
            yield bad(sub, f"is of tenant {theirs}, the fleet's subscription of {tenant}")

    yield from each(others, str, judge)


CHECKS: Final = (
    Check(
        id="subscription-enabled",
        title="Every subscription is enabled",
        run=_enabled,
        remedy="Have the subscription's owner settle what is due, or use another subscription.",
        calls="1 get a subscription",
        source="Azure documentation, subscription states",
    ),
    Check(
        id="providers-registered",
        title="Microsoft.Batch and Microsoft.Compute are registered in every subscription",
        run=_registered,
        remedy="Register the provider; it takes some minutes and costs nothing.",
        calls="2 gets a subscription",
        sentences=("D27",),
    ),
    Check(
        id="same-tenant",
        title="The subscriptions of images and accounts are of one tenant",
        run=_one_tenant,
        remedy="Copy the image into a gallery of the account's tenant.",
        calls="1 get a subscription, shared",
        sentences=("D28",),
    ),
)
