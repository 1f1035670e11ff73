"""What every page must be, whatever it tells: closed tags, unique ids, nothing that runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "line", "polyline"}
_REFERS = ("aria-labelledby", "aria-describedby", "for")


class Page(HTMLParser):
    """Reads a page, and fails where a tag is not closed or may run something."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        assert tag in VOID
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def handle_data(self, data) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def assert_sound(text: str) -> Page:
    """Return the page read; fail where it is not well made or could ask for anything."""
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in {"script", "img", "iframe", "object", "embed", "link", "base", "form"}
        assert not [
            name for name in attributes if name.startswith("on") or name in {"src", "style"}
        ]
        assert attributes.get("href", "#").startswith("#")
        for name in _REFERS:
            assert set(attributes.get(name, "").split()) <= set(ids), (tag, attributes)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert page.named("html") == [{"lang": "en"}]
    for mark in ("main", "header", "nav", "footer", "h1", "title"):
        assert len([tag for tag, _ in page.tags if tag == mark and mark != "title"]) <= 1
        assert page.named(mark), mark
    assert len(page.named("caption")) == len(page.named("table"))
    assert all("scope" in each for each in page.named("th"))
    drawn = [each for each in page.named("svg") if "aria-hidden" not in each]
    assert all(each["role"] == "img" and each["aria-labelledby"] for each in drawn)
    return page
