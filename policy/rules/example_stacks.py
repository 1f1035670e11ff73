"""Small stacks of the documentation's examples: account, image version, pools, and who gets what.

They are built on `examples`; what a sample depends on outside its stack is left out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids
from rules import examples, tokens
from rules.verdicts import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP_ID: Final = examples.GALLERY_ID.partition("/providers/")[0]
HOME: Final = GROUP_ID.split("/")[2]
ABROAD: Final = "22222222-2222-4222-8222-222222222222"
CUSTOM_ROLE: Final = "44444444-4444-4444-8444-444444444444"
_PRINCIPAL: Final = "33333333-3333-4333-8333-333333333333"


def closed(*samples: Sample) -> tuple[Sample, ...]:
    """Return the samples, each with those dependencies alone that are among them."""
    names = {sample.name for sample in samples}
    return tuple(
        replace(
            sample,
            depends={
                key: kept
                for key, listed in sample.depends.items()
                if (kept := tuple(name for name in listed if name in names))
            },
        )
        for sample in samples
    )


def account(region: str) -> Sample:
    """Return the account of the example's pool, in that region."""
    props = {"accountName": "fleet", "resourceGroupName": "fleet", "location": region}
    return Sample(type=tokens.BATCH_ACCOUNT, name="account", props=props)


def replicated(region: str, replicas: int) -> Sample:
    """Return the example's image version, homed and replicated in one region."""
    target = {"name": region, "regionalReplicaCount": replicas}
    return examples.version({"location": region, "publishingProfile": {"targetRegions": [target]}})


def sized(nodes: int, name: str = "pool") -> Sample:
    """Return the example's pool with that many nodes."""
    pool = examples.pool(
        {"/scaleSettings.fixedScale.targetDedicatedNodes": nodes, "/poolName": name}
    )
    return replace(pool, name=name, depends={**pool.depends, "accountName": ("account",)})


def assigned(
    role: str,
    scope: str = examples.GALLERY_ID,
    principal_type: str | None = "ServicePrincipal",
) -> Sample:
    """Return an assignment of the role with this GUID."""
    typed = {} if principal_type is None else {"principalType": principal_type}
    return Sample(
        type=tokens.ROLE_ASSIGNMENT,
        name="grant",
        props={
            "principalId": _PRINCIPAL,
            "roleDefinitionId": f"/providers/{arm_ids.ROLE_DEFINITION}/{role}",
            "scope": scope,
            **typed,
        },
    )


def custom_role(actions: Iterable[str]) -> Sample:
    """Return a custom role of the stack that allows `actions` in the gallery's group."""
    return Sample(
        type=tokens.ROLE_DEFINITION,
        name="role",
        props={
            "roleDefinitionId": CUSTOM_ROLE,
            "roleName": "image user",
            "permissions": [{"actions": list(actions)}],
            "assignableScopes": [GROUP_ID],
            "scope": GROUP_ID,
        },
    )


def provider(name: str, **settings: str) -> Sample:
    """Return an explicit provider with these settings."""
    return Sample(type=tokens.PROVIDER, name=name, props=settings)
