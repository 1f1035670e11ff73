"""Every fault of meaning is found at its place, with what is allowed; good fleets have none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fault import dotted
from imagefleet.domain.faults import find_faults
from imagefleet.domain.fleet import (
    Architecture,
    AutoScale,
    FixedScale,
    Fleet,
    Gallery,
    Generation,
    ImageIdentifier,
    ManagedImageSource,
    NfsMount,
    SnapshotSource,
    VhdSource,
)
from tests.domain import fleets
from tests.domain.fault_cases_fleet import ACCOUNT_FAULTS, FLEET_FAULTS
from tests.domain.fault_cases_good import GOOD
from tests.domain.fault_cases_images import IMAGE_FAULTS, SOURCE_FAULTS
from tests.domain.fault_cases_pools import NODE_FAULTS, POOL_FAULTS
from tests.domain.fault_kit import (
    V1,
    base,
)
from tests.domain.fleets import (
    COMPUTE,
    GROUP,
    with_image,
)


@pytest.mark.parametrize("fleet", GOOD.values(), ids=GOOD)
def test_a_good_fleet_has_no_fault(fleet):
    assert find_faults(fleet) == ()


ALL = [
    case
    for table in (
        FLEET_FAULTS, IMAGE_FAULTS, SOURCE_FAULTS, ACCOUNT_FAULTS, POOL_FAULTS, NODE_FAULTS
    )
    for case in table
]  # fmt: skip


@pytest.mark.parametrize(
    ("fleet", "path", "fragment"), ALL, ids=[f"{path} {fragment}" for _, path, fragment in ALL]
)
def test_a_fault_is_found_where_it_is_and_nowhere_else(fleet, path, fragment):
    found = {dotted(fault.path): fault.message for fault in find_faults(fleet)}
    assert list(found) == [path]
    assert fragment in found[path]


def test_one_mistake_may_have_two_faces():
    arm = with_image(architecture=Architecture.ARM64, generation=Generation.V1)
    assert [dotted(fault.path) for fault in find_faults(arm)] == [
        "images.ubuntu.generation",
        f"{V1}.source",
        "pools.render.vmSize",
    ]


def test_a_third_party_image_with_terms_is_refused():
    """D43."""
    paid = with_image(base_image=base("resf/rockylinux-x86_64/9-base"))
    faults = {dotted(fault.path): fault.message for fault in find_faults(paid)}
    assert "licence and purchase terms" in faults["images.ubuntu.baseImage"]


def test_a_retired_agent_is_refused_with_those_in_support():
    fleet = fleets.fleet(
        images={"ubuntu": fleets.image(base_image=base("contoso/linux/1"))},
        pools={"render": fleets.pool(node_agent="batch.node.ubuntu 16.04")},
    )
    (fault,) = find_faults(fleet)
    assert "no longer supported since 2024-12-31" in fault.message
    assert "batch.node.ubuntu 24.04" in fault.message


def test_support_ends_with_the_day_that_is_given():
    fleet = with_image(base_image=fleets.JAMMY)
    assert find_faults(fleet) == find_faults(fleet, today=date(2027, 6, 30)) == ()
    (fault,) = find_faults(fleet, today=date(2027, 7, 1))
    assert "since 2027-06-30" in fault.message


def test_the_same_account_under_two_keys_is_one_account_for_pool_ids():
    batch = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/old"
    fleet = fleets.fleet(
        accounts={
            "main": fleets.account(name=None, id=batch),
            "second": fleets.account(name=None, id=batch.upper()),
        },
        pools={"a": fleets.pool(id="x"), "b": fleets.pool(id="X", account="second")},
    )
    assert {dotted(fault.path) for fault in find_faults(fleet)} == {
        "accounts.second.id",
        "pools.b.id",
    }


def test_one_account_by_name_and_by_id_is_one_account():
    named = f"/subscriptions/{fleets.SUBSCRIPTION}/resourcegroups/RENDER/providers/"
    named += "Microsoft.Batch/batchAccounts/renderbatch"
    fleet = fleets.fleet(
        accounts={"main": fleets.account(), "second": fleets.account(name=None, id=named)},
        pools={"a": fleets.pool(id="x"), "b": fleets.pool(id="X", account="second")},
    )
    assert {dotted(fault.path): fault.message for fault in find_faults(fleet)} == {
        "accounts.second.id": (
            "is one account under two keys, and accounts.main.name has the same; each needs its own"
        ),
        "pools.b.id": (
            "is the pool id of a pool in the same account, and pools.a.id has the same; each needs "
            "its own"
        ),
    }


@pytest.mark.parametrize("fleet", [fleet for fleet, _, _ in ALL], ids=[path for _, path, _ in ALL])
def test_no_secret_is_ever_repeated(fleet):
    for fault in find_faults(fleet):
        assert "c2VjcmV0" not in f"{fault.path} {fault.value} {fault.message}"
        assert "pass@" not in f"{fault.path} {fault.value} {fault.message}"


def test_all_faults_are_reported_at_once():
    bad = fleets.fleet(
        location="westeurop",
        gallery=Gallery(name="a-b"),
        accounts={"main": fleets.account(name="A")},
        pools={"render": fleets.pool(image="x", vm_size="y", tasks_per_node=0)},
    )
    assert len(find_faults(bad)) == 6


texts = st.text(max_size=12) | st.sampled_from(
    ["westeurope", "1.0.0", "main", "ubuntu", "/subscriptions/x", f"{COMPUTE}/disks/d", "a?sig=b",
     "https://[", "$TargetDedicatedNodes = min(", "Standard_D4ds_v5", "batch.node.ubuntu 24.04"]
)  # fmt: skip
whole = st.integers(min_value=-10, max_value=10**9)


@st.composite
def wild_fleets(draw) -> Fleet:
    """Well-typed fleets of arbitrary texts and numbers."""
    source = draw(
        st.none()
        | st.builds(SnapshotSource, os_disk=texts, data_disks=st.dictionaries(whole, texts))
        | st.builds(VhdSource, uri=texts)
        | st.builds(ManagedImageSource, managed_image=texts)
    )
    version = fleets.version(
        source=source,
        id=draw(st.none() | texts),
        extra_regions=draw(st.dictionaries(texts, whole, max_size=2)),
        minimum_replicas=draw(whole),
    )
    image = fleets.image(
        name=draw(st.none() | texts),
        base_image=ImageIdentifier(publisher=draw(texts), offer=draw(texts), sku=draw(texts)),
        versions={draw(texts): version},
    )
    scale = draw(
        st.builds(FixedScale, dedicated=whole, low_priority=whole)
        | st.builds(AutoScale, formula=texts, maximum_nodes=whole)
    )
    pool = fleets.pool(
        account=draw(texts),
        image=draw(texts),
        versions=(draw(texts), draw(texts)),
        vm_size=draw(texts),
        scale=scale,
        id=draw(st.none() | texts),
        node_agent=draw(st.none() | texts),
        subnet_id=draw(st.none() | texts),
        inter_node_communication=draw(st.booleans()),
        mounts={draw(texts): NfsMount(source=draw(texts), path=draw(texts))},
    )
    return fleets.fleet(
        cloud=draw(st.sampled_from(Cloud)),
        subscription_id=draw(texts),
        location=draw(texts),
        gallery=Gallery(name=draw(st.none() | texts), id=draw(st.none() | texts)),
        images={draw(texts): image},
        accounts={draw(texts): fleets.account(name=draw(st.none() | texts), location=draw(texts))},
        pools={draw(texts): pool},
        tags=draw(st.dictionaries(texts, texts, max_size=2)),
    )


@given(wild_fleets())
@settings(max_examples=100)
def test_finding_faults_never_fails(fleet):
    for fault in find_faults(fleet):
        assert fault.message
        assert all(isinstance(step, str | int) for step in fault.path)
