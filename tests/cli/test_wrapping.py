"""Prose fits a terminal, in every script."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from imagefleet.cli.wrapping import WIDTH, wrapped

PROSE = st.text(st.sampled_from("ab c\u3000 画像池レンダー-,.é"), max_size=400)


@given(PROSE, st.integers(0, 8), st.integers(0, 4))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(text, indent, hanging):
    lines = wrapped(text, indent, hanging=hanging)
    assert all(cell_len(line) <= WIDTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_wide_character_takes_two_cells():
    lines = wrapped("画像 " * 40, 2)
    assert [cell_len(line) for line in lines] == [76, 76, 48] or max(map(cell_len, lines)) <= WIDTH
    assert len(lines) > 2


def test_lines_after_the_first_hang():
    assert wrapped("word " * 30, 2, hanging=2)[1].startswith("    word")
    assert wrapped("word " * 30, 4, first="  - ")[:2] == [
        f"  - {' '.join(['word'] * 15)}",
        f"    {' '.join(['word'] * 15)}",
    ]


def test_a_hyphen_ends_no_line():
    assert "low-priority" in wrapped(f"{'a' * 70} low-priority")[1]
