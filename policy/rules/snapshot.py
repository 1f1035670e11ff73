"""Rules about snapshots (`compute:Snapshot`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import security
from rules import tokens
from rules.conditions import must_allow, must_be_absent
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.findings import Doubt, Finding
    from rules.canonical import Resource

_GOOD = {"creationData": {"createOption": "Copy", "sourceResourceId": "an id"}}


def _standard(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    yield from must_allow(
        resource,
        ("securityProfile", "securityType"),
        security.is_standard,
        needed="Standard or absent",
        vocabulary=security.DISK_SECURITY_TYPES,
    )
    yield from must_be_absent(resource, ("creationData", "securityDataUri"))
    yield from must_allow(
        resource,
        ("creationData", "createOption"),
        _plain_creation,
        needed="Copy",
        vocabulary=security.SECURE_CREATE_OPTIONS,
    )


def _plain_creation(option: str) -> bool:
    secure = {word.casefold() for word in security.SECURE_CREATE_OPTIONS}
    return option.strip().casefold() not in secure


SNAPSHOT_NO_TRUSTED_LAUNCH = Rule(
    id="snapshot-no-trusted-launch",
    summary="A snapshot for an image is of a disk with the standard security type.",
    why="A snapshot of a Trusted Launch or Confidential disk carries that type on into the image, "
    "and Batch supports neither.",
    remedy="Take the snapshot of the disk of a standard machine with createOption Copy; leave out "
    "securityProfile and creationData.securityDataUri.",
    sentences=("D19",),
    types=frozenset({tokens.SNAPSHOT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard,
    good=(Sample(type=tokens.SNAPSHOT, props=_GOOD),),
    bad=(
        Sample(
            type=tokens.SNAPSHOT,
            props=_GOOD | {"securityProfile": {"securityType": "TrustedLaunch"}},
        ),
    ),
)
