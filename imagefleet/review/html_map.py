"""The fleet map of the page: both sides, region by region, replicas and pools in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from imagefleet.review.changes import ChangeClass, StackReview
from imagefleet.review.html_parts import text

_ELSEWHERE: Final = "region not in the stack"
# Of a large fleet, what does not change says little; it is counted.
_MOST_UNCHANGED: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    """Something in a region: an image version's replicas, or a pool."""

    title: str
    detail: str
    change: ChangeClass
    is_image: bool


@dataclass(slots=True)
class _Regions:
    """Things by region, and how many that do not change were left out of each."""

    things: dict[str, list[_Thing]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, region: str, thing: _Thing) -> None:
        region = region or _ELSEWHERE
        here = self.things.setdefault(region, [])
        unchanged = sum(each.change is ChangeClass.SAME for each in here)
        if thing.change is ChangeClass.SAME and unchanged >= _MOST_UNCHANGED:
            self.left_out[region] = self.left_out.get(region, 0) + 1
        else:
            here.append(thing)


def fleet_map(review: StackReview) -> Iterator[str]:
    """Yield the map of a stack before and after, as HTML; nothing where it has no fleet."""
    before, after = _regions(review, old=True), _regions(review, old=False)
    if not before.things and not after.things:
        return
    yield "<h3>The fleet by regions</h3>"
    sides = [("Before", before), ("After", after)]
    # What is the same twice is drawn once, and a side without anything needs no half of the page.
    if before == after:
        sides = [(_alike(review), after)]
    empty = "" if before.things and after.things else " one" if after.things else " other"
    yield f'<div class="map{empty}">'
    for title, regions in sides:
        yield f'<div class="side"><h4>{title}</h4>'
        if not regions.things:
            yield '<p class="soft">nothing</p>'
        for region in sorted(regions.things):
            yield f'<div class="region"><h5>{text(region)}</h5><ul class="things">'
            yield from (_item(thing) for thing in regions.things[region])
            if left := regions.left_out.get(region):
                yield f"<li>{left:,} more that do not change</li>"
            yield "</ul></div>"
        yield "</div>"
    yield "</div>"


def _alike(review: StackReview) -> str:
    """Return the title over both sides at once: things may change in what the map does not show."""
    if review.changed_pools or review.changed_versions:
        return "Before and after look alike here"
    # Of a preview that failed, what it had not come to yet is not known.
    return "Unchanged as far as the preview came" if review.errors else "Nothing of it changes"


def _regions(review: StackReview, *, old: bool) -> _Regions:
    regions = _Regions()
    for change in review.versions:
        version = change.before if old else change.after
        for region, number in version.replicas if version else ():
            other = change.after if old else change.before
            moved = dict(other.replicas).get(region) != number if other else True
            regions.add(
                region,
                _Thing(
                    title=version.name if version else "",
                    detail=f"{number} replica{'' if number == 1 else 's'}",
                    change=change.change if moved else ChangeClass.SAME,
                    is_image=True,
                ),
            )
    for each in review.pools:
        pool = each.before if old else each.after
        if pool is not None:
            amount = pool.nodes if pool.autoscale else f"{pool.nodes} nodes"
            detail = f"{amount}, {pool.image}, {pool.vm_size}"
            thing = _Thing(title=pool.pool_id, detail=detail, change=each.change, is_image=False)
            regions.add(pool.region, thing)
    return regions


def _item(thing: _Thing) -> str:
    marked = "" if thing.change is ChangeClass.SAME else thing.change.value
    style = " ".join(filter(None, ["image" if thing.is_image else "", marked.replace(" ", "-")]))
    kind = "image " if thing.is_image else "pool "
    note = f" ({marked})" if marked else ""
    return (
        f'<li class="{style}"><small>{kind}</small><b>{text(thing.title)}</b>'
        f"<small>{text(thing.detail)}{note}</small></li>"
    )
