"""Rules about Batch pools (`batch:Pool`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import security
from rules import tokens
from rules.conditions import must_allow, must_be_absent, must_be_off
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.findings import Doubt, Finding
    from rules.canonical import Resource

_MACHINE = ("deploymentConfiguration", "virtualMachineConfiguration")


def _standard(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    profile = (*_MACHINE, "securityProfile")
    yield from must_allow(
        resource,
        (*profile, "securityType"),
        security.is_standard,
        needed="absent",
        vocabulary=security.SECURITY_TYPES,
    )
    yield from must_be_off(resource, (*profile, "uefiSettings", "secureBootEnabled"))
    yield from must_be_off(resource, (*profile, "uefiSettings", "vTpmEnabled"))
    yield from must_be_absent(resource, (*_MACHINE, "osDisk", "managedDisk", "securityProfile"))


def _pool(**extra: object) -> tuple[Sample, ...]:
    machine = {"nodeAgentSkuId": "batch.node.ubuntu 22.04", "imageReference": {"id": "an id"}}
    return (
        Sample(
            type=tokens.BATCH_POOL,
            props={
                "deploymentConfiguration": {"virtualMachineConfiguration": {**machine, **extra}}
            },
        ),
    )


POOL_NO_TRUSTED_LAUNCH = Rule(
    id="pool-no-trusted-launch",
    summary="The nodes of a pool have the standard security type.",
    why="The document says that Batch does not support Trusted Launch; a custom image of the "
    "standard type does not start with it.",
    remedy="Delete securityProfile.securityType, securityProfile.uefiSettings and "
    "osDisk.managedDisk.securityProfile from the virtual machine configuration.",
    sentences=("D19",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard,
    good=_pool(securityProfile={"encryptionAtHost": False}),
    bad=_pool(securityProfile={"securityType": "trustedLaunch"}),
)
