"""Stacks for rules between neighbours: resources with dependencies and explicit providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rules import Rule, StackRule, tokens
from rules.verdicts import Judgement, Sample
from tests.policy.judging import UNKNOWN, judge, stack_of
from tests.policy.places import places, put

__all__ = ["UNKNOWN", "stack_of"]

HOME = "11111111-1111-4111-8111-111111111111"
ABROAD = "22222222-2222-4222-8222-222222222222"
PRINCIPAL = "33333333-3333-4333-8333-333333333333"
GUID = "44444444-4444-4444-8444-444444444444"
GROUP = f"/subscriptions/{HOME}/resourceGroups/fleet"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
DEFINITION = f"{GALLERY}/images/render"
VERSION = f"{DEFINITION}/versions/1.0.0"
EXTERNAL_VERSION = VERSION.replace("galleries/fleet", "galleries/packer")


def answers(rule: Rule | StackRule, *samples: Sample, **options: Any) -> dict[str, Judgement]:
    """A rule's answers on every sample that it is about, by name."""
    return judge(rule, *samples, options=options).answers


def verdict(rule: Rule | StackRule, *samples: Sample, **options: Any) -> str:
    """The worst verdict of a rule on a stack."""
    return judge(rule, *samples, options=options).verdict


def findings(rule: Rule | StackRule, *samples: Sample, **options: Any) -> list[str]:
    return judge(rule, *samples, options=options).findings


def doubts(rule: Rule | StackRule, *samples: Sample, **options: Any) -> list[str]:
    return judge(rule, *samples, options=options).doubts


def with_unknowns(samples: tuple[Sample, ...]) -> Iterable[tuple[Sample, ...]]:
    """The same stack once for every place of every sample, with an unknown there."""
    return with_odd_values(samples, UNKNOWN)


def with_odd_values(samples: tuple[Sample, ...], odd: Any) -> Iterable[tuple[Sample, ...]]:
    """The same stack once for every place of every sample, with `odd` there."""
    for index, sample in enumerate(samples):
        for path, _ in places(sample.props):
            changed = replace(sample, props=put(sample.props, path, odd))
            yield (*samples[:index], changed, *samples[index + 1 :])


def account(location: Any = "westeurope", name: str = "account", **props: Any) -> Sample:
    base = {"accountName": "fleet", "resourceGroupName": "fleet", "location": location}
    return Sample(type=tokens.BATCH_ACCOUNT, name=name, props={**base, **props})


def version(
    regions: dict[str, Any] | None = None, *, name: str = "version", **props: Any
) -> Sample:
    """A version with replicas by region."""
    listed = [{"name": key, "regionalReplicaCount": n} for key, n in (regions or {}).items()]
    base = {
        "galleryName": "fleet",
        "galleryImageName": "render",
        "galleryImageVersionName": "1.0.0",
        "resourceGroupName": "fleet",
        "location": "westeurope",
        "publishingProfile": {"targetRegions": listed},
    }
    return Sample(type=tokens.GALLERY_IMAGE_VERSION, name=name, props={**base, **props})


def pool(
    nodes: Any = 10,
    *,
    name: str = "pool",
    image: Any = VERSION,
    depends: dict[str, tuple[str, ...]] | None = None,
    **props: Any,
) -> Sample:
    """A fixed pool that names its version by id; dependencies are what a test adds."""
    machine = {"imageReference": {"id": image}, "nodeAgentSkuId": "batch.node.ubuntu 24.04"}
    base = {
        "poolName": name,
        "accountName": "fleet",
        "resourceGroupName": "fleet",
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
    }
    return Sample(type=tokens.BATCH_POOL, name=name, props={**base, **props}, depends=depends or {})


def assignment(
    role: Any,
    scope: Any = GALLERY,
    *,
    name: str = "grant",
    provider: str | None = None,
    **props: Any,
) -> Sample:
    """An assignment of a role, by GUID or by what is not a text of hex digits as it is."""
    named = f"/providers/Microsoft.Authorization/roleDefinitions/{role}"
    base = {
        "principalId": PRINCIPAL,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": UNKNOWN if role == UNKNOWN else named,
        "scope": scope,
    }
    depends = props.pop("depends", {})
    return Sample(
        type=tokens.ROLE_ASSIGNMENT,
        name=name,
        props={**base, **props},
        depends=depends,
        provider=provider,
    )


def role(*permissions: Any, name: str = "role", **props: Any) -> Sample:
    """A custom role of these blocks, assignable in the gallery's group."""
    base = {
        "roleDefinitionId": GUID,
        "roleName": "image user",
        "permissions": list(permissions),
        "assignableScopes": [GROUP],
        "scope": GROUP,
    }
    return Sample(type=tokens.ROLE_DEFINITION, name=name, props={**base, **props})
