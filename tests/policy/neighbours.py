"""Stacks for rules between neighbours: resources with dependencies and explicit providers."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from rules import tokens
from rules.canonical import Provider, Resource
from rules.stack import Stack
from rules.verdicts import Judgement, Rule, Sample, StackRule

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
HOME = "11111111-1111-4111-8111-111111111111"
ABROAD = "22222222-2222-4222-8222-222222222222"
PRINCIPAL = "33333333-3333-4333-8333-333333333333"
GUID = "44444444-4444-4444-8444-444444444444"
GROUP = f"/subscriptions/{HOME}/resourceGroups/fleet"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
DEFINITION = f"{GALLERY}/images/render"
VERSION = f"{DEFINITION}/versions/1.0.0"
EXTERNAL_VERSION = VERSION.replace("galleries/fleet", "galleries/packer")


def urn(sample: Sample) -> str:
    return f"urn:pulumi:dev::fleet::{sample.type}::{sample.name}"


def api_version(sample: Sample) -> str | None:
    """The version that a resource states, as the pack reads it: an unknown one is not read."""
    stated = sample.props.get("azureApiVersion", UNKNOWN)
    return stated if isinstance(stated, str) and stated != UNKNOWN else None


def stack_of(samples: Iterable[Sample]) -> Stack:
    """The stack that the pack would build of these samples."""
    listed = tuple(samples)
    urns = {sample.name: urn(sample) for sample in listed}
    providers = {
        sample.name: Provider(urn=urn(sample), type=sample.type, props=sample.props)
        for sample in listed
        if sample.type == tokens.PROVIDER
    }
    return Stack(
        resources={
            urn(sample): Resource(
                urn=urn(sample),
                name=sample.name,
                type=tokens.parse(sample.type).canonical,
                token=sample.type,
                api_version=api_version(sample),
                props=sample.props,
                provider=providers.get(sample.provider or ""),
                ignore_changes=sample.ignore_changes,
                protect=sample.protect,
            )
            for sample in listed
        },
        property_dependencies={
            urn(sample): {
                key: [urns[name] for name in names if name in urns]
                for key, names in sample.depends.items()
            }
            for sample in listed
        },
    )


def answers(rule: Rule | StackRule, *samples: Sample, **options: Any) -> dict[str, Judgement]:
    """A rule's answers on every sample that it is about, by name."""
    stack = stack_of(samples)
    context = rule.context(options)
    return {
        one.name: rule.judge(one, context)
        if isinstance(rule, Rule)
        else rule.judge(one, stack, context)
        for one in stack.resources.values()
        if rule.concerns(one)
    }


def verdict(rule: Rule | StackRule, *samples: Sample, **options: Any) -> str:
    """The worst verdict of a rule on a stack."""
    found = {answer.verdict.value for answer in answers(rule, *samples, **options).values()}
    order = ("fail", "undecided", "pass", "not-applicable")
    return next((one for one in order if one in found), "not-applicable")


def findings(rule: Rule | StackRule, *samples: Sample, **options: Any) -> list[str]:
    return [
        str(one)
        for answer in answers(rule, *samples, **options).values()
        for one in answer.findings
    ]


def doubts(rule: Rule | StackRule, *samples: Sample, **options: Any) -> list[str]:
    return [
        str(one) for answer in answers(rule, *samples, **options).values() for one in answer.doubts
    ]


def with_unknowns(samples: tuple[Sample, ...]) -> Iterable[tuple[Sample, ...]]:
    """The same stack once for every place of every sample, with an unknown there."""
    for index, sample in enumerate(samples):
        for props in _replaced(sample.props, UNKNOWN):
            yield (*samples[:index], replace(sample, props=props), *samples[index + 1 :])


def with_odd_values(samples: tuple[Sample, ...], odd: Any) -> Iterable[tuple[Sample, ...]]:
    """The same stack once for every place of every sample, with `odd` there."""
    for index, sample in enumerate(samples):
        for props in _replaced(sample.props, odd):
            yield (*samples[:index], replace(sample, props=props), *samples[index + 1 :])


def _replaced(value: Any, by: Any) -> Iterable[Any]:
    for step in list(value) if isinstance(value, dict) else range(len(value)):
        changed = deepcopy(dict(value) if isinstance(value, dict) else list(value))
        changed[step] = by
        yield changed
        if isinstance(value[step], dict | list):
            for inner in _replaced(value[step], by):
                changed = deepcopy(dict(value) if isinstance(value, dict) else list(value))
                changed[step] = inner
                yield changed


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
