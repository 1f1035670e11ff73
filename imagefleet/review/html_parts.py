"""Pieces that all parts of the page share: text made safe, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from imagefleet.review.wording import safe


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its heading; `about` says what it lists, `key` is an id of its own on the page.

    Cells are HTML already; the first of a row names it.
    """

    key: str
    title: str
    about: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def text(value: str) -> str:
    """Return `value` on one line, without what steers a reader's screen, as HTML."""
    return escape(safe(value))


def table(content: Table, level: int = 3) -> Iterator[str]:
    """Yield a table as HTML, nothing where it has no row.

    Roles are written out because a narrow screen lays rows out as blocks, which takes the meaning
    of a table away. What can be scrolled can be reached by the keyboard.
    """
    if not content.rows:
        return
    cells = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in content.heads)
    yield f'<h{level} id="{content.key}">{content.title}</h{level}>'
    yield f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{content.key}">'
    yield f'<table role="table"><caption>{content.about}</caption>'
    yield f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead><tbody role="rowgroup">'
    for row in content.rows:
        first, *rest = row
        named = "".join(
            f'<td role="cell" data-head="{head}">{cell}</td>'
            for head, cell in zip(content.heads[1:], rest, strict=True)
        )
        yield f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{named}</tr>'
    yield "</tbody></table></div>"
