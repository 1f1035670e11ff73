"""The fleet of a stack as a Mermaid picture: image versions with their replicas, and the pools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from imagefleet.review.changes import ORDER, ChangeClass, PoolChange, StackReview, VersionChange
from imagefleet.review.fleet_state import PoolState, VersionState
from imagefleet.review.markdown_text import cut
from imagefleet.review.wording import count

# A picture of more says nothing any more; changes come first.
MOST_POOLS: Final = 20
MOST_VERSIONS: Final = 12
_LONGEST: Final = 60
_NUMBER: Final = re.compile(r" (?=\d+(?:,|$))")
_KEPT: Final = "\u00a0"
_ENTITIES: Final = {
    "#": "#35;",
    ";": "#59;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "&": "#amp;",
    "%": "#37;",  # "%%{" would begin a directive
}
# No fill: the page shows through, light or dark.
_FRAME: Final = "fill:none,stroke:#808891"
# Dark text on light fills and light edges reads on a light and on a dark page.
_CLASSES: Final = {
    ChangeClass.NEW: ("new", "fill:#d4f5dc,stroke:#1a7f37,color:#0b2e13"),
    ChangeClass.IN_PLACE: ("moved", "fill:#fff3c4,stroke:#9a6700,color:#3b2300"),
    ChangeClass.ZERO_NODES: ("moved", "fill:#fff3c4,stroke:#9a6700,color:#3b2300"),
    ChangeClass.REPLACED: ("replaced", "fill:#ffd8d3,stroke:#cf222e,color:#5c0a12"),
    ChangeClass.REMOVED: (
        "removed",
        "fill:#ffd8d3,stroke:#cf222e,color:#5c0a12,stroke-dasharray:4",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The lines of a picture, and what it leaves out ("" for nothing)."""

    lines: tuple[str, ...]
    left_out: str


def picture(review: StackReview) -> Picture:
    """Return the fleet before and after; each thing that changes is marked on both sides."""
    pools = review.pools[:MOST_POOLS]
    wanted = {pool.image.place for each in pools for pool in (each.before, each.after) if pool}
    versions = sorted(
        review.versions,
        key=lambda each: (
            each.change is ChangeClass.SAME,
            each.state.place not in wanted,
            ORDER.index(each.change),
        ),
    )[:MOST_VERSIONS]
    lines = ["flowchart TB"]
    for title, mark, old in (("before", "b", True), ("after", "a", False)):
        lines += _side(f"{review.stack} {title}", mark, pools, versions, old=old)
    # The edge keeps them in order: of two that nothing joins, the later one is drawn above.
    lines += ["  b ==> a", f"  style b {_FRAME}", f"  style a {_FRAME}"]
    changes = {each.change for each in pools} | {each.change for each in versions}
    used = sorted({_CLASSES[change] for change in changes if change in _CLASSES})
    lines += [f"  classDef {name} {style}" for name, style in used]
    return Picture(lines=tuple(lines), left_out=_left_out(review, len(pools), len(versions)))


def _side(
    title: str,
    mark: str,
    pools: Sequence[PoolChange],
    versions: Sequence[VersionChange],
    *,
    old: bool,
) -> Iterable[str]:
    yield f'  subgraph {mark}["{_label(title)}"]'
    yield "    direction LR"
    ids: dict[str, str] = {}
    for number, change in enumerate(versions):
        version = change.before if old else change.after
        if version is not None:
            ids[version.place] = f"{mark}v{number}"
            yield f'    {mark}v{number}["{_version_label(version)}"]{_class(change.change)}'
    edges = []
    for number, each in enumerate(pools):
        pool = each.before if old else each.after
        if pool is None:
            continue
        yield f'    {mark}p{number}("{_pool_label(pool)}"){_class(each.change)}'
        origin = ids.get(pool.image.place)
        if origin is None:
            origin = f"{mark}o{number}"
            yield f'    {origin}["{_label(str(pool.image)) or "no image"}"]'
        edges.append(f"    {origin} --> {mark}p{number}")
    yield from edges
    if not ids and not edges:
        yield f'    {mark}none["nothing"]'
    yield "  end"


def _version_label(version: VersionState) -> str:
    where = ", ".join(f"{region} {number}" for region, number in version.replicas)
    replicas = _label(f"replicas: {where or 'none'}")
    # A line that has to be broken is not broken between a region and its number.
    return f"{_label(version.name)}<br/>{_NUMBER.sub(_KEPT, replicas)}"


def _pool_label(pool: PoolState) -> str:
    nodes = pool.nodes if pool.autoscale else f"{pool.nodes} nodes"
    where = f"<br/>{_label(pool.region)}" if pool.region else ""
    return f"{_label(pool.pool_id)}<br/>{_label(nodes)}{where}"


def _label(text: str) -> str:
    return "".join(_ENTITIES.get(each, each) for each in cut(text, _LONGEST))


def _class(change: ChangeClass) -> str:
    found = _CLASSES.get(change)
    return f":::{found[0]}" if found else ""


def _left_out(review: StackReview, pools: int, versions: int) -> str:
    more = [
        count(len(review.pools) - pools, "pool") if len(review.pools) > pools else "",
        count(len(review.versions) - versions, "image version")
        if len(review.versions) > versions
        else "",
    ]
    said = " and ".join(filter(None, more))
    return f"{said} not drawn; changes come first." if said else ""
