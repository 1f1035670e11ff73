"""The review as one self-contained page: no script, no network, readable on paper.

It says what the Markdown says and draws the fleet by regions, where a comment has only a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

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
from imagefleet.review.changes import ChangeClass, StackReview
from imagefleet.review.html_map import fleet_map
from imagefleet.review.html_style import STYLE
from imagefleet.review.policy_words import Kind, PolicyWord
from imagefleet.review.raw_diff import raw_diff
from imagefleet.review.wording import safe

_MOST_LINES: Final = 20_000
_KINDS: Final = (
    (Kind.FAILURE, "Mandatory policies not met", True),
    (Kind.UNDECIDED, "Undecided before deployment", True),
    (Kind.WAIVER, "Waivers", True),
    (Kind.NOTED, "What only Azure can answer", False),
    (Kind.ADVICE, "Advisory findings", False),
)
_LINES: Final = {"+": "add", "-": "del", "!": "mod"}
_HOW: Final = "Made by <code>imagefleet review</code> on the simulated Azure, without credentials."
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def render(reviews: Sequence[StackReview], *, base: str = "") -> str:
    """Return the page about these stacks; `base` names what they are compared with."""
    against = f" against <code>{_text(base)}</code>" if base else ""
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>imagefleet review: {_text(', '.join(each.stack for each in reviews))}</title>",
        f"<style>{STYLE}</style></head><body>",
        '<a class="skip" href="#main">To the review</a>',
        f"<header><h1>imagefleet review{against}</h1></header>",
        *_overview(reviews),
        '<main id="main">',
        *(line for number, review in enumerate(reviews) for line in _stack(review, number)),
        "</main>",
        f"<footer><p>{_HOW}</p></footer>",
        "</body></html>",
    ]
    return "\n".join(lines) + "\n"


def _overview(reviews: Sequence[StackReview]) -> Iterator[str]:
    yield '<nav aria-label="Stacks"><ul class="verdicts">'
    for number, review in enumerate(reviews):
        word = verdict(review)
        yield (
            f'<li class="{word.replace(" ", "-")}"><a href="#stack-{number}">'
            f"{_text(review.stack)}</a>: {_text(verdict_sentence(review))}</li>"
        )
    yield "</ul></nav>"


def _stack(review: StackReview, number: int) -> Iterator[str]:
    yield f'<section aria-labelledby="stack-{number}">'
    yield f'<h2 id="stack-{number}" tabindex="-1">Stack {_text(review.stack)}</h2>'
    for error in review.errors:
        yield f'<div class="rule failure"><p><strong>Error</strong> {_text(error)}</p></div>'
    for note in review.notes:
        yield f'<p class="soft">{_text(note)}</p>'
    for kind, heading, shown in _KINDS:
        yield from _findings(heading, review.of(kind), kind=kind, shown=shown)
    yield from _pools(review)
    yield from _versions(review)
    yield from _costs(review)
    if review.pools or review.versions:
        yield "<h3>The fleet by regions</h3>"
        yield from fleet_map(review)
    yield from _raw(review)
    yield "</section>"


def _findings(
    heading: str, words: Sequence[PolicyWord], *, kind: Kind, shown: bool
) -> Iterator[str]:
    if not words:
        return
    title = f"{heading} ({len(words):,})"
    yield f"<h3>{title}</h3>" if shown else f"<details><summary>{title}</summary>"
    by_rule: dict[str, list[PolicyWord]] = {}
    for word in words:
        by_rule.setdefault(word.rule, []).append(word)
    style = "rule failure" if kind is Kind.FAILURE else "rule"
    for rule, group in by_rule.items():
        first = group[0]
        facts = ", ".join(filter(None, [first.level, first.severity, first.sources]))
        yield f'<div class="{style}"><p><strong><code>{_text(rule)}</code></strong> '
        yield f'<span class="soft">{_text(facts)}</span><br>{_text(first.summary)}</p><ul>'
        for word in group:
            yield f"<li><code>{_text(word.resource)}</code>: {_text(word.sentence)}</li>"
        remedy = f"<p><em>Remedy:</em> {_text(first.remedy)}</p>" if first.remedy else ""
        yield f"</ul>{remedy}</div>"
    if not shown:
        yield "</details>"


def _pools(review: StackReview) -> Iterator[str]:
    rows = [
        (
            f"<code>{_text(change.state.pool_id)}</code>",
            _text(f"{change.state.account} {change.state.region}".strip()),
            _text(nodes(change)),
            _text(image(change)),
            _badge(change.change, pool_words(change)),
        )
        for change in review.changed_pools
    ]
    yield from _table("Pools", ("Pool", "Account", "Nodes", "Image", "Change"), rows)


def _versions(review: StackReview) -> Iterator[str]:
    rows = [
        (
            f"<code>{_text(change.state.name)}</code>",
            _text(replicas(change)),
            _text(source(change)),
            _badge(change.change, version_words(change)),
        )
        for change in review.changed_versions
    ]
    yield from _table("Image versions", ("Image version", "Replicas", "Source", "Change"), rows)


def _costs(review: StackReview) -> Iterator[str]:
    rows = [(_text(line.item), _text(line.before), _text(line.after)) for line in review.cost]
    yield from _table("Cost", ("Item", "Before", "After"), rows)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    # What can be scrolled can be reached by the keyboard.
    yield f"<h3>{title}</h3>"
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table>'
    yield f"<thead><tr>{cells}</tr></thead><tbody>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"


def _raw(review: StackReview) -> Iterator[str]:
    lines = list(raw_diff(review))
    if not lines:
        return
    yield f"<details><summary>Every property ({len(lines):,} lines)</summary>"
    # One text: what stands between the tags of a pre is shown.
    shown = "\n".join(
        f'<span class="{_LINES.get(line[:1], "")}">{escape(line)}</span>'
        for line in lines[:_MOST_LINES]
    )
    yield f'<pre tabindex="0">{shown}</pre>'
    if len(lines) > _MOST_LINES:
        yield f"<p>{len(lines) - _MOST_LINES:,} more lines are not shown.</p>"
    yield "</details>"


def _badge(change: ChangeClass, words: str) -> str:
    first, _, rest = words.partition(": ")
    style = change.value.replace(" ", "-")
    more = f" {_text(rest)}" if rest else ""
    return f'<span class="badge {style}">{_text(first)}</span>{more}'


def _text(text: str) -> str:
    return escape(safe(text))
