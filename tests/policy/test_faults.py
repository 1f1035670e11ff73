"""A rule that breaks by a fault of its own is named, and stops no deployment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from imagefleet.domain.findings import Cause, find_doubt
from imagefleet.offline.pack.client import AnalyzerResource, PolicyPackProcess, PolicyRun
from rules import ALL_RULES
from rules.account import ACCOUNT_ENTRA_ONLY
from rules.builder import BUILDER_NO_TRUSTED_LAUNCH
from rules.exemptions import NEVER_WAIVED
from rules.honesty import RULES_SOUND, UNDECIDED, UNDECIDED_NOTED
from rules.image import IMAGE_GENERALIZED
from rules.kit import MOST_FINDINGS, policies
from rules.verdicts import Verdict
from tests.policy.direct import judged
from tests.policy.judging import judge, urn
from tests.policy.mutation_rows import STACK
from tests.policy.pack_faults import faults

ROOT = Path(__file__).resolve().parents[2]
GOOD = IMAGE_GENERALIZED.good[0]
BROKEN = """
import sys

sys.path.insert(0, {policy!r})

from dataclasses import replace

from rules import ALL_RULES
from rules.kit import run_pack


def broken(*_):
    raise LookupError("the value was s3cret")


def changed(rule):
    if rule.id not in {names!r}:
        return rule
    return replace(rule, {field}=broken)


run_pack("imagefleet", tuple(changed(rule) for rule in ALL_RULES))
"""
OF_THE_PACK = ("pack-settings", "exemptions", "rules-sound", "undecided", "undecided-noted")
OTHERS = tuple(rule.id for rule in ALL_RULES if rule.id not in OF_THE_PACK)


def broken(*_args):
    message = "the value was s3cret"
    raise LookupError(message)


def test_a_rule_that_throws_is_undecided_and_shows_no_value(ask):
    answer = ask(replace(IMAGE_GENERALIZED, check=broken), GOOD)
    assert answer.verdict == "undecided"
    doubt = find_doubt(answer.text)
    assert doubt is not None
    assert (doubt.path, doubt.cause) == ("rule", Cause.FAULT)
    assert doubt.detail.startswith("is broken (LookupError at test_faults.py:")
    assert "s3cret" not in answer.text


def test_the_finding_is_against_the_rule_and_at_the_resource(ask_run):
    rule = replace(BUILDER_NO_TRUSTED_LAUNCH, check=broken)
    pack = policies((rule, RULES_SOUND, UNDECIDED, UNDECIDED_NOTED))
    run = ask_run(pack, BUILDER_NO_TRUSTED_LAUNCH.good)
    ((text, place),) = run["rules-sound"].reports
    assert text.startswith("builder-no-trusted-launch is broken (LookupError at test_faults.py:")
    assert place == urn(BUILDER_NO_TRUSTED_LAUNCH.good[0])
    # it is no open question about the stack
    assert run["undecided"].reports == run["undecided-noted"].reports == []


def test_a_pack_without_faults_reports_none(ask_run):
    assert ask_run(policies(ALL_RULES), STACK)["rules-sound"].verdict == "pass"


def test_what_a_rule_found_before_it_threw_is_kept():
    def half(resource, context):
        yield from ACCOUNT_ENTRA_ONLY.check(resource, context)
        raise LookupError

    answer = judged(replace(ACCOUNT_ENTRA_ONLY, check=half), ACCOUNT_ENTRA_ONLY.bad[0])
    assert [one.path for one in answer.findings] == ["allowedAuthenticationModes[1]"]
    assert [one.cause for one in answer.doubts] == [Cause.FAULT]
    assert answer.verdict is Verdict.FAIL


def test_an_endless_recursion_is_a_fault_like_any_other(ask):
    def deep(resource, context):
        yield from deep(resource, context)

    answer = ask(replace(IMAGE_GENERALIZED, check=deep), GOOD)
    assert "rule is broken (RecursionError " in answer.text


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_fault_in_what_narrows_a_rule_is_a_fault_of_the_rule(rule):
    sample = next(iter(rule.good), GOOD)
    answer = judged(replace(rule, types=None, about=broken), sample)
    assert [one.cause for one in answer.doubts] == [Cause.FAULT]


def folder(tmp_path: Path, names: tuple[str, ...], field: str) -> Path:
    """A pack of our rules in which some throw."""
    code = BROKEN.format(policy=str(ROOT / "policy"), names=names, field=field)
    (tmp_path / "__main__.py").write_text(code, encoding="utf-8")
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n", encoding="utf-8")
    return tmp_path


def answered(pack_dir: Path) -> list[PolicyRun]:
    """What the pack's process answers on the compliant stack, with the strictest settings."""
    resources = [
        AnalyzerResource(
            urn=urn(sample), type=sample.type, name=sample.name, properties=sample.props
        )
        for sample in STACK
    ]
    with PolicyPackProcess(
        pack_dir,
        project="fleet",
        stack="dev",
        dry_run=True,
        config={},
        policy_config={"undecided": "mandatory"},
    ) as pack:
        runs = [pack.analyze(each) for each in resources] + [pack.analyze_stack(resources)]
        assert list(pack._server.printed) == []
        return runs


@pytest.mark.parametrize("field", ["check", "about"])
def test_the_process_of_a_pack_whose_every_rule_throws_stops_nothing(tmp_path, field):
    """Rules are named with the resources that they would have judged, up to the cap on reports."""
    *resources, stack = answered(folder(tmp_path, OTHERS, field))
    for run in resources:
        assert run.violations == ()
    assert not any(one.mandatory for one in stack.violations)
    found = [one for one in stack.violations if one.policy_name == "rules-sound"]
    assert found == list(stack.violations)
    *shown, rest = found
    assert len(shown) == MOST_FINDINGS
    assert rest.message.endswith("more findings of rules-sound are not shown.")
    assert {one.urn for one in shown} <= {urn(sample) for sample in STACK}
    assert {one.finding.path for one in shown} <= set(OTHERS)
    assert not any("s3cret" in one.message for one in found)


def test_even_the_rules_about_the_pack_itself_may_throw(tmp_path):
    names = tuple(rule.id for rule in ALL_RULES)
    for run in answered(folder(tmp_path, names, "check")):
        assert run.violations == ()


def test_the_tests_for_faults_see_one(tmp_path):
    *resources, stack = answered(folder(tmp_path, ("image-generalized",), "check"))
    assert {name for run in resources for name in faults(run)} == {"image-generalized"}
    assert set(faults(stack)) == {"rules-sound"}
    assert judge(replace(IMAGE_GENERALIZED, check=broken), GOOD).faults != []


def test_an_exemption_hides_no_fault_of_its_rule(ask_run, tmp_path):
    """Neither where the rule found nothing nor where it found something before it broke."""
    entry = {
        "rule": ACCOUNT_ENTRA_ONLY.id,
        "resource": "*",
        "owner": "images team",
        "reason": "accepted until the next builder",
        "ticket": "OPS-12",
        "expires": "2999-12-31",
    }
    file = tmp_path / "exemptions.json"
    file.write_text(json.dumps([entry]), encoding="utf-8")
    config = {"pack-settings": {"exemptions": str(file)}}

    def half(resource, context):
        yield from ACCOUNT_ENTRA_ONLY.check(resource, context)
        raise LookupError

    for check, sample in ((broken, ACCOUNT_ENTRA_ONLY.good[0]), (half, ACCOUNT_ENTRA_ONLY.bad[0])):
        rules = [
            replace(rule, check=check) if rule.id == ACCOUNT_ENTRA_ONLY.id else rule
            for rule in ALL_RULES
        ]
        run = ask_run(policies(rules), (sample,), config)
        assert run[ACCOUNT_ENTRA_ONLY.id].reports == []
        ((told, _),) = run[RULES_SOUND.id].reports
        assert told.startswith("account-entra-only is broken (LookupError ")


def test_faults_of_the_rules_about_open_questions_are_told_too(ask_run):
    rules = [
        replace(rule, check=broken) if rule.id in ("exemptions", "undecided") else rule
        for rule in ALL_RULES
    ]
    run = ask_run(policies(rules), (GOOD,))
    told = [text.split()[0] for text, _ in run[RULES_SOUND.id].reports]
    assert told == ["exemptions", "undecided"]


def test_what_tells_of_faults_cannot_be_waived():
    assert RULES_SOUND.id in NEVER_WAIVED
    assert ALL_RULES[-1] is RULES_SOUND


def test_one_mandatory_rule_that_throws_leaves_the_others_at_work(tmp_path):
    *resources, stack = answered(folder(tmp_path, ("image-generalized",), "check"))
    (found,) = [one for one in stack.violations if one.policy_name == "rules-sound"]
    assert found.urn == urn(next(one for one in STACK if one.name == "definition"))
    assert found.finding.path == "image-generalized"
    assert not any(one.mandatory for run in (*resources, stack) for one in run.violations)
    definition = resources[[one.name for one in STACK].index("definition")]
    assert definition.undecided["image-generalized"].cause is Cause.FAULT
    assert "image-generalized" not in definition.passed
    assert "image-no-trusted-launch" in definition.passed
