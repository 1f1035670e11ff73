"""Rules about image versions (`compute:GalleryImageVersion`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules import tokens
from rules.conditions import must_be_absent
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.findings import Doubt, Finding
    from rules.canonical import Resource


def _no_uefi_keys(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    yield from must_be_absent(resource, ("securityProfile", "uefiSettings"))


VERSION_NO_UEFI_KEYS = Rule(
    id="version-no-uefi-keys",
    summary="An image version carries no UEFI keys of its own.",
    why="Own UEFI keys only have an effect on Trusted Launch machines, which Batch does not "
    "support; they are how Trusted Launch comes in behind a definition that looks standard.",
    remedy="Delete securityProfile.uefiSettings from the version.",
    sentences=("D19",),
    types=frozenset({tokens.GALLERY_IMAGE_VERSION}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_no_uefi_keys,
    good=(Sample(type=tokens.GALLERY_IMAGE_VERSION, props={"securityProfile": {}}),),
    bad=(
        Sample(
            type=tokens.GALLERY_IMAGE_VERSION,
            props={
                "securityProfile": {
                    "uefiSettings": {"signatureTemplateNames": ["NoSignatureTemplate"]}
                }
            },
        ),
    ),
)
