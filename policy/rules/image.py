"""Rules about image definitions (`compute:GalleryImage`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import security
from imagefleet.domain.findings import Doubt, Finding
from imagefleet.domain.security import SecurityType
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, count, path_text, text
from rules.conditions import must_be, not_known, shown
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

OS_STATES = ("Generalized", "Specialized")
_STANDARD = {"name": "SecurityType", "value": "Standard"}
_GOOD = {"osState": "Generalized", "hyperVGeneration": "V2", "features": [_STANDARD]}


def _generalized(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    yield from must_be(resource, ("osState",), "Generalized", OS_STATES)


def _standard_security(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    features = count(resource.props, "features")
    if features is UNKNOWN:
        yield not_known(("features",))
        return
    stated = False
    for index in range(features if isinstance(features, int) else 0):
        name = text(resource.props, "features", index, "name")
        if name is UNKNOWN:
            stated = True  # it may be the entry that matters
            yield not_known(("features", index, "name"))
        elif isinstance(name, str) and security.is_security_type_feature(name):
            path = ("features", index, "value")
            value = text(resource.props, *path)
            stated = stated or value is not ABSENT
            if value is UNKNOWN:
                yield not_known(path)
            elif isinstance(value, str) and not security.is_standard(value):
                yield Finding(
                    path=path_text(path),
                    actual=shown(value, security.SECURITY_TYPES),
                    needed="Standard",
                )
    if not stated:
        yield from _safe_default(resource)


def _safe_default(resource: Resource) -> Iterator[Finding | Doubt]:
    """Judge a definition that states no security type by what its API version makes of it."""
    if not security.absent_means_trusted_launch(resource.api_version):
        return
    generation = text(resource.props, "hyperVGeneration")
    if generation is UNKNOWN:
        yield not_known(("hyperVGeneration",))
    elif generation is ABSENT or str(generation).strip().casefold() != "v1":
        yield Finding(
            path="features",
            actual=f"without SecurityType, which API {resource.api_version} reads as "
            f"{SecurityType.TRUSTED_LAUNCH_SUPPORTED}",
            needed="SecurityType Standard",
        )


IMAGE_GENERALIZED = Rule(
    id="image-generalized",
    summary="An image definition for Batch pools is generalized.",
    why="Batch gives every node of a pool its own identity, which only a generalized operating "
    "system takes. A pool cannot be made from a specialized image at all.",
    remedy="Make a new definition with osState Generalized and put generalized sources into it; "
    "the state of an existing definition cannot be changed.",
    sentences=("D37", "D38"),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_generalized,
    good=(Sample(type=tokens.GALLERY_IMAGE, props=_GOOD),),
    bad=(Sample(type=tokens.GALLERY_IMAGE, props=_GOOD | {"osState": "Specialized"}),),
)

IMAGE_NO_TRUSTED_LAUNCH = Rule(
    id="image-no-trusted-launch",
    summary="An image definition has the standard security type.",
    why="Batch does not support Trusted Launch, and a definition of a locked type (TrustedLaunch, "
    "ConfidentialVM) starts no standard machine. The ...Supported types are refused too: the "
    "document asks for the standard type.",
    remedy="Set features to an entry {name: SecurityType, value: Standard} when the definition is "
    "made; an existing one has to be made anew.",
    sentences=("D19", "D20"),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard_security,
    good=(Sample(type=tokens.GALLERY_IMAGE, props=_GOOD),),
    bad=(
        Sample(
            type=tokens.GALLERY_IMAGE,
            props=_GOOD | {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]},
        ),
    ),
)
