"""How a change of a pool or an image version is said, the same in every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from imagefleet.review.changes import (
    ORDER,
    ChangeClass,
    PoolChange,
    StackReview,
    VersionChange,
)
from imagefleet.review.policy_words import Kind
from imagefleet.review.wording import count

ARROW = "→"
_DONE = {
    "create": "created",
    "import": "imported",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "discard": "forgotten",
}


def verdict(review: StackReview) -> str:
    """Return the word for how a stack stands: refused, failed, not judged, open or passes."""
    if review.of(Kind.FAILURE):
        return "refused"
    if not review.succeeded:
        return "failed"
    if not review.judged:
        return "not judged" if review.judging_expected else "told"
    return "open" if review.of(Kind.UNDECIDED) else "passes"


def verdict_sentence(review: StackReview) -> str:
    """Return verdict, what stands behind it, and what changes, in a few short sentences."""
    failures, undecided = review.of(Kind.FAILURE), review.of(Kind.UNDECIDED)
    advice, noted, waivers = (review.of(kind) for kind in (Kind.ADVICE, Kind.NOTED, Kind.WAIVER))
    said = {
        "refused": f"refused by policy, {count(len(failures), 'mandatory finding')}.",
        "failed": "the preview failed.",
        "not judged": "no policy pack judged this.",
        "open": "passes as far as can be told, mandatory rules are undecided.",
        "passes": "passes.",
        "told": "only told, no policy is asked here.",
    }[verdict(review)]
    more = [
        f"{len(undecided)} undecided" if undecided else "",
        count(len(waivers), "waiver") if waivers else "",
        count(len(advice), "advisory finding") if advice else "",
        f"{len(noted)} for Azure to answer" if noted else "",
    ]
    told = ", ".join(filter(None, more))
    # Of a preview that failed, what it had not come to yet is not known.
    changes = "" if not review.succeeded and not review.changes else f"{changes_sentence(review)}."
    return " ".join(filter(None, [said, changes, f"{told}." if told else ""]))


def changes_sentence(review: StackReview) -> str:
    """Return what changes, in numbers, without a full stop: `1 pool replaced, 2 pools new`."""
    parts = [
        *_counted(Counter(each.change for each in review.changed_pools), "pool"),
        *_counted(Counter(each.change for each in review.changed_versions), "image version"),
        *(others_words(review.others)),
    ]
    if parts:
        return ", ".join(parts)
    return "Other things change" if review.changes else "Nothing changes"


def others_words(others: Mapping[str, int]) -> list[str]:
    """Return the operations on other resources in words."""
    return [
        f"{count(number, 'other resource')} {_DONE.get(op, op)}" for op, number in others.items()
    ]


def nodes(change: PoolChange) -> str:
    """Return the nodes before and after."""
    return _both(
        change.before.nodes if change.before else "", change.after.nodes if change.after else ""
    )


def image(change: PoolChange) -> str:
    """Return the image version before and after."""
    before = str(change.before.image) if change.before else ""
    after = str(change.after.image) if change.after else ""
    return _both(before, after)


def pool_words(change: PoolChange) -> str:
    """Return what a change asks of a pool, in words."""
    properties = ", ".join(change.properties)
    because = f": {properties}" if properties else ""
    if change.change is ChangeClass.NEW:
        return f"new pool, beside {change.beside}" if change.beside else "new pool"
    if change.change is ChangeClass.REMOVED:
        after = f", its work goes to {change.beside}" if change.beside else ""
        return f"removed{after}"
    if change.change is ChangeClass.REPLACED:
        return f"replaced{', deleted first' if change.delete_first else ''}{because}"
    return f"{change.change.value}{because}"


def version_words(change: VersionChange) -> str:
    """Return what a change does to an image version, in words."""
    if change.change is ChangeClass.NEW:
        return "new version"
    properties = ", ".join(change.properties)
    return f"{change.change.value}{f': {properties}' if properties else ''}"


def replicas(change: VersionChange) -> str:
    """Return the replicas by region: `westeurope 2 → 4, northeurope new 1, uksouth 1 → none`."""
    olds = dict(change.before.replicas) if change.before else {}
    news = dict(change.after.replicas) if change.after else {}
    if change.before is None or change.after is None:
        return ", ".join(f"{region} {number}" for region, number in sorted((news or olds).items()))
    return ", ".join(_region(region, olds, news) for region in sorted({*olds, *news}))


def source(change: VersionChange) -> str:
    """Return the source before and after."""
    return _both(
        change.before.source if change.before else "", change.after.source if change.after else ""
    )


def _region(region: str, olds: Mapping[str, int], news: Mapping[str, int]) -> str:
    before, after = olds.get(region), news.get(region)
    if before == after:
        return f"{region} {after}"
    return f"{region} {before or 'none'} {ARROW} {after or 'none'}"


def _both(before: str, after: str) -> str:
    if not before or not after or before == after:
        return after or before
    return f"{before} {ARROW} {after}"


def _counted(counts: Mapping[ChangeClass, int], noun: str) -> Iterator[str]:
    for change in ORDER:
        if number := counts.get(change):
            verb = "need zero nodes" if number > 1 else change.value
            word = verb if change is ChangeClass.ZERO_NODES else change.value
            yield f"{count(number, noun)} {word}"
