"""Reports of real runs, word for word; the two engines' reports are the same.

`IMAGEFLEET_WRITE_GOLDEN=1 pytest tests/review/test_golden_reports.py` writes them anew: read what
changed before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imagefleet.review import markdown_report
from tests.parity import pulumi_command
from tests.review.markdown_checks import assert_valid
from tests.review.situations import BY_NAME, SECRETS, SITUATIONS, TODAY, Situation, Stage

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(autouse=True)
def on_the_same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEFLEET_PACK_TODAY", TODAY)


def compare(name: str, text: str) -> None:
    """Compare with the golden file, or write it where that is asked for."""
    file = GOLDEN / f"{name}.md"
    if os.environ.get("IMAGEFLEET_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_the_report_of_a_situation(situation: Situation, tmp_path: Path) -> None:
    text = markdown_report.render([Stage(folder=tmp_path).review(situation)], base="main")
    assert_valid(text)
    compare(situation.name, text)


def test_the_report_of_two_stacks(tmp_path: Path) -> None:
    reviews = [
        Stage(folder=tmp_path / stack).review(Situation(name="two-stacks", stack=stack, base=None))
        for stack in ("china", "prod")
    ]
    text = markdown_report.render(reviews, base="main")
    assert_valid(text)
    compare("two-stacks", text)


def test_every_golden_file_belongs_to_a_situation() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == {*BY_NAME, "two-stacks"}


def test_no_secret_is_in_any_golden_report() -> None:
    for file in GOLDEN.iterdir():
        text = file.read_text(encoding="utf-8")
        assert [secret for secret in SECRETS if secret in text] == [], file.name


@pytest.mark.engine
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.name)
def test_the_real_engine_leads_to_the_same_report(situation: Situation, tmp_path: Path) -> None:
    review = Stage(folder=tmp_path, command=pulumi_command()).review(situation)
    text = markdown_report.render([review], base="main")
    assert text == (GOLDEN / f"{situation.name}.md").read_text(encoding="utf-8")
