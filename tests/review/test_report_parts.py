"""Pieces of the reports: excerpts of the raw difference, the map, Markdown and Mermaid texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from imagefleet.review.changes import ChangeClass, PoolChange, StackReview, review_of
from imagefleet.review.fleet_state import ImageName, PoolState
from imagefleet.review.html_map import fleet_map
from imagefleet.review.markdown_text import escape
from imagefleet.review.mermaid import picture
from imagefleet.review.raw_diff import raw_diff
from imagefleet.review.run import run_of

URN = "urn:pulumi:dev::p::t:t:T::name"
STATE = PoolState(
    pool_id="work",
    account="batch",
    region="",
    image=ImageName(image="ubuntu", version="1.0.0"),
    vm_size="Standard_D2s_v3",
    dedicated=4,
)


def lines_of(before: Any, after: Any, **more: Any) -> list[str]:
    sides = {
        side: {"custom": True, "inputs": {"formula": value}}
        for side, value in (("old", before), ("new", after))
    }
    metadata = {"op": "update", "urn": URN, "type": "t:t:T"} | sides | more
    return list(raw_diff(review_of("dev", run_of([{"resourcePreEvent": {"metadata": metadata}}]))))


class TestRawDifference:
    """The lines of a change differ, wherever in a value the change is."""

    def test_a_long_value_is_shown_from_a_little_before_the_difference(self) -> None:
        _, old, new = lines_of(f"{'a' * 1000}1{'b' * 1000}", f"{'a' * 1000}2{'b' * 1000}")
        assert old != new
        assert old.startswith("-     formula: …aaa")
        assert "a1b" in old
        assert "a2b" in new
        assert max(len(old), len(new)) <= 400

    def test_blanks_count(self) -> None:
        _, old, new = lines_of("a  b", "a b")
        assert (old, new) == ('-     formula: "a  b"', '+     formula: "a b"')

    def test_that_it_forces_a_replacement_is_never_cut_off(self) -> None:
        lines = lines_of("a" * 1000, "b" * 1000, keys=["formula"])
        assert all(line.endswith("… (forces replacement)") for line in lines[1:])
        assert max(map(len, lines)) <= 400

    @given(st.text("ab \n", max_size=1200), st.text("ab \n", max_size=1200))
    def test_two_lines_are_never_alike(self, before: str, after: str) -> None:
        lines = lines_of(before, after)
        if before != after:
            _, old, new = lines
            assert old[1:] != new[1:]
            assert not {"\n", "\r"} & set("".join(lines))


def pool(change: ChangeClass, name: str = "work", **after: Any) -> PoolChange:
    state = replace(STATE, pool_id=name)
    return PoolChange(
        urn=f"{URN}-{name}", change=change, before=state, after=replace(state, **after)
    )


class TestMap:
    """The map over the regions says no more than it knows."""

    def drawn(self, *pools: PoolChange) -> str:
        return "\n".join(fleet_map(StackReview(stack="dev", pools=pools)))

    def test_a_pool_that_changes_out_of_sight(self) -> None:
        text = self.drawn(pool(ChangeClass.ZERO_NODES))
        assert "Before and after look alike here" in text
        assert "Nothing of it changes" not in text

    def test_a_pool_that_does_not_change(self) -> None:
        assert "Nothing of it changes" in self.drawn(pool(ChangeClass.SAME))

    def test_pools_left_out_of_no_known_region_are_counted(self) -> None:
        text = self.drawn(*(pool(ChangeClass.SAME, f"p{number}") for number in range(30)))
        assert text.count("<li") == 25
        assert "6 more that do not change" in text


class TestMarkdown:
    """Nothing of a name becomes a link or a reference."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("www.evil.example/a", "www&#8203;.evil"),
            ("(WWW.evil.example", "(WWW&#8203;.evil"),
            ("see GH-12", "GH&#8203;-12"),
            ("gh-12", "gh&#8203;-12"),
            ("0123456789" * 4, "0123456&#8203;789"),
            (f"at {'aB34567890' * 4}.", "aB34567&#8203;890"),
        ],
    )
    def test_what_github_links_without_a_mark_is_parted(self, text: str, shown: str) -> None:
        escaped = escape(text)
        assert shown in escaped
        (inline,) = (each for each in MarkdownIt().parse(escaped) if each.type == "inline")
        said = "".join(each.content for each in inline.children or ())
        assert said.replace("\u200b", "") == text

    @pytest.mark.parametrize("text", ["high-12", "0123456789abcdef", "awwful. wow", "gh-actions"])
    def test_what_is_no_reference_stays(self, text: str) -> None:
        assert escape(text) == text


def test_no_directive_comes_from_a_name_in_a_picture() -> None:
    name = "%%{init: {'theme': 'dark'}}%%"
    drawn = picture(StackReview(stack=name, pools=(pool(ChangeClass.IN_PLACE, name),)))
    text = "\n".join(drawn.lines)
    assert "%" not in text
    assert "#37;#37;{init" in text
