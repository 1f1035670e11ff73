"""Names obey Azure's limits and never meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import naming
from imagefleet.domain.versions import Version

keys = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,18}[A-Za-z0-9])?", fullmatch=True)
numbers = st.integers(min_value=0, max_value=99)
versions = st.builds(Version, numbers, numbers, numbers).map(str)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (naming.gallery_fault, ["g", "render_images.1", "a" * 80],
         ["", "render-images", "_g", "g.", "a" * 81, "räume"]),
        (naming.definition_fault, ["ubuntu-22.04", "a" * 80], ["", "a_b", "-a", "a.", "a" * 81]),
        (naming.managed_image_fault, ["ubuntu-1.0.0", "a_"], ["", ".a", "a-", "a" * 81]),
        (naming.snapshot_fault, ["ubuntu-1-0-0-os", "_"], ["", "a.b", "a" * 81]),
        (naming.pool_id_fault, ["render-1-1-0", "a" * 64], ["", "render-1.1.0", "a" * 65, "a b"]),
        (naming.account_fault, ["abc", "renderbatch1", "a" * 24],
         ["ab", "Abc", "render-batch", "a" * 25]),
        (naming.resource_group_fault, ["render", "a(b)_c.d", "a" * 90],
         ["", "a.", "a b", "a" * 91]),
        (naming.key_fault, ["render", "a-b_c", "1"], ["", "a.b", "-a", "a-", "a b", "é"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_a_rule_takes_the_good_and_refuses_the_bad(rule, good, bad):
    assert [name for name in good if rule(name) is not None] == []
    assert [name for name in bad if rule(name) is None] == []
    assert all(rule(name).startswith("must be") for name in bad)


def test_a_trailing_newline_is_no_part_of_a_name():
    assert naming.pool_id_fault("render\n") is not None
    assert naming.account_fault("render\n") is not None


def test_a_guid_is_recognised_in_any_case():
    assert naming.is_guid("11111111-AAAA-4111-8111-11111111bbbb")
    assert not naming.is_guid("{11111111-1111-4111-8111-111111111111}")
    assert not naming.is_guid("11111111111141118111111111111111")


def test_the_plan_key_has_dots_and_the_pool_id_has_none():
    assert naming.pool_key("render", "1.1.0", None) == "render-1.1.0"
    assert naming.pool_id("render", "1.1.0", None) == "render-1-1-0"


def test_a_fixed_id_is_kept_and_the_key_stays_plain():
    assert naming.pool_key("render", "1.1.0", "Farm") == "render"
    assert naming.pool_id("render", "1.1.0", "Farm") == "Farm"


def test_names_of_an_image_version():
    assert naming.version_key("ubuntu", "1.0.0") == "ubuntu-1.0.0"
    assert naming.managed_image_name("ubuntu", "1.0.0") == "ubuntu-1.0.0"
    assert naming.snapshot_key("ubuntu", "1.0.0", naming.disk_role(None)) == "ubuntu-1.0.0-os"
    assert naming.snapshot_key("ubuntu", "1.0.0", naming.disk_role(0)) == "ubuntu-1.0.0-lun0"
    assert naming.snapshot_name("ubuntu", "1.0.0", naming.disk_role(7)) == "ubuntu-1-0-0-lun7"


@given(st.tuples(keys, versions), st.tuples(keys, versions))
def test_two_pools_never_have_one_id(one, other):
    ids = [naming.pool_id(key, version, None) for key, version in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert all(naming.pool_id_fault(pool_id) is None for pool_id in ids)


@given(st.tuples(keys, versions, st.none() | st.integers(0, 63)), keys, versions)
def test_two_disks_never_have_one_snapshot(one, key, version):
    role = naming.disk_role(one[2])
    names = {naming.snapshot_name(one[0], one[1], role), naming.snapshot_name(key, version, role)}
    assert (len(names) == 1) == (one[:2] == (key, version))
    assert all(naming.snapshot_fault(name) is None for name in names)


def test_a_key_that_looks_like_a_stamped_one_does_not_clash():
    assert naming.pool_id("render-1", "1.0.0", None) == "render-1-1-0-0"
    assert naming.pool_id("render", "1.1.0", None) != naming.pool_id("render-1", "1.0.0", None)
