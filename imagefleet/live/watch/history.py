"""How long pools took to steady: kept as JSON lines, compared by version and replicas.

One line is one pool that became steady once. A line is written whole or not at all; a line that
cannot be read is passed over and counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from imagefleet.domain import versions as version_numbers
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.live.watch.state import State

if TYPE_CHECKING:
    # It brings Azure's clients with it, which take longer to load than a history to be shown.
    from imagefleet.live.watch.follow import Followed

FILE = "watch-history.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One pool's way to steady. `replicas` are those planned for its region, None if unknown."""

    stack: str
    pool: str
    pool_id: str
    image: str
    version: str
    region: str
    replicas: int | None
    nodes: int
    vm_size: str
    seconds_to_steady: float
    seconds_to_ready: float | None
    steady_at: str
    outcome: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes an entry one event: the pool's ARM id and the moment it became steady."""
        return self.pool_id.lower(), self.steady_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries of one image, region, version and number of replicas, side by side.

    `sooner_percent` compares the median with that of the group before it of the same image and
    region: positive is shorter. None for the first, or where the numbers of nodes differ.
    """

    image: str
    region: str
    version: str
    replicas: int | None
    runs: int
    fewest_nodes: int
    most_nodes: int
    seconds_to_steady: float
    seconds_to_ready: float | None
    sooner_percent: float | None = None


def entries(stack: str, plan: FleetPlan, pools: Iterable[Followed]) -> tuple[Entry, ...]:
    """What is worth keeping of pools that have settled: those whose way there was measured."""
    versions = {version.key: version for version in plan.image_versions}
    accounts = {account.key: account for account in plan.accounts}
    found = []
    for each in pools:
        if each.seconds_to_steady is None or each.seen is None or each.seen.since is None:
            continue
        if each.state not in (State.STEADY, State.FAILED):
            continue
        version = versions[each.plan.image_version_key]
        region = accounts[each.plan.account_key].location
        replicas = [target.replicas.value for target in version.regions if target.name == region]
        found.append(
            Entry(
                stack=stack,
                pool=each.plan.key,
                pool_id=each.plan.id,
                image=version.image_key,
                version=version.version,
                region=region,
                replicas=replicas[0] if replicas and not version.existing else None,
                nodes=each.seen.nodes.allocated,
                vm_size=each.plan.settings.vm_size,
                seconds_to_steady=each.seconds_to_steady,
                seconds_to_ready=each.seconds_to_ready,
                steady_at=each.seen.since.isoformat(),
                outcome=each.state.value,
            )
        )
    return tuple(found)


def read(path: Path) -> tuple[tuple[Entry, ...], int]:
    """The entries of a history, and how many lines of it could not be read.

    No file is an empty history; raises `OSError` where there is one that cannot be opened.
    """
    if not path.exists():
        return (), 0
    found, unread = [], 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        entry = _entry(line)
        if entry is not None:
            found.append(entry)
        elif line.strip():
            unread += 1
    return tuple(found), unread


def add(path: Path, new: Sequence[Entry]) -> int:
    """Write entries that are not there yet at the end of a history; return how many they were.

    All of them are one write, so that a kill leaves all or none. Raises `OSError`.
    """
    known = {entry.key for entry in read(path)[0]}
    fresh = [entry for entry in new if entry.key not in known]
    if not fresh:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(asdict(entry), ensure_ascii=False)}\n" for entry in fresh)
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else f"\n{text}"
        file.write(text.encode())
    return len(fresh)


def compare(found: Iterable[Entry]) -> tuple[Group, ...]:
    """Pools that became steady, by image, region, version and replicas, in that order."""
    by_kind: dict[tuple[str, str, str, int | None], list[Entry]] = {}
    for entry in found:
        if entry.outcome == State.STEADY.value and entry.nodes:
            kind = (entry.image, entry.region, entry.version, entry.replicas)
            by_kind.setdefault(kind, []).append(entry)
    rank = {
        text: place for place, text in enumerate(version_numbers.ordered({k[2] for k in by_kind}))
    }
    groups: list[Group] = []
    for kind in sorted(by_kind, key=lambda k: (k[0], k[1], rank[k[2]], k[3] or 0)):
        group = _group(kind, by_kind[kind])
        before = groups[-1] if groups else None
        groups.append(_compared(group, before))
    return tuple(groups)


def _group(kind: tuple[str, str, str, int | None], of_kind: Sequence[Entry]) -> Group:
    image, region, version, replicas = kind
    ready = [each.seconds_to_ready for each in of_kind if each.seconds_to_ready is not None]
    return Group(
        image=image,
        region=region,
        version=version,
        replicas=replicas,
        runs=len(of_kind),
        fewest_nodes=min(each.nodes for each in of_kind),
        most_nodes=max(each.nodes for each in of_kind),
        seconds_to_steady=median(each.seconds_to_steady for each in of_kind),
        seconds_to_ready=median(ready) if ready else None,
    )


def _compared(group: Group, before: Group | None) -> Group:
    if before is None or (before.image, before.region) != (group.image, group.region):
        return group
    same_nodes = (before.fewest_nodes, before.most_nodes) == (group.fewest_nodes, group.most_nodes)
    if not same_nodes or not before.seconds_to_steady:
        return group
    sooner = 100 * (1 - group.seconds_to_steady / before.seconds_to_steady)
    return Group(**{**_fields(group), "sooner_percent": sooner})


def _fields(group: Group) -> dict[str, Any]:
    return {each.name: getattr(group, each.name) for each in fields(group)}


def _entry(line: str) -> Entry | None:
    try:
        document = json.loads(line)
        return Entry(**{each.name: document[each.name] for each in fields(Entry)})
    except (ValueError, KeyError, TypeError):
        return None
