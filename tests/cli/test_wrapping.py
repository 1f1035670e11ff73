"""Prose fits a terminal, in every script."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from imagefleet.cli.wrapping import WIDTH, print_hanging, wrapped

PROSE = st.text(st.sampled_from("ab c\u3000 画像池レンダー-,.é"), max_size=400)


@given(PROSE, st.integers(0, 8), st.integers(0, 4))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text, indent, hanging):
    lines = wrapped(text, indent, hanging=hanging)
    assert all(cell_len(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_wide_character_takes_two_cells():
    lines = wrapped("画像 " * 40, 2)
    assert [cell_len(line) for line in lines] == [76, 76, 51]


def test_lines_after_the_first_hang():
    assert wrapped("word " * 30, 2, hanging=2)[1].startswith("    word")
    assert wrapped("word " * 30, 4, first="  - ")[:2] == [
        f"  - {' '.join(['word'] * 15)}",
        f"    {' '.join(['word'] * 15)}",
    ]


def test_a_hyphen_ends_no_line():
    assert "low-priority" in wrapped(f"{'a' * 70} low-priority")[1]


def printed(markup, width, **settings):
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    print_hanging(console, markup, **settings)
    return console.file.getvalue().splitlines()


@given(PROSE, st.integers(24, 200), st.integers(0, 8))
def test_what_is_printed_fits_the_console_but_for_words_that_do_not(text, width, indent):
    lines = printed(escape(text), width, indent=indent)
    assert all(line == line.rstrip() for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    room = max(width - indent - 2, 20)
    for line in lines:
        whole = len(line.split()) == 1 and cell_len(line.strip()) > room
        assert whole or cell_len(line) <= max(width, indent + 22)


def test_an_id_is_left_whole_and_wide_words_are_not():
    long = f"/subscriptions/{'a' * 90}"
    assert printed(f"is there: {long} ok", 40, indent=2) == ["  is there:", f"    {long}", "    ok"]
    assert len(printed("画像" * 30, 40, indent=2)) == 4


def test_colours_stay_with_their_words():
    console = Console(width=30, file=io.StringIO(), force_terminal=True, color_system="standard")
    print_hanging(console, f"[red]✗[/] {'word ' * 8}", 2)
    assert "\x1b[31m✗\x1b[0m" in console.file.getvalue()
