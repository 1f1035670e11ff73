"""Exemptions: read strictly, listed while they hold, gone on the day after."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from rules import ALL_RULES, clock, exemptions
from rules.account import ACCOUNT_ENTRA_ONLY
from rules.exemptions import NEVER_WAIVED, load, parse
from rules.exemptions_rule import EXEMPTIONS
from rules.honesty import UNDECIDED
from rules.image import IMAGE_GENERALIZED
from rules.kit import policies
from rules.settings_rule import PACK_SETTINGS
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TODAY = date(2026, 9, 1)
ENTRY = {
    "rule": "account-entra-only",
    "resource": "legacy*",
    "owner": "images team",
    "reason": "the old client goes with the next release",
    "ticket": "OPS-12",
    "expires": "2026-12-31",
}
PACK = (PACK_SETTINGS, IMAGE_GENERALIZED, ACCOUNT_ENTRA_ONLY, EXEMPTIONS, UNDECIDED)


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def account(name="legacy", modes=("AAD", "SharedKey")):
    props = {"allowedAuthenticationModes": list(modes)}
    return Sample(name=name, type="azure-native:batch:BatchAccount", props=props)


@pytest.fixture
def judged(tmp_path, ask_run):
    """Run the small pack with these entries over these samples."""

    def run(entries, *samples):
        file = tmp_path / "exemptions.json"
        file.write_text(json.dumps(entries), encoding="utf-8")
        return ask_run(policies(PACK), samples, {"pack-settings": {"exemptions": str(file)}})

    return run


def test_a_finding_with_an_exemption_is_listed_in_place_of_reported(judged):
    answers = judged([ENTRY], account(), account("other"))
    ((text, place),) = answers["account-entra-only"].reports
    assert place.endswith("::other")
    assert "exemption" not in text
    (line,) = answers["exemptions"].findings
    assert line == (
        "exemptions[0] is waiving account-entra-only on legacy, 121 days left (ticket OPS-12, "
        "owner images team); needed: a repair by 2026-12-31."
    )
    assert answers["pack-settings"].verdict == "not-applicable"  # of the second resource


def test_a_waived_rule_counts_as_neither_passed_nor_failed(judged):
    answer = judged([ENTRY], account())["account-entra-only"]
    assert answer.reports == []
    assert answer.reason == "waived until 2026-12-31 (ticket OPS-12, owner images team)"


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("2026-09-15", "about to expire: waiving account-entra-only on legacy, 14 days left"),
        ("2026-09-16", "waiving account-entra-only on legacy, 15 days left"),
        ("2026-09-01", "about to expire: waiving account-entra-only on legacy, 0 days left"),
        ("2026-08-31", "expired since 2026-08-31 (1 day); account-entra-only finds again on"),
    ],
)
def test_the_end_of_an_exemption_is_said_in_time(expires, said, judged):
    answers = judged([ENTRY | {"expires": expires}], account())
    (line,) = answers["exemptions"].findings
    assert line.startswith(f"exemptions[0] is {said}")
    expired = expires < "2026-09-01"
    assert bool(answers["account-entra-only"].reports) is expired
    if expired:
        ((text, _),) = answers["account-entra-only"].reports
        assert "Its exemption (ticket OPS-12, owner images team) expired on 2026-08-31." in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"resource": "nobody"}, "of no use: it waives no finding"),
        ({"rule": "image-generalised"}, "for a rule that the pack does not have"),
    ],
)
def test_an_exemption_of_no_use_is_reported(change, said, judged):
    answers = judged([ENTRY | change], account())
    (line,) = answers["exemptions"].findings
    assert line.startswith(f"exemptions[0] is {said}")
    assert answers["account-entra-only"].verdict == "fail"


def test_an_exemption_covers_what_cannot_be_decided_yet(judged):
    entry = ENTRY | {"resource": "urn:pulumi:dev::*::legacy"}
    answers = judged([entry], account(modes=(UNKNOWN,)))
    assert answers["undecided"].verdict == "pass"
    assert answers["exemptions"].findings[0].startswith("exemptions[0] is waiving")


@pytest.mark.parametrize(
    ("change", "path", "actual"),
    [
        ({"reason": "because"}, "exemptions[0].reason", "too short"),
        ({"reason": None}, "exemptions[0].reason", "absent"),
        ({"owner": " "}, "exemptions[0].owner", "absent"),
        ({"ticket": ["x"]}, "exemptions[0].ticket", "not a text"),
        ({"owner": "a\nb"}, "exemptions[0].owner", "too long or of several lines"),
        ({"resource": "x" * 300}, "exemptions[0].resource", "too long or of several lines"),
        ({"expires": None}, "exemptions[0].expires", "absent"),
        ({"expires": "soon"}, "exemptions[0].expires", "not a day"),
        ({"expires": 5}, "exemptions[0].expires", "not a day"),
        ({"until": "x"}, "exemptions[0]", "an object with a key of no meaning"),
        ({"rule": "image-generalized"}, "exemptions[0].rule", "a rule that cannot be waived"),
    ],
)
def test_an_entry_that_is_not_complete_waives_nothing_and_is_named(change, path, actual, judged):
    answers = judged([ENTRY | change], account())
    (line,) = answers["pack-settings"].findings
    assert line.startswith(f"{path} is {actual}; needed: ")
    assert answers["account-entra-only"].verdict == "fail"


def test_the_other_entries_of_a_file_with_a_fault_hold(judged):
    answers = judged([ENTRY | {"reason": "x"}, ENTRY], account())
    assert answers["pack-settings"].verdict == "fail"
    assert answers["account-entra-only"].reports == []


@pytest.mark.parametrize("rule", sorted(NEVER_WAIVED))
def test_what_cannot_work_at_all_cannot_be_waived(rule):
    found = parse([ENTRY | {"rule": rule}])
    assert found.entries == ()
    assert found.problems[0].actual == "a rule that cannot be waived"


def test_the_rules_that_cannot_be_waived_exist():
    assert {rule.id for rule in ALL_RULES} >= NEVER_WAIVED


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("{", "not YAML or JSON (line "),
        ("rule: a\nrule: b\n", "not YAML or JSON (line 1)"),
        ("just text", "of another form"),
        ("5", "of another form"),
        ("exemptions: {}", "of another form"),
        ("- !!python/object/apply:os.system [ls]", "not YAML or JSON (line 1)"),
        ("[" * 5000, "not YAML or JSON"),
        ("- 5", "not an object"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_problem(text, actual, tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text(text, encoding="utf-8")
    (problem,) = load(str(file)).problems
    assert problem.actual.startswith(actual)


def test_a_file_that_cannot_be_read_is_one_problem(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        assert load(str(path)).problems[0].actual == "a file that cannot be read"
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    assert load(str(binary)).problems
    large = tmp_path / "large"
    large.write_text("#" * 1_000_001, encoding="utf-8")
    assert load(str(large)).problems[0].actual == "a file of more than 1 MB"


def test_yaml_with_a_bare_day_and_number_is_read(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text(
        "exemptions:\n- rule: a-rule\n  resource: '*'\n  owner: me\n  ticket: 12\n"
        "  reason: long enough a reason\n  expires: 2026-10-01\n",
        encoding="utf-8",
    )
    found = load(str(file))
    assert found.problems == ()
    (entry,) = found.entries
    assert (entry.ticket, entry.expires) == ("12", date(2026, 10, 1))
    file.write_text("", encoding="utf-8")
    assert load(str(file)) == exemptions.NONE


def test_of_two_entries_the_one_that_holds_longest_counts(judged):
    answers = judged([ENTRY | {"expires": "2026-08-01"}, ENTRY], account())
    assert answers["account-entra-only"].reports == []
    assert [line.split(" (")[0] for line in answers["exemptions"].findings] == [
        "exemptions[0] is of no use: it waives no finding",
        "exemptions[1] is waiving account-entra-only on legacy, 121 days left",
    ]


@pytest.mark.parametrize("value", [5, ["x"], "global2", None])
def test_settings_that_cannot_be_used_fail_once_and_the_strictest_holds(value, ask_run):
    config = {"pack-settings": {"edition": value, "exemptions": value}}
    answers = ask_run(policies(PACK), (account(), account("b")), config)
    assert answers["pack-settings"].findings[0].startswith("edition is of no edition's name")
    assert len(answers["pack-settings"].findings) == 2
    assert answers["account-entra-only"].verdict == "fail"


def test_rules_get_edition_and_day(ask_run):
    seen = []

    def check(_resource, context):
        seen.append((context.edition.value, context.today))
        return ()

    pack = policies((PACK_SETTINGS, replace(ACCOUNT_ENTRA_ONLY, check=check)))
    ask_run(pack, (account(),), {"pack-settings": {"edition": "global"}})
    ask_run(pack[1:], (account(),))  # asked in another way, it keeps what holds for the run
    assert seen == [("global", TODAY)] * 2
    ask_run(policies((PACK_SETTINGS, replace(ACCOUNT_ENTRA_ONLY, check=check)))[1:], (account(),))
    assert seen[2][0] == "china"


def test_the_day_can_be_set_for_a_test_of_the_process(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv(clock.TODAY, "2030-01-02")
    assert clock.today() == date(2030, 1, 2)
    monkeypatch.setenv(clock.TODAY, "tomorrow")
    assert clock.today().year >= 2026
