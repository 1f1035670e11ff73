"""Faults of images and their sources: (fleet, path, part of the message)."""

from __future__ import annotations

from imagefleet.domain.fleet import (
    ImageVersionSource,
    ManagedImageSource,
    OsType,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from tests.domain import fleets
from tests.domain.fault_kit import (
    FOREIGN,
    OWN_GALLERY,
    SIGNED,
    V1,
    V,
    base,
)
from tests.domain.fleets import (
    COMPUTE,
    with_image,
    with_version,
)

IMAGE_FAULTS = [
    (
        fleets.fleet(images={"ubuntu": fleets.image(), "Ubuntu": fleets.image(
            identifier=base("a/b/c"), name="other")}),
        "images.ubuntu",
        "in case only",
    ),
    (with_image(name="a_b"), "images.ubuntu.name", "dots and dashes"),
    (
        fleets.fleet(images={"a_b": fleets.image()}, pools={}),
        "images.a_b",
        "the definition's name too",
    ),
    (
        fleets.fleet(images={"ubuntu": fleets.image(), "b": fleets.image()}),
        "images.ubuntu.identifier",
        "images.b.identifier has the same",
    ),
    (
        fleets.fleet(
            images={
                "ubuntu": fleets.image(),
                "b": fleets.image(name="Ubuntu", identifier=base("a/b/c")),
            }
        ),
        "images.ubuntu.name",
        "is the name of a definition",
    ),
    (
        fleets.fleet(images={"a" * 70: fleets.image()}, pools={}),
        "images." + "a" * 70,
        "is too long",
    ),
    (with_image(os_type=OsType.WINDOWS), "images.ubuntu.baseImage", "is a Linux image"),
    (
        with_image(base_image=base("Canonical/UbuntuServer/16.04-LTS")),
        "images.ubuntu.baseImage",
        "no longer supported by Batch since 2024-12-31",
    ),
    (
        with_image(base_image=base("almalinux/almalinux-x86_64/9-gen1")),
        "images.ubuntu.baseImage",
        "generation is V1 at the source and V2 here",
    ),
    (
        fleets.fleet(
            images={"ubuntu": fleets.image(versions={"1.0": fleets.version()})}, pools={}
        ),
        f'{V}["1.0"]',
        "must be Major.Minor.Patch",
    ),
    (
        with_version(id=f"{COMPUTE}/galleries/g/images/i/versions/1.0.0"),
        V1,
        "exactly one of source",
    ),
    (with_version(source=None), V1, "exactly one of source"),
    (with_version(storage_account_type="Fast"), f"{V1}.storageAccountType", "Standard_LRS"),
    (with_version(minimum_replicas=101), f"{V1}.minimumReplicas", "1 to 100 replicas"),
    (with_version(extra_regions={"eastus": 0}), f"{V1}.extraRegions.eastus", "1 to 100 replicas"),
    (
        with_version(extra_regions={"eastus": 1, "East US": 1}),
        f"{V1}.extraRegions.eastus",
        "spelled twice",
    ),
    (
        with_version(source=None, id=f"{COMPUTE}/images/i"),
        f"{V1}.id",
        "is the id of a Microsoft.Compute/images",
    ),
    (
        with_version(source=None, id=f"{COMPUTE}/galleries/g/images/i/versions/2.0.0"),
        f"{V1}.id",
        "ends in version 2.0.0 and stands under 1.0.0",
    ),
    (
        with_version(source=None, id=f"{FOREIGN}/galleries/g/images/i/versions/1.0.0"),
        f"{V1}.id",
        "Microsoft.Batch",
    ),
    (
        with_version(source=None, id=f"{OWN_GALLERY}/images/UBUNTU/versions/1.0.0"),
        f"{V1}.id",
        "images.ubuntu.existing: true",
    ),
]  # fmt: skip

SOURCE_FAULTS = [
    (
        with_version(source=SnapshotSource(os_disk=f"{COMPUTE}/virtualMachines/vm")),
        f"{V1}.source.snapshots.osDisk",
        "/disks/<disk> or /subscriptions/",
    ),
    (
        with_version(
            source=SnapshotSource(
                os_disk=f"{COMPUTE}/disks/os", data_disks={64: f"{COMPUTE}/disks/data"}
            )
        ),
        f"{V1}.source.snapshots.dataDisks.64",
        "from 0 to 63",
    ),
    (
        with_version(
            source=SnapshotSource(
                os_disk=f"{COMPUTE}/disks/os", data_disks={0: f"{COMPUTE}/disks/OS"}
            )
        ),
        f"{V1}.source.snapshots.dataDisks.0",
        "one disk used twice",
    ),
    (
        with_version(source=VirtualMachineSource(virtual_machine=f"{COMPUTE}/images/vm")),
        f"{V1}.source.virtualMachine",
        "virtualMachines/<virtualMachine>",
    ),
    (
        with_version(source=ManagedImageSource(managed_image=f"{COMPUTE}/galleries/g/images/i")),
        f"{V1}.source.managedImage",
        "is the id of a Microsoft.Compute/galleries/images",
    ),
    (
        with_version(source=ImageVersionSource(image_version=f"{COMPUTE}/galleries/g/images/i")),
        f"{V1}.source.imageVersion",
        "versions/<version>",
    ),
    (
        with_version(
            source=ImageVersionSource(
                image_version=f"{COMPUTE}/galleries/g/images/i/versions/latest"
            )
        ),
        f"{V1}.source.imageVersion",
        "by number",
    ),
    (
        with_version(source=VhdSource(uri=f"https://a.blob.core.windows.net/c/d.vhd?{SIGNED}")),
        f"{V1}.source.vhd",
        "without a query",
    ),
    (
        with_version(source=VhdSource(uri="https://a.blob.core.chinacloudapi.cn/c/d.vhd")),
        f"{V1}.source.vhd",
        "in the public cloud",
    ),
    (
        with_version(source=VhdSource(uri="https://user:pass@a.blob.core.windows.net/c/d.vhd")),
        f"{V1}.source.vhd",
        "must be https://<account>.blob.core.windows.net/",
    ),
    (with_version(source=VhdSource(uri="d.vhd")), f"{V1}.source.vhd", "must be https://"),
    (with_version(source=VhdSource(uri="https://[::1/d.vhd")), f"{V1}.source.vhd", "must be https"),
]
