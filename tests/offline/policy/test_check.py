"""The run of a check: what the record adds, and what is left for a pack that writes none."""

from __future__ import annotations

import json
import textwrap

import pytest

from imagefleet.domain.judgements import Verdict
from imagefleet.offline.pack.client import PolicyPackError
from imagefleet.offline.pack.wire import AnalyzerResource
from imagefleet.offline.policy.check import check
from imagefleet.offline.policy.record import read_record
from imagefleet.offline.policy.subjects import InputResource, PolicyInput

PACK = """
    import json, os
    from pulumi_policy import *

    def no_x(args, report):
        if args.props.get("x"):
            report("x is set; needed: absent.")
        if args.props.get("other"):
            args.not_applicable("another kind")

    def two(args, report):
        if len(args.resources) > 1:
            report("two is more than one; needed: one.", args.resources[1].urn)
        {record}

    PolicyPack("mini", [
        ResourceValidationPolicy("no-x", "No x.", no_x, EnforcementLevel.MANDATORY),
        StackValidationPolicy("one", "One only.", two, EnforcementLevel.ADVISORY),
    ])
"""
URN = "urn:pulumi:check::policy::a:b:C::{}"


@pytest.fixture
def pack(tmp_path):
    def make(record=None):
        code = "pass"
        if record is not None:
            lines = "".join(json.dumps(line) + "\n" for line in record)
            code = f"open(os.environ['IMAGEFLEET_VERDICTS'], 'a').write({lines!r})"
        folder = tmp_path / "pack"
        folder.mkdir()
        (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
        program = textwrap.dedent(PACK).replace("{record}", code)
        (folder / "__main__.py").write_text(program)
        return folder

    return make


def some(**props):
    return PolicyInput(
        project="policy",
        stack="check",
        resources=tuple(
            InputResource(
                shown=name,
                known=AnalyzerResource(
                    urn=URN.format(name), type="a:b:C", name=name, properties=each
                ),
            )
            for name, each in props.items()
        ),
    )


def answers(review):
    return [
        (one.rule.id, one.resource, one.verdict.value, one.path, one.actual, one.cause)
        for one in review.results
    ]


def line(rule, name, verdict, **more):
    return {"rule": rule, "urn": URN.format(name), "verdict": verdict} | more


def test_of_a_pack_without_a_record_the_protocol_is_reported(pack):
    review = check(some(a={"x": 1}, b={"other": 1}, c={}), pack(), subject="f")
    assert answers(review) == [
        ("no-x", "a", "fail", "x", "set", None),
        ("no-x", "b", "not-applicable", None, None, None),
        ("no-x", "c", "pass", None, None, None),
        ("one", "b", "fail", "two", "more than one", None),
    ]
    assert (review.checker, review.version, review.refused) == ("mini", "1.2.3", True)


def test_the_record_gives_every_answer_and_what_it_lacks_was_not_applicable(pack):
    exemption = {
        "owner": "images",
        "ticket": "OPS-1",
        "reason": "replaced next month",
        "expires": "2026-01-01",
        "daysLeft": 1,
    }
    record = [
        line("no-x", "a", "waived", path="x", actual="set", needed="no", exemption=exemption),
        line("no-x", "b", "fail", path="x", actual="set", needed="no", exemption=exemption),
        line("one", "a", "undecided", path="y", actual="is not known", cause="unknown"),
        line("one", "b", "fail", path="z", actual="2", needed="1", inner="template.resources[0]"),
        line("gone", "a", "fail", path="z", actual="2", needed="1"),
    ]
    review = check(some(a={}, b={}, c={}), pack(record), subject="f")
    waiver = "replaced next month (ticket OPS-1, owner images, until 2026-01-01, 1 day left)"
    expired = "set (the exemption of ticket OPS-1 expired on 2026-01-01)"
    assert answers(review) == [
        ("no-x", "a", "waived", "x", "set", waiver),
        ("no-x", "b", "fail", "x", expired, None),
        ("no-x", "c", "not-applicable", None, None, None),
        ("one", "a", "undecided", "y", "is not known", "unknown"),
        ("one", "b", "fail", "template.resources[0]: z", "2", None),
        ("one", "c", "not-applicable", None, None, None),
    ]


def test_a_report_that_the_record_lacks_is_not_lost(pack):
    record = [line("one", "a", "pass")]
    review = check(some(a={"x": 1}, b={}), pack(record), subject="f")
    assert ("no-x", "a", "fail", "x", "set", None) in answers(review)
    assert review.refused


@pytest.mark.parametrize(
    ("level", "refused", "verdicts"),
    [("advisory", False, {Verdict.FAIL}), ("mandatory", True, {Verdict.FAIL})],
)
def test_the_configured_level_decides(pack, level, refused, verdicts):
    config = {"no-x": "disabled", "one": level}
    review = check(some(a={"x": 1}, b={}), pack(), subject="f", policy_config=config)
    assert {result.verdict for result in review.results} == verdicts
    assert {result.rule.id for result in review.results} == {"one"}
    assert review.refused is refused


def test_exemptions_are_refused_for_a_pack_that_knows_none(pack, tmp_path):
    with pytest.raises(PolicyPackError, match="knows no exemptions"):
        check(some(a={}), pack(), subject="f", exemptions=tmp_path / "e.json")


@pytest.mark.parametrize(
    "text",
    [
        "no JSON\n",
        '{"rule": "a", "urn": "b", "verdict": "maybe"}\n',
        '{"rule": "a", "urn": "b"}\n',
        '{"rule": "a", "urn": "b", "verdict": "pass", "path": 3}\n',
        '{"rule": "a", "urn": "b", "verdict": "fail", "exemption": {}}\n',
        "[]\n",
    ],
)
def test_a_record_that_cannot_be_read_is_no_pass(tmp_path, text):
    file = tmp_path / "record"
    file.write_text('{"rule": "a", "urn": "b", "verdict": "pass"}\n' + text)
    with pytest.raises(PolicyPackError, match="line 2"):
        read_record(file)


def test_no_record_is_an_empty_one(tmp_path):
    assert read_record(tmp_path / "none") == []
