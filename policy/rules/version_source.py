"""Rules about what an image version is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagefleet.domain import image_words, lineage
from imagefleet.domain.findings import Finding
from imagefleet.domain.lineage import Artefact, Step
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, path_text, text
from rules.conditions import must_be, not_known
from rules.image import OS_STATES
from rules.origins import COMMUNITY, Origin, origins
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
from rules.wording import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.canonical import Resource
    from rules.stack import Stack

_DISK_IMAGE = ("storageProfile", "osDiskImage", "source")
_BLOB = ("storageProfile", "osDisk", "blobUri")
_OS_STATE = ("storageProfile", "osDisk", "osState")


def actual_source(origin: Origin) -> str:
    """Return what a source is, in words that show no more of an id than type and name."""
    if origin.kind is not None:
        return f"of kind {origin.kind}"
    if origin.external is not None and origin.external.arm is not None:
        return f"the id of {kind_of(origin.external.arm)}"
    return "a text that is no ARM id"


def _allowed(version: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    found = origins(version, stack)
    named = [origin for origin in found if not origin.open or origin.kind is not None]
    if not found:
        yield Finding(path="storageProfile", actual="without a source", needed="exactly one source")
    if len(named) > 1:
        yield Finding(
            path="storageProfile",
            actual=f"with {len(named)} sources ({', '.join(path_text(o.path) for o in named)})",
            needed="exactly one source",
        )
    for origin in found:
        if origin.slot is COMMUNITY and not origin.open:
            yield Finding(path=path_text(origin.path), actual="set", needed="absent")
        elif origin.kind is None and origin.open:
            yield not_known(origin.path)
        elif not origin.fits:
            yield Finding(
                path=path_text(origin.path),
                actual=actual_source(origin),
                needed=" or ".join(sorted(origin.slot.kinds)) or "absent",
            )


def _documented(version: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    for origin in origins(version, stack):
        if origin.kind is None and origin.open:
            yield not_known(origin.path)
        elif (
            origin.fits
            and origin.kind not in (None, Artefact.VHD, Artefact.IMAGE_VERSION)
            and lineage.step(origin.kind, Artefact.IMAGE_VERSION) is Step.ALLOWED
        ):
            yield Finding(
                path=path_text(origin.path),
                actual=f"of kind {origin.kind}",
                needed="a managed image made from it",
            )


def _vhd(resource: Resource, _: Context) -> Iterator[Outcome]:
    if resource.type == tokens.MANAGED_IMAGE:
        blob = text(resource.props, *_BLOB)
        if blob is UNKNOWN:
            yield not_known(_BLOB)
        elif blob is ABSENT:
            yield NotApplicable("the image is made from no VHD")
        else:
            yield from must_be(resource, _OS_STATE, lineage.OsState.GENERALIZED, OS_STATES)
        return
    given = [(name, text(resource.props, *_DISK_IMAGE, name)) for name in _FILE]
    set_here = next((name for name, value in given if isinstance(value, str)), None)
    if set_here is not None:
        yield Finding(
            path=path_text((*_DISK_IMAGE, set_here)),
            actual="set, so the version is made from a VHD",
            needed="a managed image made from the generalized VHD",
        )
    elif any(value is UNKNOWN for _, value in given):
        yield not_known(_DISK_IMAGE)
    else:
        yield NotApplicable("the version is made from no VHD")


_FILE = ("uri", "storageAccountId")
_GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
_COMPUTE = f"{_GROUP}/providers/Microsoft.Compute"
_CACHED = {"hostCaching": image_words.CACHINGS[-1]}


def _version(profile: Mapping[str, Any]) -> tuple[Sample, ...]:
    return (
        Sample(
            type=tokens.GALLERY_IMAGE_VERSION,
            props={
                "galleryName": "fleet",
                "galleryImageName": "render",
                "galleryImageVersionName": "1.0.0",
                "resourceGroupName": "fleet",
                "storageProfile": profile,
            },
        ),
    )


_FROM_IMAGE = {"source": {"id": f"{_COMPUTE}/images/render"}, "osDiskImage": _CACHED}
_FROM_SNAPSHOT = {"osDiskImage": _CACHED | {"source": {"id": f"{_COMPUTE}/snapshots/render"}}}
_TYPES = frozenset({tokens.GALLERY_IMAGE_VERSION})

VERSION_SOURCE_ALLOWED = StackRule(
    id="version-source-allowed",
    summary="An image version has exactly one source, of a kind that an image can be made from.",
    why="The document makes the shared image from a managed image, and Azure also from a "
    "snapshot, a disk, a generalized machine, a VHD or another version of one's own. A community "
    "image is somebody else's and may go away.",
    remedy="Set storageProfile.source.id to a managed image, and nothing else.",
    sentences=("D25", "D33", "D34", "D35", "D36"),
    types=_TYPES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_allowed,
    good=_version(_FROM_IMAGE),
    bad=_version(
        {
            "source": {"communityGalleryImageId": "/CommunityGalleries/pictures/Images/render"},
            "osDiskImage": _CACHED,
        }
    ),
)

VERSION_SOURCE_DIRECT = StackRule(
    id="version-source-direct",
    summary="An image version is made from a managed image.",
    why="The document's path goes through a managed image. Azure makes versions from a machine, "
    "a disk or a snapshot too, which is shorter but not what the document describes.",
    remedy="Make a managed image from the source and set storageProfile.source.id to it.",
    sentences=("D25", "D33"),
    types=_TYPES,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_documented,
    good=_version(_FROM_IMAGE),
    bad=_version(_FROM_SNAPSHOT),
)

VERSION_SOURCE_VHD = Rule(
    id="version-source-vhd",
    summary="An uploaded VHD becomes a version by way of a managed image that calls it "
    "generalized.",
    why="A VHD is allowed if its system was generalized before the upload. Only a managed image "
    "has a place to say so; a version made from a VHD directly leaves it to be believed.",
    remedy="Make a managed image with blobUri and osState Generalized from the VHD, and the "
    "version from that.",
    sentences=("D36", "D37"),
    types=frozenset({tokens.GALLERY_IMAGE_VERSION, tokens.MANAGED_IMAGE}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_vhd,
    good=(
        Sample(
            type=tokens.MANAGED_IMAGE,
            props={
                "storageProfile": {
                    "osDisk": {
                        "osType": "Linux",
                        "osState": "Generalized",
                        "caching": "ReadWrite",
                        "blobUri": "https://account.blob.core.chinacloudapi.cn/vhds/render.vhd",
                    }
                }
            },
        ),
    ),
    bad=_version(
        {
            "osDiskImage": _CACHED
            | {
                "source": {
                    "storageAccountId": f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/a",
                    "uri": "https://account.blob.core.chinacloudapi.cn/vhds/render.vhd",
                }
            }
        }
    ),
)

RULES = (VERSION_SOURCE_ALLOWED, VERSION_SOURCE_DIRECT, VERSION_SOURCE_VHD)
