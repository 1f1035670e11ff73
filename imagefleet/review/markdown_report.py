"""The review as Markdown: one text for a comment, a job summary, Azure DevOps and GitLab.

At most `LIMIT` characters, by construction: the raw difference goes first, then the picture, then
rows of tables; every cut is said. Findings of policies are put more briefly; all are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as html_escape
from typing import Final

from imagefleet.review.budget import Fixed, Part, Rows, assemble
from imagefleet.review.change_words import (
    image,
    nodes,
    pool_words,
    replicas,
    source,
    verdict,
    verdict_sentence,
    version_words,
)
from imagefleet.review.changes import PoolChange, StackReview, VersionChange
from imagefleet.review.findings_text import findings
from imagefleet.review.markdown_text import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    code,
    cut,
    escape,
    fence,
    folded,
    row,
    table_head,
)
from imagefleet.review.mermaid import picture
from imagefleet.review.policy_words import Kind
from imagefleet.review.raw_diff import raw_diff

LIMIT: Final = 64_000
"""GitHub takes 65,536 characters, Azure DevOps 150,000, GitLab 1,000,000; some are left over."""
MARKER: Final = "<!-- imagefleet-review -->"
"""The first line, by which a comment is found again."""

SIGNS: Final = {
    "refused": "❌",
    "failed": "❌",
    "not judged": "❌",
    "open": "⚠️",
    "passes": "✅",
    "told": "ℹ️",  # noqa: RUF001 the sign is meant
}
_OPEN: Final = (
    (2, Kind.FAILURE, "### ❌ Mandatory policies not met"),
    (3, Kind.UNDECIDED, "### ❔ Undecided before deployment"),
    (4, Kind.WAIVER, "### ⏳ Waivers"),
)
_FOLDED: Final = (
    (8, Kind.NOTED, "What only Azure can answer"),
    (9, Kind.ADVICE, "Advisory findings"),
)
# What each kind of findings keeps for the names of its rules whatever else there is to say: five
# kinds, and what is left is for the longest error and the heads.
_SHARE: Final = 8
_MOST_PICTURES: Final = 3
_LONGEST_ERROR: Final = 2_000


def render(reviews: Sequence[StackReview], *, base: str = "", limit: int = LIMIT) -> str:
    """Return the comment about these stacks; `base` names what they are compared with."""
    return assemble(list(_parts(reviews, base, limit)), limit - 1) + "\n"


def _parts(reviews: Sequence[StackReview], base: str, limit: int) -> Iterator[tuple[int, Part]]:
    least = limit // _SHARE
    yield 0, Fixed(text=f"{MARKER}\n## imagefleet review")
    yield 1, Rows(head="", rows=list(_verdicts(reviews)), noun="stack", least=1)
    yield from _if_any(2, _errors(reviews))
    for rank, kind, heading in _OPEN:
        yield from _if_any(rank, findings(reviews, kind, heading, _section, least))
    several = len(reviews) > 1
    pools, versions = list(_pools(reviews)), list(_versions(reviews))
    yield from _if_any(5, _table(_POOLS, "pool", pools, several=several))
    yield from _if_any(6, _table(_VERSIONS, "image version", versions, several=several))
    yield from _if_any(7, _costs(reviews))
    for rank, kind, heading in _FOLDED:
        yield from _if_any(rank, findings(reviews, kind, heading, folded, least))
    yield from _if_any(9, _notes(reviews))
    yield from ((10, part) for part in _pictures(reviews))
    yield from _if_any(11, _raw(reviews))
    yield 0, Fixed(text=_how(base))


def _if_any(rank: int, part: Part | None) -> Iterator[tuple[int, Part]]:
    if part is not None:
        yield rank, part


def _section(title: str, body: str) -> str:
    return f"{title}\n\n{body}"


def _verdicts(reviews: Sequence[StackReview]) -> Iterator[str]:
    """Yield a line for each stack; those that need somebody come first where not all fit."""
    for review in sorted(reviews, key=lambda each: not each.refused):
        word = verdict(review)
        said = escape(verdict_sentence(review), LONGEST_SENTENCE)
        yield f"- {SIGNS[word]} {code(review.stack)} {said}"


def _errors(reviews: Sequence[StackReview]) -> Part | None:
    lines = [
        f"- {code(review.stack)}: {escape(error, _LONGEST_ERROR)}"
        for review in reviews
        for error in review.errors
    ]
    if not lines:
        return None
    return Rows(head="### ❌ Errors\n", rows=lines, noun="error", least=1)


# The change comes second: on a narrow screen the columns after it are out of sight.
_POOLS = ("Pools", "Pool", "Change", "Nodes", "Image", "Account")
_VERSIONS = ("Image versions", "Image version", "Change", "Replicas", "Source")


def _table(
    titles: Sequence[str], noun: str, rows: Sequence[Sequence[str]], *, several: bool
) -> Part | None:
    """Return a table; the first of `titles` is that of its section."""
    if not rows:
        return None
    title, *titles = titles
    # The stack is the first cell of every row, needed where there are several.
    shown = [row(cells if several else cells[1:]) for cells in rows]
    heads = ("Stack", *titles) if several else titles
    return Rows(head=f"### {title}\n\n{table_head(heads)}", rows=shown, noun=noun)


def _pools(reviews: Sequence[StackReview]) -> Iterator[tuple[str, ...]]:
    for review in reviews:
        for change in review.changed_pools:
            yield (code(review.stack), *_pool(change))


def _pool(change: PoolChange) -> tuple[str, ...]:
    state = change.state
    region = f" ({escape(state.region)})" if state.region else ""
    return (
        code(state.pool_id),
        escape(pool_words(change)),
        escape(nodes(change)),
        escape(image(change)),
        f"{code(state.account)}{region}",
    )


def _versions(reviews: Sequence[StackReview]) -> Iterator[tuple[str, ...]]:
    for review in reviews:
        for change in review.changed_versions:
            yield (code(review.stack), *_version(change))


def _version(change: VersionChange) -> tuple[str, ...]:
    state = change.state
    end = f", end of life {state.end_of_life}" if state.end_of_life else ""
    return (
        code(state.name),
        escape(f"{version_words(change)}{end}"),
        escape(replicas(change), LONGEST_SENTENCE),
        escape(source(change)),
    )


def _costs(reviews: Sequence[StackReview]) -> Part | None:
    rows = [
        row((code(review.stack), escape(line.item), escape(line.before), escape(line.after)))
        for review in reviews
        for line in review.cost
    ]
    if not rows:
        return None
    head = f"### Cost\n\n{table_head(('Stack', 'Item', 'Before', 'After'))}"
    return Rows(head=head, rows=rows, noun="item")


def _notes(reviews: Sequence[StackReview]) -> Part | None:
    notes = [
        f"- {code(review.stack)}: {escape(note, LONGEST_SENTENCE)}"
        for review in reviews
        for note in review.notes
    ]
    return Rows(head="### Notes\n", rows=notes, noun="note") if notes else None


def _pictures(reviews: Sequence[StackReview]) -> Iterator[Part]:
    changed = [each for each in reviews if each.changed_pools or each.changed_versions]
    for review in changed[:_MOST_PICTURES]:
        drawn = picture(review)
        body = fence("mermaid", drawn.lines)
        note = f"\n\n_{drawn.left_out}_" if drawn.left_out else ""
        # No Markdown is read between the tags of a summary.
        name = html_escape(cut(review.stack, LONGEST_NAME))
        title = f"The fleet of <code>{name}</code> before and after"
        yield _Whole(text=folded(title, body + note), instead="_The picture: no room is left._")
    if len(changed) > _MOST_PICTURES:
        names = len(changed) - _MOST_PICTURES
        yield Fixed(text=f"_{names:,} more stacks change and are not drawn._")


class _Whole:
    """A text that is there whole or not at all, and then says so."""

    def __init__(self, *, text: str, instead: str) -> None:
        self._text, self._instead = text, instead

    def fit(self, budget: int) -> str:
        return self._text if len(self._text) <= budget else self._instead


def _raw(reviews: Sequence[StackReview]) -> Part | None:
    several = len(reviews) > 1
    lines: list[str] = []
    for review in reviews:
        own = list(raw_diff(review))
        lines += [f"@@ {cut(review.stack, 100)} @@", *own] if several and own else own
    if not lines:
        return None
    return _Raw(lines)


class _Raw:
    """The raw difference in its fold, cut by lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def fit(self, budget: int) -> str:
        whole = self._text(len(self._lines))
        if len(whole) <= budget:
            return whole
        room = budget - len(self._text(0))
        shown = 0
        while shown < len(self._lines) and room >= len(self._lines[shown]) + 1:
            room -= len(self._lines[shown]) + 1
            shown += 1
        while shown and len(self._text(shown)) > budget:
            shown -= 1
        return self._text(shown)

    def _text(self, shown: int) -> str:
        left = len(self._lines) - shown
        if not shown:
            return f"_The raw difference ({len(self._lines):,} lines): no room is left._"
        note = f"\n\n_{left:,} more lines not shown here: no room is left._" if left else ""
        body = fence("diff", self._lines[:shown])
        return folded(f"Every property ({len(self._lines):,} lines)", f"{body}{note}")


def _how(base: str) -> str:
    if not base:
        return "<sub>Made by <code>imagefleet review</code> from a run elsewhere.</sub>"
    return (
        "<sub>Made by <code>imagefleet review</code> on the simulated Azure, without credentials."
        f" Compared with {code(base)}.</sub>"
    )
