"""Rules about builder machines: virtual machines that an image is made from.

A machine is a builder if an image is made from it or from its disks, if it stands in a component
whose type name says builder, or if the rule's `builders` setting names it. Rules about builders
are stack rules for that reason. Other machines are nobody's business here.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagefleet.domain import security
from rules import tokens
from rules.conditions import must_allow, must_be_off
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource
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


def is_builder(machine: Resource, stack: Stack, context: Context) -> bool:
    """Whether an image is made from `machine`, as far as the stack or its settings tell."""
    if stack.feeds_an_image(machine):
        return True
    if any("builder" in kind.rpartition(":")[2].casefold() for kind in machine.ancestor_types):
        return True
    return any(fnmatchcase(machine.name, pattern) for pattern in context.options["builders"])


def _standard(machine: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if not is_builder(machine, stack, context):
        yield NotApplicable("no image is made from this machine")
        return
    yield from must_allow(
        machine,
        ("securityProfile", "securityType"),
        security.is_standard,
        needed="Standard",
        vocabulary=security.SECURITY_TYPES,
    )
    yield from must_be_off(machine, ("securityProfile", "uefiSettings", "secureBootEnabled"))
    yield from must_be_off(machine, ("securityProfile", "uefiSettings", "vTpmEnabled"))


def _captured(security_profile: dict[str, object]) -> tuple[Sample, ...]:
    machine = Sample(
        name="vm",
        type=tokens.VIRTUAL_MACHINE,
        props={"securityProfile": security_profile},
    )
    image = Sample(
        name="image",
        type=tokens.MANAGED_IMAGE,
        props={
            "sourceVirtualMachine": {"id": "an id"},
            "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized"}},
        },
        depends={"sourceVirtualMachine": ("vm",)},
    )
    return (machine, image)


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
    good=_captured({"securityType": "Standard"}),
    bad=_captured({"securityType": "TrustedLaunch"}),
    options=(BUILDERS,),
)
