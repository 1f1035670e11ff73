"""What is kept of pools that became steady, and how versions and replicas compare."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from imagefleet.live.watch.history import Entry, add, compare, read

ENTRY = Entry(
    stack="dev", pool="work-1.0.0", pool_id="/a/pools/work", image="ubuntu", version="1.0.0",
    region="westeurope", replicas=2, nodes=300, vm_size="Standard_D2s_v3", seconds_to_steady=600.0,
    seconds_to_ready=None, steady_at="2026-09-01T08:20:00+00:00", outcome="steady",
)  # fmt: skip


def later(minute, **changes):
    return replace(ENTRY, steady_at=f"2026-09-01T09:{minute:02}:00+00:00", **changes)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "history.jsonl"
    assert add(path, [ENTRY]) == 1
    assert read(path) == ((ENTRY,), 0)


def test_the_same_event_is_kept_once(tmp_path):
    path = tmp_path / "history.jsonl"
    add(path, [ENTRY])
    assert add(path, [replace(ENTRY, pool_id="/A/pools/WORK"), later(1)]) == 1
    assert len(read(path)[0]) == 2


@pytest.mark.parametrize("damage", [b'{"stack": "dev", "po', b"\xff\xfe\n", b"[]\n", b"{}\n"])
def test_a_damaged_line_costs_itself_alone(tmp_path, damage):
    path = tmp_path / "history.jsonl"
    path.write_bytes(damage)
    add(path, [ENTRY])
    assert read(path) == ((ENTRY,), 1)


def test_a_history_is_read_without_azures_clients():
    """They take longer to load than a history to be shown."""
    code = (
        "import sys, imagefleet.cli.live_watching, imagefleet.live.watch.history\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'azure'])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_no_history_is_an_empty_one(tmp_path):
    assert read(tmp_path / "none") == ((), 0)


def test_versions_are_compared_in_the_order_of_their_numbers():
    found = compare(
        [
            later(1, version="1.10.0", seconds_to_steady=300),
            later(2, version="1.9.0", seconds_to_steady=600),
            later(3, version="1.9.0", seconds_to_steady=800),
            later(4, version="1.9.0", seconds_to_steady=100, outcome="failed"),
        ]
    )
    assert [(each.version, each.runs, each.seconds_to_steady) for each in found] == [
        ("1.9.0", 2, 700),
        ("1.10.0", 1, 300),
    ]
    assert found[0].sooner_percent is None
    assert round(found[1].sooner_percent, 1) == 57.1


def test_replicas_of_one_version_are_compared_too():
    found = compare([later(1, replicas=1, seconds_to_steady=900), later(2, replicas=2)])
    assert [
        (each.replicas, each.sooner_percent and round(each.sooner_percent)) for each in found
    ] == [
        (1, None),
        (2, 33),
    ]


@pytest.mark.parametrize("other", [{"nodes": 600}, {"region": "uksouth"}, {"image": "windows"}])
def test_what_is_not_alike_is_not_compared(other):
    found = compare([ENTRY, later(1, **{"version": "2.0.0", **other})])
    assert [each.sooner_percent for each in found] == [None, None]
