"""Rules about subscriptions, tenants and clouds, as providers and ids show them.

A provider shows only what its program or the stack's configuration says; what it takes from the
environment (`ARM_SUBSCRIPTION_ID`, `ARM_ENVIRONMENT`, a login) is not visible to any rule.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from imagefleet.domain import arm_ids
from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import demand, examples, tokens
from rules.canonical import (
    ABSENT,
    UNKNOWN,
    Missing,
    Resource,
    path_text,
    presence,
    read,
    text,
)
from rules.conditions import NOT_KNOWN, not_known
from rules.demand import IMAGE_ID
from rules.example_stacks import ABROAD, HOME, closed, provider
from rules.stack import External
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)
from rules.wording import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_SUBSCRIPTION: Final = "subscriptionId"
_TENANT: Final = "tenantId"
_AUXILIARY: Final = "auxiliaryTenantIds"
_DELEGATED: Final = "delegatedManagedIdentityResourceId"

_REGISTERED: Final = Option(
    name="registeredSubscriptions",
    schema={
        "type": "array",
        "items": {"type": "string"},
        "description": "ids of the subscriptions in which Microsoft.Batch is known to be "
        "registered (`az provider show --namespace Microsoft.Batch`)",
    },
    default=[],
)


def _setting(resource: Resource, name: str) -> str | Missing:
    """Return a setting of the resource's provider, in lower case."""
    if resource.provider is None:
        return ABSENT
    value = text(resource.provider.props, name)
    return value.strip().casefold() if isinstance(value, str) else value


def _same_provider(one: Resource, other: Resource) -> bool:
    """Whether both are made by one provider; in a file without providers, all are."""
    if one.provider is None or other.provider is None:
        return one.provider is other.provider
    return one.provider.urn == other.provider.urn


def _registered(pool: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    image = demand.image_of(pool, stack)
    if image is UNKNOWN:
        yield not_known(IMAGE_ID)
        return
    if isinstance(image, Resource) and _same_provider(pool, image):
        return
    theirs = _image_subscription(pool, image)
    if theirs is None:
        yield NotApplicable("the pool names no image by the id of a gallery version")
        return
    ours = _setting(pool, _SUBSCRIPTION)
    acknowledged = {str(each).strip().casefold() for each in context.options[_REGISTERED.name]}
    if theirs == ours or theirs in acknowledged:
        return
    if isinstance(theirs, Missing) or isinstance(ours, Missing):
        cause = Cause.UNKNOWN if UNKNOWN in (theirs, ours) else Cause.EXTERNAL
        yield Doubt(
            path=path_text(IMAGE_ID),
            cause=cause,
            detail="is perhaps in another subscription than the pool, no provider shows it",
        )
        return
    yield Finding(
        path=path_text(IMAGE_ID),
        actual="in another subscription than the pool",
        needed=f"Microsoft.Batch registered in the image's subscription, and its id in "
        f"{_REGISTERED.name}",
    )


def _image_subscription(
    pool: Resource, image: Resource | External | Missing
) -> str | Missing | None:
    """Return the subscription of a pool's image, None for an image that is in none."""
    value = text(pool.props, *IMAGE_ID)
    arm = arm_ids.try_parse(value) if isinstance(value, str) else None
    if arm is not None and arm.subscription_id is not None:
        return arm.subscription_id.casefold()
    return _setting(image, _SUBSCRIPTION) if isinstance(image, Resource) else None


def _same_tenant(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    image = demand.image_of(pool, stack)
    if image is UNKNOWN:
        yield not_known(IMAGE_ID)
        return
    if not isinstance(image, Resource):
        yield NotApplicable("the pool's image version is outside the stack")
        return
    if _same_provider(pool, image):
        return
    ours, theirs = _setting(pool, _TENANT), _setting(image, _TENANT)
    if ABSENT in (ours, theirs):
        yield NotApplicable("a provider names no tenant")
    elif ours is UNKNOWN:
        yield not_known(("provider", _TENANT))
    elif theirs is UNKNOWN:
        yield Doubt(
            path=path_text(IMAGE_ID),
            cause=Cause.UNKNOWN,
            detail=f"is that of image version {called(image)}, whose provider.{_TENANT} "
            f"{NOT_KNOWN}",
        )
    elif ours != theirs:
        yield Finding(
            path=path_text(IMAGE_ID),
            actual=f"image version {called(image)}, made in another tenant than the pool",
            needed="an image of the pool's own tenant",
        )


def _one_tenant_only(resource: Resource, _: Context) -> Iterator[Outcome]:
    if resource.type == tokens.ROLE_ASSIGNMENT:
        delegated = presence(resource.props, _DELEGATED)
        if delegated is UNKNOWN:
            yield not_known((_DELEGATED,))
        elif delegated is True:
            yield Finding(path=_DELEGATED, actual="set", needed="absent")
        return
    if resource.provider is None:
        yield NotApplicable("no provider is shown")
        return
    tenants = read(resource.provider.props, _AUXILIARY)
    if tenants is UNKNOWN:
        yield not_known(("provider", _AUXILIARY))
    elif _holds_some(tenants):
        yield Finding(path=f"provider.{_AUXILIARY}", actual="set", needed="absent")


def _holds_some(tenants: Any) -> bool:
    """Whether there are auxiliary tenants; providers carry lists as JSON texts."""
    if isinstance(tenants, str):
        try:
            tenants = json.loads(tenants)
        except ValueError:
            return bool(tenants.strip())
    return bool(presence({"tenants": tenants}, "tenants") is True)


def _abroad(subscription: str) -> tuple[Sample, ...]:
    """Return a pool in one subscription whose image is in `subscription`, and their provider."""
    image_id = examples.VERSION_ID.replace(HOME, subscription)
    pool = replace(examples.pool({"imageReference.id": image_id}), provider="home")
    return closed(provider("home", subscriptionId=HOME), pool)


def _tenants(ours: str, theirs: str) -> tuple[Sample, ...]:
    return closed(
        provider("ours", tenantId=ours),
        provider("theirs", tenantId=theirs),
        replace(examples.version(), provider="theirs"),
        replace(examples.pool(), provider="ours"),
    )


CROSS_SUBSCRIPTION_REGISTERED = StackRule(
    id="cross-subscription-registered",
    summary="Microsoft.Batch is registered in the subscription of a pool's image.",
    why="An image from another subscription can be used only if the resource provider "
    "Microsoft.Batch is registered there; else making the pool fails. No input shows registration.",
    remedy="Run `az provider register --namespace Microsoft.Batch --subscription <id>`, then list "
    "the subscription in registeredSubscriptions of this rule.",
    sentences=("D27",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_registered,
    options=(_REGISTERED,),
    good=_abroad(HOME),
    bad=_abroad(ABROAD),
)

SAME_TENANT = StackRule(
    id="same-tenant",
    summary="A pool and its image version belong to one Microsoft Entra tenant.",
    why="Both subscriptions must belong to the same tenant; Batch reaches no image in another.",
    remedy="Copy the image into a gallery of the pool's tenant and start from that version.",
    sentences=("D28",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_same_tenant,
    good=_tenants(HOME, HOME),
    bad=_tenants(HOME, ABROAD),
)

SAME_TENANT_AUXILIARY = Rule(
    id="same-tenant-auxiliary",
    summary="Pools and role assignments reach into no other Microsoft Entra tenant.",
    why="Auxiliary tenants of a provider, and a delegated identity of an assignment, are made for "
    "work across tenants, which images of Batch pools do not allow.",
    remedy="Leave out auxiliaryTenantIds and delegatedManagedIdentityResourceId.",
    sentences=("D28",),
    types=frozenset({tokens.BATCH_POOL, tokens.ROLE_ASSIGNMENT}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_one_tenant_only,
    good=(Sample(type=tokens.ROLE_ASSIGNMENT, props={"scope": examples.GALLERY_ID}),),
    bad=(
        Sample(
            type=tokens.ROLE_ASSIGNMENT,
            props={"scope": examples.GALLERY_ID, _DELEGATED: examples.MACHINE_ID},
        ),
    ),
)

RULES = (CROSS_SUBSCRIPTION_REGISTERED, SAME_TENANT, SAME_TENANT_AUXILIARY)
