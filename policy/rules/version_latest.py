"""The rule about versions that `latest` leaves out although a pool runs the latest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from imagefleet.domain import arm_ids, regions
from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, count, flag, path_text, text
from rules.conditions import not_known
from rules.lineage import IMAGE_REFERENCE
from rules.lineage_samples import DEFINITION, IMAGE, VERSION, changed
from rules.once import once
from rules.stack import External
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Sample,
    Severity,
    StackRule,
)
from rules.wording import called
from rules.wording import region as shown_region

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.stack import Stack

_ID: Final[Path] = (*IMAGE_REFERENCE, "id")
_REGIONS: Final[Path] = ("publishingProfile", "targetRegions")
_GLOBAL: Final[Path] = ("publishingProfile", "excludeFromLatest")
_LATEST: Final = "/versions/latest"


@dataclass(frozen=True, slots=True)
class _Floating:
    """The pools that run, or may run, whatever version is the latest, in the stack's order.

    With their place in the stack; those that are known to by the URN of their definition.
    """

    known: Mapping[str, list[tuple[int, Resource]]]
    possible: list[tuple[int, Resource]]

    def on(self, definition: Resource) -> list[tuple[Resource, bool]]:
        """Return the pools that may run the definition's latest, and whether that is known."""
        known = [(*entry, True) for entry in self.known.get(definition.urn, ())]
        possible = [(*entry, False) for entry in self.possible]
        both = sorted(known + possible, key=lambda entry: entry[0])
        return [(pool, sure) for _, pool, sure in both]


def _floating(stack: Stack) -> _Floating:
    """Look at every pool once: doing so for each version would be quadratic in the stack."""
    known: dict[str, list[tuple[int, Resource]]] = defaultdict(list)
    possible: list[tuple[int, Resource]] = []
    for place, pool in enumerate(stack.of_types((tokens.BATCH_POOL,))):
        urns = _latest_of(pool, stack)
        if urns is UNKNOWN:
            possible.append((place, pool))
            continue
        for urn in urns:
            known[urn].append((place, pool))
    return _Floating(known, possible)


def _latest_of(pool: Resource, stack: Stack) -> frozenset[str] | Literal[Missing.UNKNOWN]:
    """Return the URNs of what a pool runs the latest version of, none if it names a version."""
    value = text(pool.props, *_ID)
    if value is UNKNOWN:
        kinds = (tokens.GALLERY_IMAGE_VERSION, tokens.GALLERY_IMAGE)
        sources = stack.sources(pool, IMAGE_REFERENCE[0], kinds)
        return frozenset(one.urn for one in sources) if sources else UNKNOWN
    if not isinstance(value, str):
        return frozenset()
    stripped = value.strip().rstrip("/")
    if stripped.casefold().endswith(_LATEST):
        stripped = stripped[: -len(_LATEST)]
    parsed = arm_ids.try_parse(stripped)
    if parsed is None or not parsed.is_a(arm_ids.IMAGE_DEFINITION):
        return frozenset()
    found = stack.named(stripped, pool, IMAGE_REFERENCE[0], (tokens.GALLERY_IMAGE,))
    if found is UNKNOWN:
        return UNKNOWN
    return frozenset((found.urn,)) if isinstance(found, Resource) else frozenset()


def _region_of(pool: Resource, stack: Stack) -> str | Doubt:
    """Return the region of a pool, which is its account's."""
    account = stack.owner(pool, tokens.BATCH_ACCOUNT)
    if isinstance(account, Resource):
        location = text(account.props, "location")
        if isinstance(location, str):
            return regions.normalise(location)
    outside = isinstance(account, External)
    return Doubt(
        path="publishingProfile",
        cause=Cause.EXTERNAL if outside else Cause.UNKNOWN,
        detail=f"is judged by the region of pool {called(pool)}, whose account is "
        + ("outside the stack" if outside else "not known before deployment"),
    )


def _excluded(version: Resource, region: str) -> tuple[Path, bool | Missing]:
    """Return whether `latest` leaves the version out in a region, and where it says so."""
    targets = count(version.props, *_REGIONS)
    if targets is UNKNOWN:
        return _REGIONS, UNKNOWN
    for index in range(targets if isinstance(targets, int) else 0):
        name = text(version.props, *_REGIONS, index, "name")
        path = (*_REGIONS, index, "excludeFromLatest")
        if name is UNKNOWN:
            return (*_REGIONS, index, "name"), UNKNOWN
        if isinstance(name, str) and regions.normalise(name) == region:
            value = flag(version.props, *path)
            if value is not ABSENT:
                return path, value
    return _GLOBAL, flag(version.props, *_GLOBAL)


def _not_excluded(version: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    definition = stack.owner(version, tokens.GALLERY_IMAGE)
    if not isinstance(definition, Resource):
        yield (
            not_known(("galleryImageName",))
            if definition is UNKNOWN
            else NotApplicable("the definition is outside the stack, and so are those that use it")
        )
        return
    floating = once(stack, _floating).on(definition)
    if not floating:
        yield NotApplicable("no pool of the stack runs the latest version of this image")
    for pool, sure in floating:
        region = _region_of(pool, stack)
        if isinstance(region, Doubt):
            yield region
            continue
        path, excluded = _excluded(version, region)
        if excluded is UNKNOWN or (excluded is True and not sure):
            yield not_known(path)
        elif excluded is True:
            yield Finding(
                path=path_text(path),
                actual="true",
                needed=f"false in {shown_region(region)}, where pool {called(pool)} runs the "
                "latest",
            )


_ACCOUNT = Sample(
    name="account",
    type=tokens.BATCH_ACCOUNT,
    props={
        "accountName": "fleet",
        "resourceGroupName": "fleet",
        "location": "chinanorth3",
        "allowedAuthenticationModes": ["AAD"],
    },
)
_GALLERY_IDS = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"


def _pool(image: str) -> Sample:
    return Sample(
        name="pool",
        type=tokens.BATCH_POOL,
        props={
            "poolName": "render",
            "accountName": "fleet",
            "resourceGroupName": "fleet",
            "deploymentConfiguration": {
                "virtualMachineConfiguration": {
                    "imageReference": {"id": f"{_GALLERY_IDS}{image}"},
                    "nodeAgentSkuId": "batch.node.ubuntu 24.04",
                }
            },
        },
        depends={"accountName": ("account",), "deploymentConfiguration": ("definition",)},
    )


_IMAGE_ID = "/providers/Microsoft.Compute/galleries/fleet/images/render"


def example(*, excluded: bool, image: str = _IMAGE_ID) -> tuple[Sample, ...]:
    """Return a stack whose pool runs `image`, the latest by default."""
    version = changed(
        VERSION,
        publishingProfile={"targetRegions": [{"name": "China North 3"}]}
        | ({"excludeFromLatest": True} if excluded else {}),
    )
    return (IMAGE_WITHOUT_SOURCE, DEFINITION, version, _ACCOUNT, _pool(image))


IMAGE_WITHOUT_SOURCE = Sample(name="image", type=tokens.MANAGED_IMAGE, props=IMAGE.props)

VERSION_EXCLUDED_FROM_LATEST = StackRule(
    id="version-excluded-from-latest",
    summary="A version is not left out of `latest` in a region whose pools run the latest.",
    why="Such a pool goes on starting an older version there, and nothing says so.",
    remedy="Delete excludeFromLatest, or name the version in the pool's image id.",
    sentences=(),
    types=frozenset({tokens.GALLERY_IMAGE_VERSION}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_not_excluded,
    good=example(excluded=False),
    # its pool names no version, which the mandatory pool-version-pinned refuses too
    bad=example(excluded=True),
)

RULES = (VERSION_EXCLUDED_FROM_LATEST,)
