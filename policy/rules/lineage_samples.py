"""Examples of whole lines from a disk to an image version, for the documentation and tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rules import tokens
from rules.verdicts import Sample

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
_NAMES = {"galleryName": "fleet", "galleryImageName": "render", "resourceGroupName": "fleet"}

DISK = Sample(
    name="disk",
    type=tokens.DISK,
    props={
        "diskName": "builder-os",
        "resourceGroupName": "fleet",
        "osType": "Linux",
        "hyperVGeneration": "V2",
        "creationData": {"createOption": "FromImage"},
    },
)
SNAPSHOT = Sample(
    name="snapshot",
    type=tokens.SNAPSHOT,
    props={
        "snapshotName": "render-os",
        "resourceGroupName": "fleet",
        "osType": "Linux",
        "hyperVGeneration": "V2",
        "creationData": {
            "createOption": "Copy",
            "sourceResourceId": f"{COMPUTE}/disks/builder-os",
        },
    },
    depends={"creationData": ("disk",)},
)
IMAGE = Sample(
    name="image",
    type=tokens.MANAGED_IMAGE,
    props={
        "imageName": "render",
        "resourceGroupName": "fleet",
        "hyperVGeneration": "V2",
        "storageProfile": {
            "osDisk": {
                "osType": "Linux",
                "osState": "Generalized",
                "caching": "ReadWrite",
                "snapshot": {"id": f"{COMPUTE}/snapshots/render-os"},
            }
        },
    },
    depends={"storageProfile": ("snapshot",)},
)
DEFINITION = Sample(
    name="definition",
    type=tokens.GALLERY_IMAGE,
    props={
        **_NAMES,
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "features": [{"name": "SecurityType", "value": "Standard"}],
    },
)
VERSION = Sample(
    name="version",
    type=tokens.GALLERY_IMAGE_VERSION,
    props={
        **_NAMES,
        "galleryImageVersionName": "1.0.0",
        "storageProfile": {
            "source": {"id": f"{COMPUTE}/images/render"},
            "osDiskImage": {"hostCaching": "ReadWrite"},
        },
    },
    depends={"galleryImageName": ("definition",), "storageProfile": ("image",)},
)
CHAIN = (DISK, SNAPSHOT, IMAGE, DEFINITION, VERSION)


def changed(sample: Sample, **props: Any) -> Sample:
    """Return the sample with other properties."""
    return replace(sample, props={**sample.props, **props})


_SOURCELESS = {"osDisk": {"osType": "Linux", "osState": "Generalized", "caching": "ReadWrite"}}

OS_CLASH = (DISK, SNAPSHOT, IMAGE, changed(DEFINITION, osType="Windows"), VERSION)
GENERATION_CLASH = (DISK, SNAPSHOT, IMAGE, changed(DEFINITION, hyperVGeneration="V1"), VERSION)
BROKEN_CHAIN = (replace(changed(IMAGE, storageProfile=_SOURCELESS), depends={}),)
