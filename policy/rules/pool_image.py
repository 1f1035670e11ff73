"""Rules about the image that a pool's nodes start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, versions
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Missing, Resource, path_text, presence, text
from rules.conditions import must_be_absent, must_be_off, not_known, shown
from rules.examples import MANAGED_IMAGE_ID, definition, lone_pool, pool, together, version
from rules.image import OS_STATES
from rules.pool_source import (
    IMAGE_ID,
    MACHINE,
    NOT_FROM_A_GALLERY,
    REFERENCE,
    definition_of,
    made_by,
    not_known_of,
)
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Severity,
    StackRule,
)
from rules.wording import called, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Stack

_OTHER_GALLERIES = ("sharedGalleryImageId", "communityGalleryImageId")
_MARKETPLACE = ("publisher", "offer", "sku", "version")
_LATEST = "latest"
_GALLERY_IMAGE = "the id of an image in a Compute Gallery"


def _gallery_image(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    value = text(pool.props, *IMAGE_ID)
    if value is ABSENT:
        yield from _without_id(pool)
        return
    for key in _MARKETPLACE:
        beside = presence(pool.props, *REFERENCE, key)
        if beside is True:
            actual = "set beside an id, which excludes it"
            yield Finding(path=path_text((*REFERENCE, key)), actual=actual, needed="absent")
        elif beside is UNKNOWN and value is not UNKNOWN:
            yield not_known((*REFERENCE, key))
    if isinstance(value, str):
        arm = arm_ids.try_parse(value)
        if arm is None:
            yield Finding(path=path_text(IMAGE_ID), actual="no ARM id", needed=_GALLERY_IMAGE)
        elif arm.resource_group is None or not any(
            arm.is_a(kind) for kind in (arm_ids.IMAGE_VERSION, arm_ids.IMAGE_DEFINITION)
        ):
            actual = f"the id of {kind_of(arm)}"
            yield Finding(path=path_text(IMAGE_ID), actual=actual, needed=_GALLERY_IMAGE)
    elif made_by(pool, stack) == tokens.MANAGED_IMAGE:
        actual = "the id of a managed image of this stack"
        yield Finding(path=path_text(IMAGE_ID), actual=actual, needed=_GALLERY_IMAGE)
    elif made_by(pool, stack) is None:
        yield not_known(IMAGE_ID)


def _without_id(pool: Resource) -> Iterator[Outcome]:
    others = {key: presence(pool.props, *REFERENCE, key) for key in _OTHER_GALLERIES}
    if True in others.values():
        yield NotApplicable("pool-not-shared-community judges images of others' galleries")
        return
    unknown = [key for key, value in others.items() if value is UNKNOWN]
    if unknown:
        yield from (not_known((*REFERENCE, key)) for key in unknown)
        return
    set_parts = [key for key in _MARKETPLACE if presence(pool.props, *REFERENCE, key) is True]
    actual = (
        f"absent, with {', '.join(set_parts)} of a Marketplace image" if set_parts else "absent"
    )
    yield Finding(path=path_text(IMAGE_ID), actual=actual, needed=_GALLERY_IMAGE)


def _not_managed(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    value = text(pool.props, *IMAGE_ID)
    needed = "the id of an image version made from the managed image"
    if isinstance(value, str):
        arm = arm_ids.try_parse(value)
        if arm is not None and arm.is_a(arm_ids.MANAGED_IMAGE):
            actual = "a managed image"
            yield Finding(path=path_text(IMAGE_ID), actual=actual, needed=needed)
    elif value is UNKNOWN:
        kind = made_by(pool, stack)
        if kind == tokens.MANAGED_IMAGE:
            actual = "a managed image of this stack"
            yield Finding(path=path_text(IMAGE_ID), actual=actual, needed=needed)
        elif kind is None:
            yield not_known(IMAGE_ID)


def _own_gallery(pool: Resource, _: Context) -> Iterator[Outcome]:
    for key in _OTHER_GALLERIES:
        yield from must_be_absent(pool, (*REFERENCE, key))


def _pinned(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    needed = f"the id of one version, ending in /versions/{versions.Version(1, 0, 0)} or the like"
    value = text(pool.props, *IMAGE_ID)
    floating: str | None = None
    if value is ABSENT:
        yield NotApplicable("the pool names no image by id")
        return
    if isinstance(value, str):
        arm = arm_ids.try_parse(value)
        if arm is None or not arm.is_a(arm_ids.IMAGE_VERSION):
            if arm is None or not arm.is_a(arm_ids.IMAGE_DEFINITION):
                yield NotApplicable(NOT_FROM_A_GALLERY)
                return
            floating = "an image without a version, which is always its latest"
        elif versions.fault(arm.name) is not None:
            floating = _version_said(arm.name)
    else:
        kind = made_by(pool, stack)
        if kind == tokens.GALLERY_IMAGE:
            floating = "an image definition of this stack, which is always its latest version"
        elif kind is None:
            yield not_known(IMAGE_ID)
    if floating is not None:
        yield Finding(path=path_text(IMAGE_ID), actual=floating, needed=needed)
    upgrade = ("upgradePolicy", "automaticOSUpgradePolicy", "enableAutomaticOSUpgrade")
    yield from must_be_off(pool, upgrade)
    yield from must_be_absent(pool, (*MACHINE, "serviceArtifactReference", "id"))


def _version_said(name: str) -> str:
    latest = name.strip().casefold() == _LATEST
    return f"version {_LATEST}" if latest else "a version that is no three numbers"


def _generalized(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    image = definition_of(pool, stack)
    if not isinstance(image, Resource):
        yield image
        return
    value = text(image.props, "osState")
    if value is UNKNOWN:
        yield not_known_of(image, "osState")
    elif isinstance(value, Missing) or value.strip().casefold() != OS_STATES[0].casefold():
        state = "absent" if isinstance(value, Missing) else shown(value, OS_STATES)
        yield Finding(
            path=path_text(IMAGE_ID),
            actual=f"of image definition {called(image)}, whose osState is {state}",
            needed=f"an image whose osState is {OS_STATES[0]}",
        )


_POOL = frozenset({tokens.BATCH_POOL})

POOL_GALLERY_IMAGE_ID = StackRule(
    id="pool-gallery-image-id",
    summary="A pool names its image by the id of a gallery image, and by nothing else.",
    why="A custom image reaches a pool through a gallery only, and Azure refuses an id together "
    "with the parts of a Marketplace reference.",
    remedy="Set imageReference to {id: <id of the image version>} alone. A stack whose pools run "
    "Marketplace images lowers this rule in its policy configuration.",
    sentences=("D2", "D65", "D71", "D73"),
    types=_POOL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_gallery_image,
    good=lone_pool(),
    bad=lone_pool({"imageReference.version": "latest"}),
)

POOL_NOT_MANAGED_IMAGE = StackRule(
    id="pool-not-managed-image",
    summary="A pool does not run a managed image directly.",
    why="A managed image is a step on the way; pools made from one directly were retired on "
    "2026-03-31.",
    remedy="Make an image version in a gallery from the managed image and give the pool its id.",
    sentences=("D63",),
    types=_POOL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_not_managed,
    good=lone_pool(),
    bad=lone_pool({"imageReference.id": MANAGED_IMAGE_ID}),
)

POOL_NOT_SHARED_COMMUNITY = Rule(
    id="pool-not-shared-community",
    summary="A pool runs an image of one's own gallery.",
    why="The document gives access by a role on the image, which a directly shared or community "
    "gallery does not know.",
    remedy="Delete sharedGalleryImageId and communityGalleryImageId, copy the image into a gallery "
    "of the tenant and use its id.",
    sentences=("D30",),
    types=_POOL,
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    check=_own_gallery,
    good=lone_pool(),
    bad=lone_pool(
        {
            "imageReference": {
                "communityGalleryImageId": "/CommunityGalleries/g/Images/i/Versions/1.0.0"
            }
        }
    ),
)

POOL_VERSION_PINNED = StackRule(
    id="pool-version-pinned",
    summary="A pool runs one stated version of its image.",
    why="Without a version every new node takes the latest one, so nodes of one pool differ and "
    "a new image reaches running work unreviewed.",
    remedy="End the id in /versions/<number>, and leave out automatic OS upgrades and "
    "serviceArtifactReference.",
    sentences=("D71",),
    types=_POOL,
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    check=_pinned,
    good=lone_pool(),
    bad=lone_pool({"/upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade": True}),
)

POOL_USES_GENERALIZED_IMAGE = StackRule(
    id="pool-uses-generalized-image",
    summary="The image that a pool runs is generalized.",
    why="A pool cannot be made from a specialized image at all.",
    remedy="Point the pool at a version of a definition whose osState is Generalized.",
    sentences=("D37", "D38"),
    types=_POOL,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_generalized,
    good=together(pool(), version(), definition()),
    bad=together(pool(), version(), definition({"osState": "Specialized"})),
)

RULES = (
    POOL_GALLERY_IMAGE_ID,
    POOL_NOT_MANAGED_IMAGE,
    POOL_NOT_SHARED_COMMUNITY,
    POOL_VERSION_PINNED,
    POOL_USES_GENERALIZED_IMAGE,
)
