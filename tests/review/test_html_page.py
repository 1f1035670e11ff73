"""The page in a real Chromium: it fits, reads well, obeys the keyboard, and prints whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagefleet.review import html_report
from tests.review import programs
from tests.review.chromium import NARROW, WIDE, Browser, browser, command
from tests.review.hostile import hostile
from tests.review.page_checks import assert_sound
from tests.review.situations import BY_NAME, TODAY, Situation, Stage, non_ascii

pytestmark = pytest.mark.skipif(command() is None, reason="there is no Chromium on PATH")

SIZES = pytest.mark.parametrize("width", [WIDE, NARROW])
SCHEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
PAGES = ("fleet", "refused", "many", "unchanged", "hostile")
EACH = pytest.mark.parametrize("name", PAGES)
TAB, ENTER = 9, 13

OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
# What sticks out of the window, other than what can be scrolled in a frame of its own.
OUTSIDE = """[...document.querySelectorAll('body *')]
  .filter(each => !each.closest('.scroll, pre, .skip, thead, caption'))
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.outerHTML.slice(0, 80))"""
# Text whose colour is too near to what lies behind it (WCAG 2.2, 1.4.3), as the browser has it.
POOR = """(() => {
  const parts = text => text.match(/[0-9.]+/g).map(Number);
  const channel = part => { part /= 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const luminance = ([red, green, blue]) =>
    0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const drawn = element.closest('svg') && style.fill !== 'none' ? style.fill : style.color;
    const pair = [luminance(parts(drawn)), luminance(behind(element))].sort((a, b) => b - a);
    if ((pair[0] + 0.05) / (pair[1] + 0.05) < 4.5) poor.push(element.outerHTML.slice(0, 80));
  }
  return [seen, poor];
})()"""
# Where the keyboard is, by its place among all elements, and whether that shows.
FOCUS = """(() => {
  const here = document.activeElement, style = getComputedStyle(here);
  return [[...document.querySelectorAll('*')].indexOf(here), here.tagName, style.outlineStyle];
})()"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of real rehearsals, and one whose names are hostile."""
    folder = tmp_path_factory.mktemp("pages")
    many = Situation(
        name="many", stack="dev", base=(), head=(non_ascii,), head_code=programs.many(500)
    )
    situations = {
        "fleet": [Situation(name=stack, stack=stack, base=None) for stack in ("china", "prod")]
        + [BY_NAME["scale-out"]],
        "refused": [BY_NAME["trusted-launch"]],
        "many": [many],
        "unchanged": [BY_NAME["nothing-changed"]],
    }
    found: dict[str, Path] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMAGEFLEET_PACK_TODAY", TODAY)
        for name, each in situations.items():
            reviews = [
                Stage(folder=folder / f"{name}-{number}").review(situation)
                for number, situation in enumerate(each)
            ]
            found[name] = folder / f"{name}.html"
            found[name].write_text(html_report.render(reviews, base="main"), encoding="utf-8")
    found["hostile"] = folder / "hostile.html"
    found["hostile"].write_text(html_report.render([hostile()], base="<b>"), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@EACH
def test_a_real_page_is_well_made(pages: dict[str, Path], name: str) -> None:
    assert_sound(pages[name].read_text(encoding="utf-8"))


@EACH
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    chromium.open(pages[name])
    chromium.value(OPEN)
    asked = {each["request"]["url"] for each in chromium.told("Network.requestWillBeSent")}
    assert asked == {pages[name].as_uri()}
    assert chromium.told("Log.entryAdded") == []
    assert chromium.told("Runtime.exceptionThrown") == []


def test_what_would_ask_or_run_is_stopped_by_the_page_itself(
    chromium: Browser, pages: dict[str, Path], tmp_path: Path
) -> None:
    """The same page with a script, a picture and a style sheet smuggled in: none of them works."""
    smuggled = (
        "<script>document.title='run'</script><img src='http://example.invalid/x' "
        "onerror=\"document.title='run'\"><link rel=stylesheet href='http://example.invalid/y'>"
    )
    text = pages["fleet"].read_text(encoding="utf-8")
    copy = tmp_path / "copy.html"
    for policy, stopped in ((True, True), (False, False)):
        kept = text if policy else text.replace("Content-Security-Policy", "x")
        copy.write_text(kept.replace("<main", f"{smuggled}<main"), encoding="utf-8")
        chromium.open(copy)
        asked = [
            each["request"]["url"]
            for each in chromium.told("Network.requestWillBeSent")
            if "example.invalid" in each["request"]["url"]
        ]
        refused = {
            each["requestId"]: each["blockedReason"]
            for each in chromium.told("Network.loadingFailed")
            if each.get("blockedReason") == "csp"
        }
        assert (chromium.value("document.title") != "run") is stopped
        assert (len(asked) == len(refused)) is stopped


@EACH
@SIZES
@SCHEMES
def test_a_page_fits_and_is_readable(
    chromium: Browser, pages: dict[str, Path], name: str, width: int, dark: bool
) -> None:
    chromium.open(pages[name], width=width, dark=dark)
    for _ in range(2):
        assert chromium.value("document.documentElement.scrollWidth") <= width
        assert chromium.value(OUTSIDE) == []
        seen, poor = chromium.value(POOR)
        assert seen > 10
        assert poor == []
        chromium.value(OPEN)


@SIZES
def test_the_picture_of_a_page_is_as_wide_as_asked_for_and_differs_by_scheme(
    chromium: Browser, pages: dict[str, Path], width: int
) -> None:
    pictures = []
    for dark in (False, True):
        chromium.open(pages["fleet"], width=width, dark=dark)
        pictures.append(chromium.picture())
        red, green, blue = chromium.value(
            "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
        )
        assert (max(red, green, blue) < 64) is dark
    for picture in pictures:
        across, down = struct.unpack(">II", picture[16:24])
        assert across == width
        assert down > 1500
        # A picture of one colour would be a few kilobytes.
        assert len(picture) > 100_000
    assert pictures[0] != pictures[1]


@SCHEMES
def test_paper_shows_what_is_folded_on_white(
    chromium: Browser, pages: dict[str, Path], dark: bool
) -> None:
    chromium.open(pages["refused"], width=794, dark=dark)
    folded = (
        "[...document.querySelectorAll('details > *')].filter(each => each.tagName != 'SUMMARY')"
    )
    heights = f"{folded}.map(each => each.getBoundingClientRect().height)"
    shown = f"{folded}.map(each => each.checkVisibility({{contentVisibilityAuto: true}}))"
    assert set(chromium.value(shown)) == {False}
    chromium.media(dark=dark, printed=True)
    assert min(chromium.value(heights)) > 0
    assert set(chromium.value(shown)) == {True}
    assert chromium.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert chromium.value(POOR)[1] == []
    assert chromium.value("document.querySelector('.verdicts').checkVisibility()")


def test_paper_has_more_pages_than_the_screen_shows(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    chromium.open(pages["refused"])
    paper = chromium.paper()
    assert paper.startswith(b"%PDF-")
    assert paper.count(b"/Type /Page\n") >= 2


@EACH
def test_the_tab_key_reaches_every_fold_and_link_in_order_and_shows_where_it_is(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    chromium.open(pages[name])
    chromium.value(OPEN)
    wanted = chromium.value(
        "[...document.querySelectorAll('a, summary, [tabindex=\"0\"]')]"
        ".map(each => [...document.querySelectorAll('*')].indexOf(each))"
    )
    reached: list[int] = []
    for _ in range(len(wanted)):
        chromium.press("Tab", code=TAB)
        place, tag, outline = chromium.value(FOCUS)
        assert outline != "none", tag
        reached.append(place)
    assert reached == wanted


def test_the_keyboard_opens_a_fold_and_skips_to_the_review(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    chromium.open(pages["refused"])
    chromium.press("Tab", code=TAB)
    assert chromium.value("document.activeElement.getBoundingClientRect().left") >= 0
    chromium.press("Enter", code=ENTER, text="\r")
    assert chromium.value("document.activeElement.id") == "main"
    chromium.press("Tab", code=TAB)
    assert chromium.value("document.activeElement.tagName") == "SUMMARY"
    chromium.press("Enter", code=ENTER, text="\r")
    assert chromium.value("document.activeElement.parentElement.open") is True


@SIZES
def test_a_screen_reader_is_told_of_pictures_tables_and_their_heads(
    chromium: Browser, pages: dict[str, Path], width: int
) -> None:
    chromium.open(pages["fleet"], width=width)
    tree = chromium.send("Accessibility.getFullAXTree")["nodes"]

    def names(role: str) -> list[str]:
        return [_value(each, "name") for each in tree if _value(each, "role") == role]

    drawn = [each for each in tree if _value(each, "role") == "image"]
    assert len(drawn) >= 8
    for each in drawn:
        assert _value(each, "name").startswith("Nodes ready over minutes: ")
        assert "Resize timeout: " in _value(each, "name") + _value(each, "description")
    tables = names("table")
    assert "The pools of stack china that change" in tables
    assert all(tables)
    assert {"Pool", "Nodes", "Change", "Replicas"} <= set(names("columnheader"))
    assert "large-1-0-0" in names("rowheader")
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert len(names(role)) == 1, role


def _value(node: dict[str, Any], part: str) -> str:
    return str(node.get(part, {}).get("value", ""))
