"""Random fleets without faults, for properties of the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import (
    AllocationMode,
    Architecture,
    AutoScale,
    FixedScale,
    Generation,
    Grant,
    GrantRole,
    GrantScope,
    ImageIdentifier,
    ImageVersionSource,
    KeyVaultReference,
    ManagedImageSource,
    OsType,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.versions import Version
from tests.domain import fleets

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet

REGIONS = {
    Cloud.PUBLIC: ("westeurope", "West Europe", "eastus2", "northeurope"),
    Cloud.CHINA: ("chinanorth3", "China North 3", "chinaeast2"),
    Cloud.USGOV: ("usgovvirginia", "usgovarizona"),
}
SUFFIX = {
    Cloud.PUBLIC: "core.windows.net",
    Cloud.CHINA: "core.chinacloudapi.cn",
    Cloud.USGOV: "core.usgovcloudapi.net",
}

small = st.integers(min_value=0, max_value=12)
numbers = st.builds(Version, small, small, small).map(str)
keys = st.from_regex(r"[a-z](?:[a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)


def sources(cloud: Cloud) -> st.SearchStrategy[Any]:
    disk = st.sampled_from(["disks", "snapshots"])
    compute = fleets.COMPUTE
    return st.one_of(
        st.builds(
            lambda kind, luns: SnapshotSource(
                os_disk=f"{compute}/{kind}/os",
                data_disks={lun: f"{compute}/{kind}/data{lun}" for lun in luns},
            ),
            disk,
            st.sets(st.integers(0, 63), max_size=3),
        ),
        st.just(VirtualMachineSource(virtual_machine=f"{compute}/virtualMachines/builder")),
        st.just(VhdSource(uri=f"https://disks.blob.{SUFFIX[cloud]}/vhds/image.vhd")),
        st.just(ManagedImageSource(managed_image=f"{compute}/images/made")),
        st.just(
            ImageVersionSource(
                image_version=f"{compute}/galleries/old/images/ubuntu/versions/7.0.0"
            )
        ),
    )


def versions(cloud: Cloud, number: str) -> st.SearchStrategy[Any]:
    made = st.builds(
        fleets.version,
        source=sources(cloud),
        minimum_replicas=st.integers(1, 20),
        extra_regions=st.dictionaries(
            st.sampled_from([name for name in REGIONS[cloud] if " " not in name]),
            st.integers(1, 100),
        ),
    )
    existing = fleets.version(
        source=None, id=f"{fleets.COMPUTE}/galleries/packer/images/base/versions/{number}"
    )
    return made | st.just(existing)


@st.composite
def images(draw: st.DrawFn, cloud: Cloud, key: str) -> Any:
    listed = draw(st.sets(numbers, min_size=1, max_size=3))
    windows = draw(st.booleans())
    return fleets.image(
        os_type=OsType.WINDOWS if windows else OsType.LINUX,
        generation=Generation.V2,
        architecture=Architecture.X64,
        base_image=fleets.WINDOWS if windows else fleets.NOBLE,
        identifier=ImageIdentifier(publisher="contoso", offer="render", sku=key),
        versions={number: draw(versions(cloud, number)) for number in sorted(listed)},
        write_security_type=draw(st.booleans()),
    )


@st.composite
def accounts(draw: st.DrawFn, cloud: Cloud, index: int) -> Any:
    vault = KeyVaultReference(
        id=f"{fleets.GROUP}/providers/Microsoft.KeyVault/vaults/v",
        url={
            Cloud.PUBLIC: "https://v.vault.azure.net/",
            Cloud.CHINA: "https://v.vault.azure.cn/",
            Cloud.USGOV: "https://v.vault.usgovcloudapi.net/",
        }[cloud],
    )
    location = draw(st.sampled_from(REGIONS[cloud]))
    kind = draw(st.sampled_from(["new", "existing", "own"]))
    if kind == "existing":
        batch = f"{fleets.GROUP}/providers/Microsoft.Batch/batchAccounts/old{index}"
        return fleets.account(name=None, id=batch, location=location)
    if kind == "own":
        mode = AllocationMode.USER_SUBSCRIPTION
        return fleets.account(
            name=f"acct{index}", location=location, allocation_mode=mode, key_vault=vault
        )
    return fleets.account(name=f"acct{index}", location=location)


scales = st.one_of(
    st.builds(
        FixedScale,
        dedicated=st.integers(0, 2_000),
        low_priority=st.integers(0, 2_000),
        resize_timeout_minutes=st.none() | st.integers(60, 600),
    ),
    st.builds(
        AutoScale,
        formula=st.just("$TargetDedicatedNodes = $PendingTasks.GetSample(1);"),
        maximum_nodes=st.integers(1, 4_000),
        evaluation_interval_minutes=st.integers(5, 168 * 60),
    ),
)


@st.composite
def pools(draw: st.DrawFn, fleet: Fleet, index: int) -> Any:
    image_key = draw(st.sampled_from(sorted(fleet.images)))
    known = sorted(fleet.images[image_key].versions)
    fixed = draw(st.booleans())
    listed = draw(st.sets(st.sampled_from(known), min_size=1, max_size=1 if fixed else 2))
    return fleets.pool(
        account=draw(st.sampled_from(sorted(fleet.accounts))),
        image=image_key,
        versions=tuple(sorted(listed)),
        scale=draw(scales),
        id=f"fixed_{index}" if fixed else None,
    )


@st.composite
def fleets_without_faults(draw: st.DrawFn) -> Fleet:
    """A fleet that `find_faults` has nothing to say about."""
    cloud = draw(st.sampled_from(Cloud))
    image_keys = sorted(draw(st.sets(keys, min_size=1, max_size=3)))
    fleet = fleets.fleet(
        cloud=cloud,
        location=draw(st.sampled_from(REGIONS[cloud])),
        tags=draw(st.dictionaries(keys, keys, max_size=2)),
        images={key: draw(images(cloud, key)) for key in image_keys},
        accounts={f"account{index}": draw(accounts(cloud, index)) for index in range(2)},
        access={
            f"app{index}": Grant(
                principal_id=f"33333333-3333-4333-8333-33333333333{index}",
                role=draw(st.sampled_from(GrantRole)),
                scope=draw(st.sampled_from(GrantScope)),
            )
            for index in range(draw(st.integers(0, 2)))
        },
    )
    return replace(
        fleet,
        pools={
            f"pool{index}": draw(pools(fleet, index)) for index in range(draw(st.integers(0, 4)))
        },
    )
