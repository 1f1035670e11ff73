"""Rules about the regions of image versions and of the pools that start from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import regions
from imagefleet.domain.findings import Doubt, Finding
from rules import demand, tokens, wording
from rules.canonical import UNKNOWN, Resource, path_text, text
from rules.conditions import not_known
from rules.demand import IMAGE_ID
from rules.example_stacks import account, closed, replicated, sized
from rules.target_regions import REGIONS, targets
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.stack import Stack
    from rules.target_regions import Target

_LOCATION = ("location",)
_SHOWN = 6


def _in_account_region(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    version = demand.image_of(pool, stack)
    if not isinstance(version, Resource):
        yield demand.no_image(version)
        return
    region = demand.region_of(pool, stack)
    if isinstance(region, Doubt):
        yield region
        return
    found = targets(version)
    if found is UNKNOWN:
        yield _open(version)
        return
    names = [target.name for target in found]
    if region in names:
        return
    if None in names:
        yield _open(version)
        return
    yield Finding(
        path=path_text(IMAGE_ID),
        actual=f"image version {wording.called(version)} with replicas in {_listed(found)}",
        needed=f"one with a replica in {wording.region(region)}, the region of the pool's account",
    )


def _open(version: Resource) -> Doubt:
    """The doubt about a pool whose version's regions are not known yet."""
    doubt = not_known(REGIONS)
    return Doubt(
        path=path_text(IMAGE_ID),
        cause=doubt.cause,
        detail=f"is the id of version {wording.called(version)}, whose {doubt.path} {doubt.detail}",
    )


def _listed(found: Sequence[Target]) -> str:
    names = [wording.region(target.name) for target in found]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else "no region"


def _own_region(version: Resource, _: Context) -> Iterator[Outcome]:
    place = text(version.props, *_LOCATION)
    found = targets(version)
    if found is not UNKNOWN and [target.path for target in found][:1] == [
        ("publishingProfile", "replicaCount")
    ]:
        yield NotApplicable("the version lists no regions, so it has but its own")
    elif not isinstance(place, str):
        # absent, the provider takes the location from its settings or from the resource group
        yield not_known(_LOCATION)
    elif found is UNKNOWN:
        yield not_known(REGIONS)
    elif regions.normalise(place) not in {target.name for target in found}:
        if any(target.name is None for target in found):
            yield not_known(REGIONS)
            return
        yield Finding(
            path=path_text(REGIONS),
            actual=f"without {wording.region(place)}, the version's own region",
            needed="a list that names it too",
        )


def _samples(region: str) -> tuple[Sample, ...]:
    return closed(account("West Europe"), replicated(region, 2), sized(10))


def _version(*names: str) -> tuple[Sample, ...]:
    profile = {"targetRegions": [{"name": name} for name in names]}
    props = {"location": "westeurope", "publishingProfile": profile}
    return (Sample(type=tokens.GALLERY_IMAGE_VERSION, props=props),)


REPLICA_IN_ACCOUNT_REGION = StackRule(
    id="replica-in-account-region",
    summary="A pool's image version has a replica in the region of the pool's account.",
    why="Batch starts nodes from replicas in the account's own region only; the image may lie in "
    "another one, but without a replica there the pool cannot be made.",
    remedy="Add the account's region to publishingProfile.targetRegions of the image version.",
    sentences=("D29",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_in_account_region,
    good=_samples("westeurope"),
    bad=_samples("northeurope"),
)

VERSION_OWN_REGION = Rule(
    id="version-own-region",
    summary="The target regions of an image version contain its own region.",
    why="The service makes a version in its own region first and copies it from there; it refuses "
    "a list of regions without it.",
    remedy="Add the version's location to publishingProfile.targetRegions.",
    sentences=(),
    types=frozenset({tokens.GALLERY_IMAGE_VERSION}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_own_region,
    good=_version("West Europe", "northeurope"),
    bad=_version("northeurope"),
)

RULES = (REPLICA_IN_ACCOUNT_REGION, VERSION_OWN_REGION)
