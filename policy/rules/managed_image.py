"""Rules about managed images (`compute:Image`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, path_text, read, text
from rules.conditions import must_be, not_known
from rules.image import OS_STATES
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_OS_STATE = ("storageProfile", "osDisk", "osState")
_SOURCE_MACHINE = ("sourceVirtualMachine",)


def _generalized(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    if text(resource.props, *_OS_STATE) is ABSENT:
        if read(resource.props, *_SOURCE_MACHINE) is UNKNOWN:
            yield not_known(_SOURCE_MACHINE)
            return
        if read(resource.props, *_SOURCE_MACHINE, "id") is not ABSENT:
            # Azure takes the state from the machine, which no input shows.
            yield Doubt(
                path=path_text(_OS_STATE),
                cause=Cause.EXTERNAL,
                detail="is that of the source machine, which must have been generalized",
            )
            return
    yield from must_be(resource, _OS_STATE, "Generalized", OS_STATES)


def _image(os_disk: dict[str, object]) -> tuple[Sample, ...]:
    disk = {"osType": "Linux", "snapshot": {"id": "an id"}} | os_disk
    return (Sample(type=tokens.MANAGED_IMAGE, props={"storageProfile": {"osDisk": disk}}),)


MANAGED_IMAGE_GENERALIZED = Rule(
    id="managed-image-generalized",
    summary="A managed image holds a generalized operating system.",
    why="A managed image is the way from a machine's disks to an image version, and Batch uses "
    "generalized images only.",
    remedy="Generalize the operating system before its disk is captured and set "
    "storageProfile.osDisk.osState to Generalized.",
    sentences=("D35", "D37"),
    types=frozenset({tokens.MANAGED_IMAGE}),
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_generalized,
    good=_image({"osState": "Generalized"}),
    bad=_image({"osState": "Specialized"}),
)
