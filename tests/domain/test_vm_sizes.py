"""What a VM size's name tells, and where it tells nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import vm_sizes
from imagefleet.domain.fleet import Architecture, Generation

X64, ARM = Architecture.X64, Architecture.ARM64


@pytest.mark.parametrize(
    ("name", "vcpus", "temp_disk", "architecture"),
    [
        ("Standard_D4ds_v5", 4, True, X64),
        ("STANDARD_D2_V3", 2, True, X64),
        ("Standard_D4s_v5", 4, False, X64),
        ("Standard_D8as_v4", 8, True, X64),
        ("Standard_E16ads_v5", 16, True, X64),
        ("Standard_D4pds_v5", 4, True, ARM),
        ("Standard_D8ps_v5", 8, False, ARM),
        ("Standard_F72s_v2", 72, True, X64),
        ("Standard_HB120rs_v3", 120, True, X64),
        ("Standard_D4plds_v6", 4, True, ARM),
        ("Standard_D4ads_v6", 4, True, X64),
        ("Standard_E32-8ds_v5", 8, True, X64),
        ("Standard_D96ls_v6", 96, False, X64),
    ],
)
def test_a_size_is_known_from_the_table_or_its_name(name, vcpus, temp_disk, architecture):
    size = vm_sizes.look_up(name)
    assert (size.vcpus, size.temp_disk, size.architecture) == (vcpus, temp_disk, architecture)


@pytest.mark.parametrize("name", ["Standard_D3_v2", "Standard_DC4s_v3", "Standard_M64s", "x", ""])
def test_nothing_is_concluded_where_no_convention_is_certain(name):
    size = vm_sizes.look_up(name)
    known = (size.vcpus, size.temp_disk, size.generations, size.architecture)
    assert known == (None, None, None, None)


def test_generations_that_a_size_boots():
    assert vm_sizes.look_up("Standard_D4_v3").generations == {Generation.V1}
    assert vm_sizes.look_up("Standard_D4s_v3").generations == {Generation.V1, Generation.V2}
    assert vm_sizes.look_up("Standard_D4ps_v5").generations == {Generation.V2}


@pytest.mark.parametrize("name", [size.name for size in vm_sizes._TABLE.values()])
def test_the_table_and_the_convention_agree(name):
    table, named = vm_sizes.look_up(name), vm_sizes._by_convention(name)
    for field in ("vcpus", "temp_disk", "architecture"):
        if getattr(named, field) is not None:
            assert getattr(table, field) == getattr(named, field)
    assert vm_sizes.fault(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "Standard_A1_v2", "Standard_A2m_v2", "Standard_A8m_v2", "STANDARD_A4M_V2", "Standard_A4",
        "Standard_B2ms", "Basic_A1",
    ],
)  # fmt: skip
def test_sizes_that_pools_cannot_use(name):
    """D70's own sample size is among them."""
    assert "cannot use any more" in vm_sizes.fault(name)


@pytest.mark.parametrize("name", ["", "D4s_v5", "Standard D4s v5", "large"])
def test_what_has_not_the_form_of_a_size(name):
    assert vm_sizes.fault(name).startswith("is not the form of a VM size")


@given(st.text())
def test_any_text_can_be_looked_up(text):
    assert vm_sizes.look_up(text).name.strip().lower() == text.strip().lower()
