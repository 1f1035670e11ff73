"""Markdown by the rules that GitHub, Azure DevOps and GitLab share, safe for text of anybody.

Names and values of a change are written by whoever opened it: nothing of theirs may become a
link, a mention, a heading or the end of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from imagefleet.review.wording import safe

LONGEST_CELL = 320
LONGEST_SENTENCE = 640
LONGEST_NAME = 120
_SPECIAL = re.compile(r"([\\`*_\[\]{}~!])")
# An entity that shows nothing parts the sign from what would make a mention or a reference of it.
_PARTED = {"@": "@&#8203;", "#": "#&#8203;"}
# What GitHub links without any mark: bare hosts, GH-12, and the whole hash of a commit.
_BARE = (
    re.compile(r"(www)(?=\.)", re.IGNORECASE),
    re.compile(r"(?<![^\W_])(gh)(?=-\d)", re.IGNORECASE),
    re.compile(r"(?<![0-9a-f])([0-9a-f]{7})(?=[0-9a-f]{33})", re.IGNORECASE),
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, longest: int = LONGEST_CELL) -> str:
    """Return `text` as Markdown that shows just that, on one line, cut at `longest` characters."""
    shown = _SPECIAL.sub(r"\\\1", "".join(_ENTITIES.get(each, each) for each in cut(text, longest)))
    # "&#8203;" must not be parted itself: entities made above hold no "#".
    parted = "".join(_PARTED.get(each, each) for each in shown)
    for bare in _BARE:
        parted = bare.sub(r"\1&#8203;", parted)
    return parted.replace("://", ":&#8203;//")


def code(text: str, longest: int = LONGEST_NAME) -> str:
    """Return `text` as a code span, in which nothing is markup; empty for an empty text."""
    shown = cut(text, longest).strip()
    if not shown:
        return ""
    runs = [len(run) for run in re.findall(r"`+", shown)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cut(text: str, longest: int) -> str:
    """Return `text` on one line and at most `longest` characters long, an ellipsis at its end."""
    flat = safe(text)
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def row(cells: Iterable[str]) -> str:
    """Return a table's row; a pipe in a cell is escaped, also in a code span (GFM tables)."""
    return "| " + " | ".join(each.replace("|", "\\|") or " " for each in cells) + " |"


def table_head(titles: Sequence[str], numeric: Sequence[str] = ()) -> str:
    """Return the two lines that open a table."""
    rule = row(["---:" if title in numeric else "---" for title in titles])
    return f"{row(titles)}\n{rule}"


def fence(language: str, lines: Iterable[str]) -> str:
    """Return a fenced block that no line inside can close."""
    body = list(lines)
    longest = max((len(run) for line in body for run in re.findall(r"`+", line)), default=0)
    marks = "`" * max(3, longest + 1)
    return "\n".join([f"{marks}{language}", *body, marks])


def folded(summary: str, body: str) -> str:
    """Return a body that a reader opens; the empty lines let Markdown go on inside."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
