"""Rules about image definitions (`compute:GalleryImage`): their state and security type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import image_security, security
from imagefleet.domain.findings import Doubt, Finding
from imagefleet.domain.fleet import Generation
from imagefleet.domain.image_words import GENERATIONS
from imagefleet.domain.lineage import OsState
from imagefleet.domain.security import SECURITY_TYPES, SUPPORTED_TYPES, SecurityType
from rules import tokens
from rules.canonical import (
    ABSENT,
    API_VERSION,
    UNKNOWN,
    Missing,
    Path,
    Resource,
    count,
    path_text,
    text,
)
from rules.conditions import must_be, not_known, shown
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OS_STATES = tuple(state.value for state in OsState)
JUDGED_ALONG_LINEAGE = NotApplicable(
    "edition global allows the type where the whole lineage has it: image-security-type-agrees"
)
ONLY_GLOBAL = NotApplicable("edition china: the mandatory rule judges it")
_GENERATION = ("hyperVGeneration",)
_STATED = f"SecurityType {SecurityType.STANDARD}"
_STANDARD = {"name": "SecurityType", "value": "Standard"}
_GOOD = {
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "features": [_STANDARD],
}


def security_entries(resource: Resource) -> Iterator[tuple[Path, str | Missing]]:
    """Yield where a definition states its security type, with the text, `ABSENT` or `UNKNOWN`.

    What may be such an entry is yielded as unknown, with the path that stands in the way.
    """
    features = count(resource.props, "features")
    if features is UNKNOWN:
        yield ("features",), UNKNOWN
    for index in range(features if isinstance(features, int) else 0):
        name = text(resource.props, "features", index, "name")
        if name is UNKNOWN:
            yield ("features", index, "name"), UNKNOWN
        elif isinstance(name, str) and security.is_security_type_feature(name):
            path = ("features", index, "value")
            yield path, text(resource.props, *path)


def generation_of(resource: Resource) -> Generation | str | Missing:
    """Return a definition's generation, its API's default if absent; a text that is none as is."""
    stated = text(resource.props, *_GENERATION)
    if stated is ABSENT:
        if resource.api_version is UNKNOWN:
            return UNKNOWN
        return image_security.default_generation(resource.api_version)
    if stated is UNKNOWN:
        return UNKNOWN
    words = {word.value.casefold(): word for word in Generation}
    return words.get(stated.strip().casefold(), stated)


def _generalized(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    yield from must_be(resource, ("osState",), "Generalized", OS_STATES)


def _standard_security(resource: Resource, context: Context) -> Iterator[Outcome]:
    china = context.edition is Edition.CHINA
    stated = False
    for path, value in security_entries(resource):
        stated = stated or value is not ABSENT
        if value is UNKNOWN:
            yield not_known(path)
        elif isinstance(value, str) and not security.is_standard(value):
            if not china and security.security_type(value) is not None:
                yield JUDGED_ALONG_LINEAGE
                continue
            yield Finding(
                path=path_text(path),
                actual=shown(value, SECURITY_TYPES),
                needed="Standard" if china else "a security type that Azure has",
            )
    if china and not stated:
        yield from _safe_default(resource)


def _safe_default(resource: Resource) -> Iterator[Finding | Doubt]:
    """Judge a definition that states no security type by what its API version makes of it."""
    version = resource.api_version
    if version is not UNKNOWN and not security.absent_means_trusted_launch(version):
        return
    generation = generation_of(resource)
    if generation == Generation.V1:
        return
    if version is UNKNOWN:
        yield not_known(API_VERSION)
    elif generation is UNKNOWN:
        yield not_known(_GENERATION)
    else:
        day = str(version)[:10]  # what stands behind the day may be anything
        yield Finding(
            path="features",
            actual=f"without SecurityType, which API {day} reads as "
            f"{SecurityType.TRUSTED_LAUNCH_SUPPORTED}",
            needed="SecurityType Standard",
        )


def _not_supported_types(resource: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.CHINA:
        yield ONLY_GLOBAL
        return
    stated = False
    for path, value in security_entries(resource):
        stated = stated or value is not ABSENT
        if value is UNKNOWN:
            yield not_known(path)
        elif isinstance(value, str) and security.security_type(value) in SUPPORTED_TYPES:
            yield Finding(
                path=path_text(path),
                actual=shown(value, SECURITY_TYPES),
                needed="Standard, or the locked type that all pools have",
            )
    if not stated:
        yield from _safe_default(resource)


def _explicitness(resource: Resource, context: Context) -> Finding | Doubt | None:
    """Return what keeps a definition from having an explicit security type that is allowed."""
    values = list(security_entries(resource))
    for _, value in values:
        if isinstance(value, str) and (
            security.is_standard(value)
            or (context.edition is Edition.GLOBAL and security.security_type(value) is not None)
        ):
            return None
    for path, value in values:
        if value is UNKNOWN:
            return not_known(path)
    for path, value in values:
        if isinstance(value, str):
            return Finding(
                path=path_text(path), actual=shown(value, SECURITY_TYPES), needed=_STATED
            )
    return Finding(path="features", actual="without SecurityType", needed=_STATED)


def _explicit(resource: Resource, context: Context) -> Iterator[Outcome]:
    lacking = _explicitness(resource, context)
    generation = generation_of(resource)
    if lacking is None:
        return
    if generation is UNKNOWN:
        yield not_known(_GENERATION)
    elif generation == Generation.V1:
        yield NotApplicable("generation 1 has the standard type only")
    else:
        yield lacking


_REFUSED = security.LOCKED_TYPES | security.SUPPORTED_TYPES


def _generation_with_type(resource: Resource, context: Context) -> Iterator[Outcome]:
    generation = generation_of(resource)
    path = path_text(_GENERATION)
    if generation is UNKNOWN:
        yield not_known(_GENERATION)
    elif generation == Generation.V1:
        for place, value in security_entries(resource):
            if isinstance(value, str) and security.security_type(value) in _REFUSED:
                actual = f"V1 with {shown(value, SECURITY_TYPES)}"
                yield Finding(path=path, actual=actual, needed="V2, which that type takes")
            elif value is UNKNOWN:
                yield not_known(place)
    elif generation == Generation.V2:
        lacking = _explicitness(resource, context)
        if isinstance(lacking, Doubt):
            yield lacking
        elif lacking is not None:
            yield Finding(
                path=path, actual=f"V2 without {_STATED}", needed=f"V1, or V2 with {_STATED}"
            )
    else:
        yield Finding(path=path, actual=shown(str(generation), GENERATIONS), needed="V1 or V2")


def _definition(**changed: object) -> tuple[Sample, ...]:
    return (Sample(type=tokens.GALLERY_IMAGE, props=_GOOD | changed),)


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
    good=_definition(),
    bad=_definition(osState="Specialized"),
)

IMAGE_NO_TRUSTED_LAUNCH = Rule(
    id="image-no-trusted-launch",
    summary="An image definition has the standard security type.",
    why="Batch does not support Trusted Launch, and a definition of a locked type (TrustedLaunch, "
    "ConfidentialVM) starts no standard machine. The ...Supported types are refused too: the "
    "document asks for the standard type. In edition global only a type that Azure does not have "
    "is refused here; image-security-type-agrees and image-trusted-launch-supported judge the "
    "others.",
    remedy="Set features to an entry {name: SecurityType, value: Standard} when the definition is "
    "made; an existing one has to be made anew.",
    sentences=("D19", "D20"),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard_security,
    good=_definition(),
    bad=_definition(features=[{"name": "SecurityType", "value": "TrustedLaunch"}]),
)

IMAGE_TRUSTED_LAUNCH_SUPPORTED = Rule(
    id="image-trusted-launch-supported",
    summary="An image definition has no ...Supported security type (edition global).",
    why="Such an image still starts standard machines, but it takes fewer sources, and which "
    "type its machines get is left to the default of whoever makes them.",
    remedy="Set features to an entry {name: SecurityType, value: Standard}, or to the locked type "
    "that every pool of the image has.",
    sentences=("D19", "D20"),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_not_supported_types,
    # it judges in edition global alone, and examples are read in the default edition
    good=(),
    bad=(),
)

IMAGE_SECURITY_TYPE_EXPLICIT = Rule(
    id="image-security-type-explicit",
    summary="A definition of generation 2 says that its security type is the standard one.",
    why="What its absence means has changed with the API's versions, and tools that make "
    "definitions write Trusted Launch on their own.",
    remedy="Append {name: SecurityType, value: Standard} to features when the definition is made.",
    sentences=("D20",),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_explicit,
    good=_definition(),
    bad=_definition(features=None),
)

IMAGE_SECURITY_TYPE_GEN = Rule(
    id="image-security-type-gen",
    summary="A definition is of generation 1, or of generation 2 with an explicit security type.",
    why="Only generation 2 has security types besides the standard one, so it is the generation "
    "that makes a missing type matter. Absent means V1 before API 2025-03-03 and V2 from then on.",
    remedy="State hyperVGeneration, and SecurityType Standard with V2; neither can be changed "
    "afterwards.",
    sentences=("D20",),
    types=frozenset({tokens.GALLERY_IMAGE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_generation_with_type,
    good=_definition(),
    bad=_definition(features=None),
)

RULES = (
    IMAGE_GENERALIZED,
    IMAGE_NO_TRUSTED_LAUNCH,
    IMAGE_TRUSTED_LAUNCH_SUPPORTED,
    IMAGE_SECURITY_TYPE_EXPLICIT,
    IMAGE_SECURITY_TYPE_GEN,
)
