"""Rules about an image's terms: third-party purchase plans, and how long an image is meant to live.

A plan is looked for in definitions and snapshots, and in machines and disks that images are made
from; other machines and disks are nobody's business here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.dates import day_of
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.builder import BUILDERS, is_builder
from rules.canonical import UNKNOWN, Path, path_text, text
from rules.conditions import must_be_absent, not_known
from rules.image import ONLY_GLOBAL
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource
    from rules.stack import Stack

_MACHINES = frozenset({tokens.VIRTUAL_MACHINE, tokens.DISK})
_WITH_PLAN = _MACHINES | {tokens.GALLERY_IMAGE, tokens.SNAPSHOT}
_END_OF_LIFE = {
    tokens.GALLERY_IMAGE: ("endOfLifeDate",),
    tokens.GALLERY_IMAGE_VERSION: ("publishingProfile", "endOfLifeDate"),
}


def _feeds_an_image(resource: Resource, stack: Stack, context: Context) -> bool:
    if resource.type == tokens.VIRTUAL_MACHINE:
        return is_builder(resource, stack, context)
    return resource.urn in stack.captured or any(
        is_builder(machine, stack, context)
        for machine in stack.dependants(resource, (tokens.VIRTUAL_MACHINE,))
    )


def _planless(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if resource.type in _MACHINES and not _feeds_an_image(resource, stack, context):
        yield NotApplicable("no image is made from it")
        return
    plan: Path = ("plan",) if resource.type == tokens.VIRTUAL_MACHINE else ("purchasePlan",)
    yield from must_be_absent(resource, plan)


def _no_plan(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield NotApplicable("edition global allows a plan, see image-purchase-plan-noted")
        return
    yield from _planless(resource, stack, context)


def _plan_noted(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.CHINA:
        yield ONLY_GLOBAL
        return
    yield from _planless(resource, stack, context)


def _not_expired(resource: Resource, context: Context) -> Iterator[Outcome]:
    path = _END_OF_LIFE[resource.type]
    value = text(resource.props, *path)
    if value is UNKNOWN:
        yield not_known(path)
    elif isinstance(value, str):
        day = day_of(value)
        if day is None:
            yield Finding(
                path=path_text(path), actual="a text that is no date", needed="an ISO 8601 date"
            )
        elif day <= context.today:
            yield Finding(
                path=path_text(path),
                actual=f"{day}, which has come",
                needed="absent or in the future",
            )


_DEFINITION = {
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "features": [{"name": "SecurityType", "value": "Standard"}],
}

IMAGE_NO_PURCHASE_PLAN = StackRule(
    id="image-no-purchase-plan",
    summary="Neither an image nor what it is made from has a purchase plan.",
    why="The document allows no third-party images with licence and purchase terms as the base: "
    "every node would have to accept the terms.",
    remedy="Build from a first-party image without a plan and leave out purchasePlan (plan of a "
    "machine).",
    sentences=("D43",),
    types=_WITH_PLAN,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_no_plan,
    good=(Sample(type=tokens.GALLERY_IMAGE, props=_DEFINITION),),
    bad=(
        Sample(
            type=tokens.GALLERY_IMAGE,
            props=_DEFINITION
            | {"purchasePlan": {"name": "plan", "publisher": "publisher", "product": "product"}},
        ),
    ),
    options=(BUILDERS,),
)

IMAGE_PURCHASE_PLAN_NOTED = StackRule(
    id="image-purchase-plan-noted",
    summary="An image with a purchase plan is a decision someone took (edition global).",
    why="The global text allows a plan if the definition carries exactly that of the base image; "
    "whether it is the same, and whether the terms are accepted, no input shows.",
    remedy="Compare the plan with the base image's and accept its terms in the subscription of "
    "the pools, or build from an image without a plan.",
    sentences=("D43",),
    types=_WITH_PLAN,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_plan_noted,
    # it judges in edition global alone, and examples are read in the default edition
    good=(),
    bad=(),
    options=(BUILDERS,),
)

IMAGE_NOT_EXPIRED = Rule(
    id="image-not-expired",
    summary="An image has not reached the end of its life.",
    why="Azure goes on making machines from it, so nobody notices that it is no longer cared for.",
    remedy="Publish a newer version and move the pools to it, or set a later endOfLifeDate.",
    sentences=(),
    types=frozenset(_END_OF_LIFE),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_not_expired,
    good=(
        Sample(
            type=tokens.GALLERY_IMAGE, props=_DEFINITION | {"endOfLifeDate": "9000-01-01T00:00:00Z"}
        ),
    ),
    bad=(
        Sample(
            type=tokens.GALLERY_IMAGE, props=_DEFINITION | {"endOfLifeDate": "2020-01-01T00:00:00Z"}
        ),
    ),
)

RULES = (IMAGE_NO_PURCHASE_PLAN, IMAGE_PURCHASE_PLAN_NOTED, IMAGE_NOT_EXPIRED)
