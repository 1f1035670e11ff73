"""Which machines are builders, and rules about the security type they have.

A machine is a builder if an image is made from it or from its disks, if it stands in a component
whose type name says builder, or if the rule's `builders` setting names it. Rules about builders
are stack rules for that reason. Other machines are nobody's business here.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagefleet.domain import builders, security
from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.domain.fleet import Generation, ImageIdentifier
from rules import tokens
from rules.canonical import ABSENT, API_VERSION, UNKNOWN, path_text, text
from rules.conditions import must_allow, must_be_off, not_known
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rules.canonical import Path, Resource
    from rules.stack import Stack

BUILDERS = Option(
    name="builders",
    schema={
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of machines that images are made from, * and ? as wildcards.",
    },
    default=(),
)
GENERATION = Option(
    name="generation",
    schema={
        "type": "string",
        "enum": ["", "V1", "V2"],
        "description": "Generation of the builders' base images where their SKU does not tell.",
    },
    default="",
)

_SECURITY_TYPE = ("securityProfile", "securityType")
_BASE = ("storageProfile", "imageReference")
_NOT_A_BUILDER = NotApplicable("no image is made from this machine")


def is_builder(machine: Resource, stack: Stack, context: Context) -> bool:
    """Whether an image is made from `machine`, as far as the stack or its settings tell."""
    return stack.feeds_an_image(machine) or is_called_builder(machine, context)


def is_called_builder(resource: Resource, context: Context) -> bool:
    """Whether a component around `resource`, or the rule's settings, call it a builder."""
    if any("builder" in kind.rpartition(":")[2].casefold() for kind in resource.ancestor_types):
        return True
    return any(fnmatchcase(resource.name, pattern) for pattern in context.options["builders"])


def of_builders(
    check: Callable[[Resource, Context], Iterable[Outcome]],
) -> Callable[[Resource, Stack, Context], Iterator[Outcome]]:
    """Return the stack check that asks `check` about builder machines and nothing else."""

    def checked(machine: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
        if is_builder(machine, stack, context):
            yield from check(machine, context)
        else:
            yield _NOT_A_BUILDER

    return checked


def _standard(machine: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if not is_builder(machine, stack, context):
        yield _NOT_A_BUILDER
        return
    if context.edition is Edition.GLOBAL and not _becomes_managed_image(machine, stack):
        yield NotApplicable("in edition global Trusted Launch is refused on the way to a managed "
                            "image only")  # fmt: skip
        return
    yield from must_allow(
        machine,
        _SECURITY_TYPE,
        security.is_standard,
        needed="Standard",
        vocabulary=security.SECURITY_TYPES,
    )
    yield from must_be_off(machine, ("securityProfile", "uefiSettings", "secureBootEnabled"))
    yield from must_be_off(machine, ("securityProfile", "uefiSettings", "vTpmEnabled"))


def _becomes_managed_image(machine: Resource, stack: Stack) -> bool:
    """Whether a managed image of the stack descends from `machine` or from a disk it uses."""
    wanted = {machine.urn} | {
        maker.urn for maker in stack.makers(machine) if maker.type == tokens.DISK
    }
    seen: set[str] = set()
    waiting = list(stack.of_types((tokens.MANAGED_IMAGE,)))
    while waiting:
        for maker in stack.makers(waiting.pop()):
            if maker.urn in wanted:
                return True
            if maker.urn not in seen:
                seen.add(maker.urn)
                waiting.append(maker)
    return False


def _explicit(machine: Resource, context: Context) -> Iterator[Outcome]:
    version = machine.api_version
    if version is not UNKNOWN and not builders.machine_default_is_trusted_launch(version):
        yield NotApplicable("the API version takes an absent security type for Standard")
        return
    yield from _stated(machine, context, "absent, which this API version reads as TrustedLaunch")


def _explicit_anyway(machine: Resource, context: Context) -> Iterator[Outcome]:
    version = machine.api_version
    if version is not UNKNOWN and builders.machine_default_is_trusted_launch(version):
        yield NotApplicable("builder-security-type-explicit judges this API version")
        return
    yield from _stated(machine, context, "absent")


def _stated(machine: Resource, context: Context, absent: str) -> Iterator[Outcome]:
    """Require some security type for a base of generation 2; which one is another rule's.

    As long as the API version is not known, it is open which of two rules judges an absent one.
    """
    value = text(machine.props, *_SECURITY_TYPE)
    if value is UNKNOWN:
        yield not_known(_SECURITY_TYPE)
        return
    if value is not ABSENT:
        return
    generation = _generation(machine, context)
    if isinstance(generation, Doubt):
        yield generation
    elif generation is Generation.V1:
        yield NotApplicable("a base of generation 1 has no security type")
    elif machine.api_version is UNKNOWN:
        yield not_known(API_VERSION)
    else:
        yield Finding(path=path_text(_SECURITY_TYPE), actual=absent, needed="Standard")


def _generation(machine: Resource, context: Context) -> Generation | Doubt:
    """Return the generation of the base image by its SKU, else by the rule's settings."""
    parts = []
    for key in ("publisher", "offer", "sku"):
        value = text(machine.props, *_BASE, key)
        if value is UNKNOWN:
            return _configured(context) or not_known((*_BASE, key))
        parts.append("" if value is ABSENT else str(value).strip())
    publisher, offer, sku = parts
    base = ImageIdentifier(publisher=publisher, offer=offer, sku=sku)
    return (
        builders.base_generation(base)
        or _configured(context)
        or outside(_BASE, "is of no generation that its name tells; the setting `generation` can")
    )


def _configured(context: Context) -> Generation | None:
    value = context.options["generation"]
    return Generation(value) if value else None


def outside(path: Path, detail: str) -> Doubt:
    """Return the doubt about something that only a look at Azure can settle."""
    return Doubt(path=path_text(path), cause=Cause.EXTERNAL, detail=detail)


BUILDER_NO_TRUSTED_LAUNCH = StackRule(
    id="builder-no-trusted-launch",
    summary="A machine that an image is made from has the standard security type.",
    why="Azure makes no managed image from a Trusted Launch machine, and Batch supports no image "
    "that carries the type on.",
    remedy="Set securityProfile.securityType to Standard and leave out "
    "securityProfile.uefiSettings.",
    sentences=("D19", "D20"),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard,
    good=captured(),
    bad=captured({"securityProfile.securityType": "TrustedLaunch"}),
    options=(BUILDERS,),
)

BUILDER_SECURITY_TYPE_EXPLICIT = StackRule(
    id="builder-security-type-explicit",
    summary="A generation 2 builder names its security type where Azure's default is not Standard.",
    why="From API version 2025-11-01 a generation 2 machine that names no security type is a "
    "Trusted Launch machine, and no managed image can be made from it.",
    remedy="Set securityProfile.securityType to Standard.",
    sentences=("D20",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=of_builders(_explicit),
    good=captured({"azureApiVersion": "2025-11-01"}),
    bad=captured({"azureApiVersion": "2025-11-01", "securityProfile": None}),
    options=(BUILDERS, GENERATION),
)

BUILDER_SECURITY_TYPE_STATED = StackRule(
    id="builder-security-type-stated",
    summary="A generation 2 builder names its security type in every API version.",
    why="Before API version 2025-11-01 the default is Standard unless the subscription has asked "
    "for Trusted Launch by default, and an upgrade of the provider changes it.",
    remedy="Set securityProfile.securityType to Standard; on these API versions the subscription "
    "needs the feature UseStandardSecurityType for it.",
    sentences=("D20",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=of_builders(_explicit_anyway),
    good=captured(),
    bad=captured({"securityProfile": None}),
    options=(BUILDERS, GENERATION),
)

RULES = (
    BUILDER_NO_TRUSTED_LAUNCH,
    BUILDER_SECURITY_TYPE_EXPLICIT,
    BUILDER_SECURITY_TYPE_STATED,
)
