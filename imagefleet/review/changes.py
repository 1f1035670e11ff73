"""The change model: what a change does to the pools and image versions of one stack.

Every report reads it, and it is read from a `Run` alone, whatever that was read from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from imagefleet.domain.pool_updates import PoolUpdate, pool_update
from imagefleet.review import redaction
from imagefleet.review.fleet_state import (
    PoolState,
    Side,
    VersionState,
    is_pool,
    is_version,
    pools,
    versions,
)
from imagefleet.review.policy_words import Kind, PolicyWord
from imagefleet.review.run import Run, Step


class ChangeClass(StrEnum):
    """What a change does to a pool or an image version."""

    REPLACED = "replaced"
    REMOVED = "removed"
    ZERO_NODES = "needs zero nodes"
    NEW = "new"
    IN_PLACE = "in place"
    SAME = "unchanged"


ORDER = tuple(ChangeClass)
"""The classes by what they ask of people, the most first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChange:
    """A pool before and after; `properties` are the pool's own that change.

    `beside` is the id of another pool of the same work: the old image version's for a new pool, the
    new one's for a pool that goes. `delete_first` says that a replacement is down in between.
    """

    urn: str
    change: ChangeClass
    before: PoolState | None
    after: PoolState | None
    properties: tuple[str, ...] = ()
    beside: str = ""
    delete_first: bool = False

    @property
    def state(self) -> PoolState:
        """The pool as it will be, as it was where it goes."""
        some = self.after or self.before
        if some is None:
            message = f"{self.urn} is on neither side of the change"
            raise ValueError(message)
        return some


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """An image version before and after."""

    urn: str
    change: ChangeClass
    before: VersionState | None
    after: VersionState | None
    properties: tuple[str, ...] = ()

    @property
    def state(self) -> VersionState:
        """The version as it will be, as it was where it goes."""
        some = self.after or self.before
        if some is None:
            message = f"{self.urn} is on neither side of the change"
            raise ValueError(message)
        return some


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One line of a cost change, in the words of whoever priced it: an item, before and after."""

    item: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackReview:
    """The review of one stack.

    `others` counts operations on resources that are neither pool nor image version. `notes` are
    what a reader has to know about how the review was made. `judging_expected` is set where a
    policy pack must take part: that it did not is a refusal. `asked` are the ids of its rules.
    """

    stack: str
    pools: tuple[PoolChange, ...] = ()
    versions: tuple[VersionChange, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    words: tuple[PolicyWord, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    cost: tuple[CostLine, ...] = ()
    asked: tuple[str, ...] = ()
    judged: bool = True
    judging_expected: bool = True
    succeeded: bool = True

    def of(self, kind: Kind) -> tuple[PolicyWord, ...]:
        """Return what policies said of one kind."""
        return tuple(word for word in self.words if word.kind is kind)

    @property
    def refused(self) -> bool:
        """Whether this must not be merged: a mandatory policy, an error, or nobody judged it."""
        unjudged = self.judging_expected and not self.judged
        return bool(self.of(Kind.FAILURE)) or not self.succeeded or unjudged

    @property
    def changed_pools(self) -> tuple[PoolChange, ...]:
        """The pools to which something happens."""
        return tuple(each for each in self.pools if each.change is not ChangeClass.SAME)

    @property
    def changed_versions(self) -> tuple[VersionChange, ...]:
        """The image versions to which something happens."""
        return tuple(each for each in self.versions if each.change is not ChangeClass.SAME)

    @property
    def changes(self) -> bool:
        """Whether anything happens at all."""
        return any(step.changes and (step.custom or step.diffs) for step in self.steps)


def review_of(
    stack: str,
    run: Run,
    *,
    notes: tuple[str, ...] = (),
    judging_expected: bool = True,
    cost: tuple[CostLine, ...] = (),
) -> StackReview:
    """Return the review of a stack from the run that previews it."""
    return StackReview(
        stack=stack,
        pools=_pool_changes(run),
        versions=_version_changes(run),
        others=_others(run),
        words=run.words,
        errors=tuple(redaction.text(each) for each in run.errors),
        notes=tuple(redaction.text(each) for each in notes),
        steps=run.steps,
        cost=cost,
        asked=run.asked,
        judged=run.judged,
        judging_expected=judging_expected,
        succeeded=run.succeeded,
    )


def _sides(run: Run) -> tuple[Side, Side]:
    before = {step.urn: (step.type, step.before) for step in run.steps if step.before is not None}
    after = {step.urn: (step.type, step.after) for step in run.steps if step.after is not None}
    return before, after


def _pool_changes(run: Run) -> tuple[PoolChange, ...]:
    before, after = _sides(run)
    olds, news = pools(before), pools(after)
    changes = [
        PoolChange(
            urn=step.urn,
            change=_pool_class(step),
            before=olds.get(step.urn),
            after=news.get(step.urn),
            properties=_properties(step),
            delete_first=step.delete_first,
        )
        for step in run.steps
        if is_pool(step.type)
    ]
    return tuple(
        sorted(_with_siblings(changes), key=lambda each: (ORDER.index(each.change), *_place(each)))
    )


def _place(change: PoolChange) -> tuple[str, str, str]:
    return change.state.account, change.state.pool_id, change.urn


def _pool_class(step: Step) -> ChangeClass:
    if step.op == "update":
        zero = pool_update(_properties(step)) is PoolUpdate.ZERO_NODES
        return ChangeClass.ZERO_NODES if zero else ChangeClass.IN_PLACE
    return _class(step)


def _class(step: Step) -> ChangeClass:
    return {
        "create": ChangeClass.NEW,
        "import": ChangeClass.NEW,
        "delete": ChangeClass.REMOVED,
        "discard": ChangeClass.REMOVED,
        "replace": ChangeClass.REPLACED,
        "update": ChangeClass.IN_PLACE,
    }.get(step.op, ChangeClass.SAME)


def _properties(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(diff.top for diff in step.diffs))


def _with_siblings(changes: list[PoolChange]) -> list[PoolChange]:
    """Return the changes, each new pool with the one of another image version beside it.

    A pool's logical name ends with its image version, so what is before that is the pool's key.
    """
    by_key: dict[tuple[str, str], list[PoolChange]] = {}
    for change in changes:
        if key := _key(change):
            by_key.setdefault((change.state.account, key), []).append(change)
    beside: dict[str, str] = {}
    for group in by_key.values():
        for change in group:
            others = [each for each in group if each.change is not change.change]
            if change.change in (ChangeClass.NEW, ChangeClass.REMOVED) and others:
                beside[change.urn] = max(others, key=_place).state.pool_id
    return [replace(each, beside=beside.get(each.urn, "")) for each in changes]


def _key(change: PoolChange) -> str:
    name, ending = change.urn.rsplit("::", 1)[-1], f"-{change.state.image.version}"
    return name.removesuffix(ending) if len(ending) > 1 and name.endswith(ending) else ""


def _version_changes(run: Run) -> tuple[VersionChange, ...]:
    before, after = _sides(run)
    olds, news = versions(before), versions(after)
    changes = [
        VersionChange(
            urn=step.urn,
            change=_class(step),
            before=olds.get(step.urn),
            after=news.get(step.urn),
            properties=_properties(step),
        )
        for step in run.steps
        if is_version(step.type)
    ]
    return tuple(
        sorted(changes, key=lambda each: (ORDER.index(each.change), each.state.name, each.urn))
    )


def _others(run: Run) -> Mapping[str, int]:
    counted = Counter(
        step.op
        for step in run.steps
        if step.custom and step.changes and not is_pool(step.type) and not is_version(step.type)
    )
    return dict(sorted(counted.items()))
