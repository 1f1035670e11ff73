"""Rules about the image that a builder machine starts from, and its terms."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagefleet.domain import builders, node_agents
from imagefleet.domain.findings import Finding
from imagefleet.domain.fleet import ImageIdentifier
from rules import tokens
from rules.builder import BUILDERS, of_builders, outside
from rules.canonical import ABSENT, UNKNOWN, path_text, presence, text
from rules.conditions import must_allow, must_be_absent, not_known
from rules.examples import captured
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Severity,
    StackRule,
)
from rules.wording import marketplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource

_BASE = ("storageProfile", "imageReference")
_ID = (*_BASE, "id")
_OS_DISK = ("storageProfile", "osDisk")
_FOREIGN = ("communityGalleryImageId", "sharedGalleryImageId")
_PARTS = ("publisher", "offer", "sku")
_NEEDED = f"a first-party image that Batch supports, as of {node_agents.AS_OF}"

BASE_IMAGES = Option(
    name="baseImages",
    schema={
        "type": "array",
        "items": {"type": "string"},
        "description": "First-party images to allow beside the dated list, as "
        "publisher/offer/sku, * and ? as wildcards.",
    },
    default=(),
)


def _first_party(machine: Resource, context: Context) -> Iterator[Outcome]:
    by_id = presence(machine.props, *_ID)
    foreign = [key for key in _FOREIGN if presence(machine.props, *_BASE, key) is True]
    for key in foreign:
        yield Finding(path=path_text((*_BASE, key)), actual="set", needed=_NEEDED)
    if foreign:
        return
    if by_id is True:
        yield NotApplicable("the base is an image by id, which builder-image-custom judges")
        return
    if by_id is UNKNOWN:
        yield not_known(_ID)
        return
    yield from (
        not_known((*_BASE, key))
        for key in _FOREIGN
        if presence(machine.props, *_BASE, key) is UNKNOWN
    )
    yield from _marketplace(machine, context)


def _marketplace(machine: Resource, context: Context) -> Iterator[Outcome]:
    values = {key: text(machine.props, *_BASE, key) for key in _PARTS}
    unknown = [key for key, value in values.items() if value is UNKNOWN]
    if unknown:
        yield from (not_known((*_BASE, key)) for key in unknown)
        return
    if all(value is ABSENT for value in values.values()):
        yield _no_image(machine)
        return
    publisher, offer, sku = (
        value.strip() if isinstance(value, str) else "" for value in values.values()
    )
    name = f"{publisher}/{offer}/{sku}".casefold()
    if any(fnmatchcase(name, allowed.casefold()) for allowed in context.options["baseImages"]):
        return
    base = ImageIdentifier(publisher=publisher, offer=offer, sku=sku)
    entry = node_agents.base_image(base)
    shown = marketplace(base)
    if entry is None:
        yield Finding(path=path_text(_BASE), actual=f"{shown}, not in the list", needed=_NEEDED)
    elif entry.ended(context.today):
        actual = f"{shown}, whose support by Batch ended on {entry.ends}"
        yield Finding(path=path_text(_BASE), actual=actual, needed=_NEEDED)


def _no_image(machine: Resource) -> Outcome:
    """Judge a machine without a base image: its system comes with a disk, or is not stated."""
    option = text(machine.props, *_OS_DISK, "createOption")
    if option is UNKNOWN:
        return not_known((*_OS_DISK, "createOption"))
    if isinstance(option, str) and option.strip().casefold() == "attach":
        return outside((*_OS_DISK, "managedDisk"), "is a disk whose image no input shows")
    return Finding(path=path_text(_BASE), actual="absent", needed=_NEEDED)


def _custom(machine: Resource, _: Context) -> Iterator[Outcome]:
    by_id = presence(machine.props, *_ID)
    if by_id is UNKNOWN:
        yield not_known(_ID)
    elif by_id is True:
        yield Finding(
            path=path_text(_ID),
            actual="an image by id, whose own base is not visible here",
            needed="a first-party image by publisher, offer and sku",
        )


def _no_plan(machine: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield NotApplicable("edition global allows a plan, see builder-licence-noted")
        return
    yield from must_be_absent(machine, ("plan",))


def _licence(machine: Resource, context: Context) -> Iterator[Outcome]:
    yield from must_allow(
        machine,
        ("licenseType",),
        lambda licence: not builders.is_third_party_licence(licence),
        needed="absent, or a licence of Windows",
        vocabulary=builders.THIRD_PARTY_LICENCES,
    )
    if context.edition is Edition.GLOBAL:
        yield from must_be_absent(machine, ("plan",))


BUILDER_FIRST_PARTY_IMAGE = StackRule(
    id="builder-first-party-image",
    summary="A builder starts from a first-party Marketplace image that Batch supports.",
    why="The image inherits its base: nodes of another system have no node agent that fits, and "
    "other publishers' licence terms do not hold on pool nodes.",
    remedy="Take a base that `az batch pool supported-images list` prints; add one that is newer "
    "than the dated list to this rule's baseImages.",
    sentences=("D40", "D41"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=of_builders(_first_party),
    good=captured(),
    bad=captured({"storageProfile.imageReference.publisher": "contoso"}),
    options=(BUILDERS, BASE_IMAGES),
)

BUILDER_IMAGE_CUSTOM = StackRule(
    id="builder-image-custom",
    summary="A builder starts from a Marketplace image, and not from a custom one.",
    why="What a custom base was made from cannot be seen, so nobody can tell whether it is a "
    "first-party image that Batch supports.",
    remedy="Start from the Marketplace image, or keep a record of the custom image's own base.",
    sentences=("D40", "D41"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=of_builders(_custom),
    good=captured(),
    bad=captured({"storageProfile.imageReference": {"id": "an id"}}),
    options=(BUILDERS,),
)

BUILDER_NO_PLAN = StackRule(
    id="builder-no-plan",
    summary="A builder has no purchase plan.",
    why="The document allows no third-party image with licence and purchase terms as the base. "
    "The global edition allows one if the image definition carries the same plan.",
    remedy="Delete plan and start from a first-party image.",
    sentences=("D43",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=of_builders(_no_plan),
    good=captured(),
    bad=captured({"plan": {"name": "pro", "product": "linux", "publisher": "contoso"}}),
    options=(BUILDERS,),
)

BUILDER_LICENCE_NOTED = StackRule(
    id="builder-licence-noted",
    summary="A builder brings no third party's licence.",
    why="A licence brought along, and in the global edition a purchase plan, binds every node "
    "that starts from the image.",
    remedy="Delete licenseType; where a plan stays, the image definition has to carry it too.",
    sentences=("D43",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=of_builders(_licence),
    good=captured(),
    bad=captured({"licenseType": "RHEL_BYOS"}),
    options=(BUILDERS,),
)

RULES = (
    BUILDER_FIRST_PARTY_IMAGE,
    BUILDER_IMAGE_CUSTOM,
    BUILDER_NO_PLAN,
    BUILDER_LICENCE_NOTED,
)
