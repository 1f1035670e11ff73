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
from imagefleet.review.changes import ChangeClass, PoolChange, StackReview
from imagefleet.review.html_map import fleet_map
from imagefleet.review.html_parts import Table, table, text
from imagefleet.review.html_plot import time_to_steady
from imagefleet.review.html_style import STYLE
from imagefleet.review.policy_words import Kind, PolicyWord
from imagefleet.review.raw_diff import raw_diff

_MOST_LINES: Final = 20_000
_KINDS: Final = (
    (Kind.FAILURE, "Mandatory policies not met", True),
    (Kind.UNDECIDED, "Undecided before deployment", True),
    (Kind.WAIVER, "Waivers", True),
    (Kind.NOTED, "What only Azure can answer", False),
    (Kind.ADVICE, "Advisory findings", False),
)
_LINES: Final = {"+": "add", "-": "del", "!": "mod"}
_ELSEWHERE: Final = "Made by <code>imagefleet review</code> from a run elsewhere."
_HERE: Final = "Made by <code>imagefleet review</code> on the simulated Azure, without credentials."
# `default-src` says nothing about bases and forms.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def render(reviews: Sequence[StackReview], *, base: str = "") -> str:
    """Return the page about these stacks; `base` names what they are compared with."""
    against = f" against <code>{text(base)}</code>" if base else ""
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>imagefleet review: {text(', '.join(each.stack for each in reviews))}</title>",
        f"<style>{STYLE}</style></head><body>",
        '<a class="skip" href="#main">To the review</a>',
        f"<header><h1>imagefleet review{against}</h1></header>",
        *_overview(reviews),
        '<main id="main" tabindex="-1">',
        *(line for number, review in enumerate(reviews) for line in _stack(review, number)),
        "</main>",
        f"<footer><p>{_HERE if base else _ELSEWHERE}</p></footer>",
        "</body></html>",
    ]
    return "\n".join(lines) + "\n"


def _overview(reviews: Sequence[StackReview]) -> Iterator[str]:
    yield '<nav aria-label="Stacks"><ul class="verdicts">'
    for number, review in enumerate(reviews):
        word = verdict(review)
        yield (
            f'<li class="{word.replace(" ", "-")}"><a href="#stack-{number}">'
            f"{text(review.stack)}</a>: {text(verdict_sentence(review))}</li>"
        )
    yield "</ul></nav>"


def _stack(review: StackReview, number: int) -> Iterator[str]:
    yield f'<section aria-labelledby="stack-{number}">'
    yield f'<h2 id="stack-{number}" tabindex="-1">Stack {text(review.stack)}</h2>'
    for error in review.errors:
        yield f'<div class="rule failure"><p><strong>Error</strong> {text(error)}</p></div>'
    for note in review.notes:
        yield f'<p class="soft">{text(note)}</p>'
    for kind, heading, shown in _KINDS:
        yield from _findings(heading, review.of(kind), kind=kind, shown=shown)
    yield from table(_pools(review, f"pools-{number}"))
    yield from table(_versions(review, f"versions-{number}"))
    yield from table(_costs(review, f"cost-{number}"))
    yield from fleet_map(review)
    yield from time_to_steady(review, f"steady-{number}")
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
        yield f'<div class="{style}"><p><strong><code>{text(rule)}</code></strong> '
        yield f'<span class="soft">{text(facts)}</span><br>{text(first.summary)}</p><ul>'
        for word in group:
            yield f"<li><code>{text(word.resource)}</code>: {text(word.sentence)}</li>"
        remedy = f"<p><em>Remedy:</em> {text(first.remedy)}</p>" if first.remedy else ""
        yield f"</ul>{remedy}</div>"
    if not shown:
        yield "</details>"


def _pools(review: StackReview, key: str) -> Table:
    rows = [
        (
            f"<code>{text(change.state.pool_id)}</code>",
            _where(change),
            text(nodes(change)),
            text(image(change)),
            _badge(change.change, pool_words(change)),
        )
        for change in review.changed_pools
    ]
    heads = ("Pool", "Account", "Nodes", "Image", "Change")
    about = f"The pools of stack {text(review.stack)} that change"
    return Table(key=key, title="Pools", about=about, heads=heads, rows=rows)


def _where(change: PoolChange) -> str:
    region = f" ({text(change.state.region)})" if change.state.region else ""
    return f"{text(change.state.account)}{region}"


def _versions(review: StackReview, key: str) -> Table:
    rows = [
        (
            f"<code>{text(change.state.name)}</code>",
            text(replicas(change)),
            text(source(change)),
            _badge(change.change, version_words(change)),
        )
        for change in review.changed_versions
    ]
    heads = ("Image version", "Replicas", "Source", "Change")
    about = f"The image versions of stack {text(review.stack)} that change"
    return Table(key=key, title="Image versions", about=about, heads=heads, rows=rows)


def _costs(review: StackReview, key: str) -> Table:
    rows = [(text(line.item), text(line.before), text(line.after)) for line in review.cost]
    about = f"What stack {text(review.stack)} costs before and after"
    heads = ("Item", "Before", "After")
    return Table(key=key, title="Cost", about=about, heads=heads, rows=rows)


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
    more = f" {text(rest)}" if rest else ""
    return f'<span class="badge {style}">{text(first)}</span>{more}'
