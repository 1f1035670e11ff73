"""Fleets for the tests of the domain: a small good one, the document's own, and changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import (
    Account,
    FixedScale,
    Fleet,
    Gallery,
    Generation,
    Grant,
    Image,
    ImageIdentifier,
    ImageVersion,
    OsType,
    Pool,
    ResourceGroup,
    SnapshotSource,
)

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
PRINCIPAL = "33333333-3333-4333-8333-333333333333"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/source"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/nodes"

JAMMY = ImageIdentifier(
    publisher="Canonical", offer="0001-com-ubuntu-server-jammy", sku="22_04-lts-gen2"
)
NOBLE = ImageIdentifier(publisher="canonical", offer="ubuntu-24_04-lts", sku="server")
WINDOWS = ImageIdentifier(
    publisher="MicrosoftWindowsServer", offer="WindowsServer", sku="2022-datacenter-g2"
)


def snapshots() -> SnapshotSource:
    """A source of two disks."""
    return SnapshotSource(
        os_disk=f"{COMPUTE}/disks/builder-os", data_disks={0: f"{COMPUTE}/disks/builder-data"}
    )


def version(**changes: Any) -> ImageVersion:
    """A version made from snapshots of disks."""
    return replace(ImageVersion(source=snapshots()), **changes)


def image(**changes: Any) -> Image:
    """A Linux image of generation 2 with one version."""
    good = Image(
        os_type=OsType.LINUX,
        generation=Generation.V2,
        identifier=ImageIdentifier(publisher="contoso", offer="render", sku="ubuntu"),
        base_image=NOBLE,
        versions={"1.0.0": version()},
    )
    return replace(good, **changes)


def pool(**changes: Any) -> Pool:
    """A fixed pool of ten nodes."""
    good = Pool(
        account="main",
        image="ubuntu",
        versions=("1.0.0",),
        vm_size="Standard_D4ds_v5",
        scale=FixedScale(dedicated=10),
    )
    return replace(good, **changes)


def account(**changes: Any) -> Account:
    """A new account in the fleet's region."""
    return replace(Account(name="renderbatch", location="westeurope"), **changes)


def fleet(**changes: Any) -> Fleet:
    """One image, one account, one pool, one grant; without faults."""
    good = Fleet(
        subscription_id=SUBSCRIPTION,
        location="westeurope",
        resource_group=ResourceGroup(name="render"),
        gallery=Gallery(name="renderimages"),
        images={"ubuntu": image()},
        access={"app": Grant(principal_id=PRINCIPAL)},
        accounts={"main": account()},
        pools={"render": pool()},
    )
    return replace(good, **changes)


def with_pool(**changes: Any) -> Fleet:
    """The good fleet with its pool changed."""
    return fleet(pools={"render": pool(**changes)})


def with_image(**changes: Any) -> Fleet:
    """The good fleet with its image changed."""
    return fleet(images={"ubuntu": image(**changes)})


def with_version(**changes: Any) -> Fleet:
    """The good fleet with its only version changed."""
    return with_image(versions={"1.0.0": version(**changes)})


def with_account(**changes: Any) -> Fleet:
    """The good fleet with its account changed."""
    return fleet(accounts={"main": account(**changes)})


def china(first: int = 3000, second: int = 600) -> Fleet:
    """The document's own scenario: two pools in two regions of the China cloud."""
    return fleet(
        cloud=Cloud.CHINA,
        location="chinanorth3",
        images={"ubuntu": image(base_image=JAMMY)},
        accounts={
            "north": account(name="renderbatchn", location="China North 3"),
            "east": account(name="renderbatche", location="chinaeast2"),
        },
        pools={
            "large": pool(account="north", scale=FixedScale(dedicated=first)),
            "small": pool(account="east", scale=FixedScale(low_priority=second)),
        },
    )
