"""Rules about extensions on builder machines: their remains in an image disturb a pool's nodes."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagefleet.domain import builders
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.builder import BUILDERS, is_builder, is_called_builder, of_builders
from rules.canonical import ABSENT, UNKNOWN, Resource, flag, path_text, presence, text
from rules.conditions import must_allow, must_be_absent, not_known
from rules.examples import captured
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.stack import Referred, Stack

_VM_NAME = ("vmName",)
_OPERATIONS = ("osProfile", "allowExtensionOperations")


def _none(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if resource.type != tokens.VIRTUAL_MACHINE:
        yield from _on_a_builder(resource, stack, context, "an extension on")
    elif not is_builder(resource, stack, context):
        yield NotApplicable("no image is made from this machine")
    elif stack.dependants(resource, (tokens.VIRTUAL_MACHINE_EXTENSION,)):
        yield NotApplicable("its extensions are judged one by one")


def _on_a_builder(
    resource: Resource, stack: Stack, context: Context, what: str
) -> Iterator[Outcome]:
    """Refuse something that is installed on a builder, wherever it is declared."""
    machine = machine_of(resource, stack)
    if isinstance(machine, Resource) and is_builder(machine, stack, context):
        yield Finding(
            path=path_text(_VM_NAME),
            actual=f"{what} builder {called(machine)}",
            needed="nothing installed by Azure on a builder",
        )
    elif is_called_builder(resource, context) or _names_a_builder(resource, context):
        yield Finding(
            path=path_text(_VM_NAME),
            actual=f"{what} a builder",
            needed="nothing installed by Azure on a builder",
        )
    elif machine is UNKNOWN and _any_builder(stack, context):
        yield not_known(_VM_NAME)
    else:
        yield NotApplicable("no image is made from its machine")


def machine_of(resource: Resource, stack: Stack) -> Referred:
    """Return the machine that something is installed on: by its name, else its parent resource."""
    parent = stack.resources.get(resource.parent or "")
    if parent is not None and parent.type == tokens.VIRTUAL_MACHINE:
        return parent
    return stack.owner(resource, tokens.VIRTUAL_MACHINE)


def _names_a_builder(resource: Resource, context: Context) -> bool:
    name = text(resource.props, *_VM_NAME)
    return isinstance(name, str) and any(
        fnmatchcase(name.strip(), pattern) for pattern in context.options["builders"]
    )


def _any_builder(stack: Stack, context: Context) -> bool:
    machines = stack.of_types((tokens.VIRTUAL_MACHINE,))
    return any(is_builder(machine, stack, context) for machine in machines)


def _implicit(resource: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if resource.type == tokens.RUN_COMMAND:
        yield from _on_a_builder(resource, stack, context, "a run command on")
        return
    if not is_builder(resource, stack, context):
        yield NotApplicable("no image is made from this machine")
        return
    yield from must_be_absent(resource, ("applicationProfile", "galleryApplications"))
    for system in ("windowsConfiguration", "linuxConfiguration"):
        yield from must_allow(
            resource,
            ("osProfile", system, "patchSettings", "patchMode"),
            lambda mode: mode.strip().casefold() != builders.PLATFORM_PATCHING.casefold(),
            needed=f"absent, or anything but {builders.PLATFORM_PATCHING}",
            vocabulary=builders.PATCH_MODES,
        )


def _off(machine: Resource, _: Context) -> Iterator[Outcome]:
    value = flag(machine.props, *_OPERATIONS)
    if value is UNKNOWN:
        yield not_known(_OPERATIONS)
    elif value is ABSENT and _attached(machine):
        yield NotApplicable("a machine with an attached system disk has no osProfile")
    elif value is not False:
        actual = "absent, which Azure reads as true" if value is ABSENT else "true"
        yield Finding(path=path_text(_OPERATIONS), actual=actual, needed="false")


def _attached(machine: Resource) -> bool:
    option = text(machine.props, "storageProfile", "osDisk", "createOption")
    profile = presence(machine.props, "osProfile")
    return isinstance(option, str) and option.strip().casefold() == "attach" and profile is ABSENT


def _beside(kind: str, **props: object) -> tuple[Sample, ...]:
    """Return a builder with something of type `kind` on it."""
    return (
        *captured(),
        Sample(
            type=kind,
            name="installed",
            props={"vmName": "builder", "resourceGroupName": "fleet", **props},
            depends={"vmName": ("vm",)},
        ),
    )


BUILDER_NO_EXTENSIONS = StackRule(
    id="builder-no-extensions",
    summary="A machine that an image is made from has no extension.",
    why="What an extension leaves on the disk is in every node, and Azure may run into problems "
    "when it deploys the pool.",
    remedy="Install software over RDP, SSH or custom data, or take the extension off another "
    "machine than the one that is captured.",
    sentences=("D47", "D48"),
    types=frozenset({tokens.VIRTUAL_MACHINE, tokens.VIRTUAL_MACHINE_EXTENSION}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_none,
    good=captured(),
    bad=_beside(
        tokens.VIRTUAL_MACHINE_EXTENSION,
        vmExtensionName="setup",
        publisher="Microsoft.Azure.Extensions",
        type="CustomScript",
    ),
    options=(BUILDERS,),
)

BUILDER_NO_IMPLICIT_EXTENSIONS = StackRule(
    id="builder-no-implicit-extensions",
    summary="Nothing makes Azure install an extension of its own on a builder.",
    why="Gallery applications, patching by the platform and run commands each bring a handler, "
    "which stays in the image as an extension does.",
    remedy="Leave out applicationProfile.galleryApplications and run commands, and set patchMode "
    "to ImageDefault (Linux) or Manual (Windows).",
    sentences=("D47", "D48"),
    types=frozenset({tokens.VIRTUAL_MACHINE, tokens.RUN_COMMAND}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_implicit,
    good=captured(),
    bad=captured(
        {"osProfile.linuxConfiguration.patchSettings.patchMode": builders.PLATFORM_PATCHING}
    ),
    options=(BUILDERS,),
)

BUILDER_EXTENSION_OPERATIONS_OFF = StackRule(
    id="builder-extension-operations-off",
    summary="A builder takes no extensions at all.",
    why="Azure Policy and Defender put extensions on machines that nobody declared; refusing all "
    "of them is the only guard.",
    remedy="Set osProfile.allowExtensionOperations to false; Azure accepts that on a machine "
    "without extensions only.",
    sentences=("D47",),
    types=frozenset({tokens.VIRTUAL_MACHINE}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=of_builders(_off),
    good=captured(),
    bad=captured({"osProfile.allowExtensionOperations": True}),
    options=(BUILDERS,),
)

RULES = (
    BUILDER_NO_EXTENSIONS,
    BUILDER_NO_IMPLICIT_EXTENSIONS,
    BUILDER_EXTENSION_OPERATIONS_OFF,
)
