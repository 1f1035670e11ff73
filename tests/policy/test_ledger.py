"""The ledger of the document: every sentence has a holder, and every holder named exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.review import shared_keys
from rules import ALL_RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "document-ledger.md").read_text(encoding="utf-8")
ROW_TABLE = ROOT.parent / "shared" / "facts" / "policy-rules.md"
SENTENCES = [f"D{number}" for number in range(1, 97)]
RULES = {rule.id: rule for rule in ALL_RULES}
PREFLIGHT, LATER, REASON = "Preflight: ", "Not asked yet: ", "Not checkable: "
CHECK = {check.id: check for check in CHECKS}
# Checks that answer for a sentence beside those they cite, and why.
BESIDE = {("D40", "node-agent-supported"): "it looks for the base image in Batch's own list (D42)"}
OPEN = re.compile(
    rf"(?:{PREFLIGHT}`[a-z-]+`(?:, `[a-z-]+`)*\.)?(?: ?(?:{LATER}|{REASON})[^`]{{10,}}\.)?"
)


def cells(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, their heads and rules left out."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if row[0] not in {"D", "row", "rule"} and set(row[0]) != {"-"}]


def section(title: str) -> list[list[str]]:
    """The rows under one heading."""
    return cells(PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0])


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def cited(path: Path) -> set[str]:
    """The sentences that a file names, ranges such as `D34 to D37` in full."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(r"\bD\d{1,2}\b", text))
    for first, last in re.findall(r"\bD(\d{1,2}) to D(\d{1,2})\b", text):
        found |= {f"D{number}" for number in range(int(first), int(last) + 1)}
    return found


LEDGER = [row for row in cells(PAGE) if re.fullmatch(r"D\d+", row[0])]
BY_SENTENCE = {row[0]: row for row in LEDGER}
NO_RULE = {names(row[0])[0] for row in section("Rows of the rule table that are no rule")}
TWINS = {names(rule)[0]: names(row)[0] for rule, row, _ in section("Rules beside a row")}
OF_THE_PACK = {names(row[0])[0] for row in section("Rules about the pack itself")}
EACH = pytest.mark.parametrize("row", LEDGER, ids=lambda row: row[0])


def test_every_sentence_stands_once_and_in_order():
    assert [row[0] for row in LEDGER] == SENTENCES


@EACH
def test_a_sentence_has_a_holder_or_the_reason_why_nothing_holds_it(row):
    _, sentence, rules, program, remaining = row
    assert sentence.endswith(".")
    for cell in (rules, program):
        assert cell == "-" or names(cell)
    assert remaining == "-" or (remaining and OPEN.fullmatch(remaining))
    # a question that nobody asks yet holds nothing
    assert names(rules) or names(program) or names(remaining) or remaining.startswith(REASON)


@EACH
def test_the_rules_named_exist(row):
    assert set(names(row[2])) <= {*RULES, shared_keys.RULE.id}
    assert max(Counter(names(row[2])).values(), default=1) == 1


@EACH
def test_the_checks_of_the_doctor_that_cite_a_sentence_stand_at_it(row):
    sentence, named = row[0], names(row[4])
    citing = [check.id for check in CHECKS if sentence in check.sentences]
    beside = [check for other, check in BESIDE if other == sentence]
    assert sorted(named) == sorted(citing + beside)
    assert set(named) <= set(CHECK)


def test_every_sentence_that_a_check_cites_is_one_of_the_page():
    assert {sentence for check in CHECKS for sentence in check.sentences} <= set(SENTENCES)


@EACH
def test_the_files_named_exist(row):
    for name in names(row[3]):
        assert name.startswith(("components/", "imagefleet/")), name
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("rule", [*ALL_RULES, shared_keys.RULE], ids=lambda rule: rule.id)
def test_a_rule_stands_at_every_sentence_that_it_cites(rule):
    missing = [text for text in rule.sentences if rule.id not in names(BY_SENTENCE[text][2])]
    assert missing == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "components").glob("*.py")), ids=lambda path: path.stem
)
def test_a_component_stands_at_every_sentence_that_it_cites(path):
    name = f"components/{path.name}"
    missing = [text for text in cited(path) if name not in names(BY_SENTENCE[text][3])]
    assert missing == []


def test_a_rule_beside_a_row_belongs_to_another_rule():
    assert set(TWINS) <= set(RULES)
    assert set(TWINS.values()) <= set(RULES) - set(TWINS)
    assert set(RULES) >= OF_THE_PACK


def test_what_is_no_rule_is_none():
    assert not NO_RULE & set(RULES)
    assert shared_keys.RULE.id in NO_RULE


def test_every_row_of_the_rule_table_is_a_rule_or_explained_and_every_rule_has_its_row():
    if not ROW_TABLE.is_file():
        pytest.skip("the table of planned rules lies beside the repository and is not here")
    text = ROW_TABLE.read_text(encoding="utf-8")
    planned = set(re.findall(r"^\| ([a-z]+(?:-[a-z]+)+) \|", text, re.MULTILINE))
    assert planned - set(RULES) == NO_RULE
    assert set(RULES) - planned == set(TWINS) | OF_THE_PACK
    assert set(TWINS.values()) <= planned
