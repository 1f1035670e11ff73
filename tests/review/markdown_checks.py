"""What makes a report valid Markdown: read by a real parser, and by the rules of GFM tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from imagefleet.review.markdown_report import LIMIT

_VOID = {"br", "hr", "img", "input"}


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def assert_valid(text: str, limit: int = LIMIT) -> None:
    """Fail where a report is too long, a table broken, a fold left open or a fence not closed."""
    assert len(text) <= limit
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type == "fence":
            assert token.info.strip() in {"mermaid", "diff"}
    plain = "".join(token.content for token in tokens if token.type == "html_block")
    balance = _Balance()
    balance.feed(plain)
    assert balance.open == []
    _assert_tables(text, sum(token.type == "table_open" for token in tokens))


def _assert_tables(text: str, parsed: int) -> None:
    """Fail where a row has another number of cells than its head, or a table is not seen as one."""
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    blocks = re.findall(r"(?m)(?:^\|.*\n)+", outside)
    assert len(blocks) == parsed
    for block in blocks:
        lines = block.strip().splitlines()
        widths = {len(re.split(r"(?<!\\)\|", line)) for line in lines}
        assert len(widths) == 1, block
        assert re.fullmatch(r"\|( -+:? \|)+", lines[1])
