"""Whatever a change holds, the report keeps its promises: size, tables, findings."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.review import html_report, markdown_report
from imagefleet.review.changes import CostLine, StackReview, review_of
from imagefleet.review.policy_words import Kind
from imagefleet.review.run import run_of
from tests.review.markdown_checks import assert_valid

NASTY = st.text(
    st.sampled_from(list("ab1 |`<>&@#[]()*_~!-\\\n\r\t\"'{};:/→é映🚀\u202e\u200b")),
    min_size=0,
    max_size=40,
)
NAMES = st.one_of(NASTY, st.from_regex(r"[a-z]{1,8}(-[0-9]\.[0-9]\.[0-9])?", fullmatch=True))
REGIONS = st.sampled_from(["westeurope", "West Europe", "northeurope", "uksouth"])
RULES = st.sampled_from(["rule-a", "rule|b", "undecided", "exemptions", "c`d"])
OPS = ("same", "create", "update", "delete", "replace")


@st.composite
def pool_inputs(draw):
    fixed = {"fixedScale": {"targetDedicatedNodes": draw(st.integers(0, 5000))}}
    auto = {"autoScale": {"formula": draw(st.sampled_from(["$TargetDedicatedNodes=3;", "x"]))}}
    image = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/{draw(NAMES)}"
    return {
        "poolName": draw(NAMES),
        "accountName": draw(NAMES),
        "vmSize": draw(NAMES),
        "scaleSettings": draw(st.sampled_from([fixed, auto, None])),
        "deploymentConfiguration": {
            "virtualMachineConfiguration": {
                "imageReference": {"id": f"{image}/images/{draw(NAMES)}/versions/1.0.0"}
            }
        },
    }


@st.composite
def version_inputs(draw):
    targets = draw(st.lists(st.tuples(REGIONS, st.integers(1, 100)), max_size=3))
    return {
        "galleryName": draw(NAMES),
        "galleryImageName": draw(NAMES),
        "galleryImageVersionName": draw(NAMES),
        "publishingProfile": {
            "targetRegions": [{"name": r, "regionalReplicaCount": n} for r, n in targets]
        },
        "storageProfile": {"source": {"id": draw(NAMES)}},
    }


@st.composite
def events(draw):
    told = []
    kinds = {
        "azure-native:batch:Pool": pool_inputs(),
        "azure-native:compute:GalleryImageVersion": version_inputs(),
        "azure-native:resources:ResourceGroup": st.dictionaries(NAMES, NAMES, max_size=4),
    }
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(sorted(kinds)))
        op = draw(st.sampled_from(OPS))
        urn = f"urn:pulumi:dev::p::{kind}::{draw(NAMES)}{number}"
        state = {"custom": True, "inputs": draw(kinds[kind])}
        other = {"custom": True, "inputs": draw(kinds[kind])}
        old = None if op == "create" else state
        new = None if op == "delete" else state if op == "same" else other
        metadata = {"op": op, "urn": urn, "type": kind, "old": old, "new": new}
        told.append({"resourcePreEvent": {"metadata": metadata}})
    for _ in range(draw(st.integers(0, 10))):
        level = draw(st.sampled_from(["mandatory", "advisory"]))
        path, actual, needed = draw(NASTY), draw(NASTY), draw(NASTY)
        told.append(
            {
                "policyEvent": {
                    "policyName": draw(RULES),
                    "enforcementLevel": level,
                    "resourceUrn": f"urn:pulumi:dev::p::t::{draw(NAMES)}",
                    "message": f"{draw(NASTY)}\n{path} is {actual}; needed: {needed}.\n",
                }
            }
        )
    errors = draw(st.lists(NASTY, max_size=3))
    told += [{"diagnosticEvent": {"severity": "error", "message": e}} for e in errors]
    return told + [{"summaryEvent": {}}] * draw(st.integers(0, 1))


@st.composite
def reviews(draw) -> list[StackReview]:
    lines = st.builds(CostLine, item=NASTY, before=NASTY, after=NASTY)
    return [
        review_of(
            draw(NAMES.filter(str.strip)),
            run_of(draw(events())),
            notes=tuple(draw(st.lists(NASTY, max_size=2))),
            cost=tuple(draw(st.lists(lines, max_size=3))),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


SLOW = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(reviews(), st.sampled_from([64_000, 9_000, 5_000]), st.integers(1, 30))
def test_never_above_the_limit_always_valid_no_finding_cut(stacks, limit, times) -> None:
    many = stacks * times
    text = markdown_report.render(many, base="main", limit=limit)
    assert_valid(text, limit)
    for kind, heading in ((Kind.FAILURE, "not met"), (Kind.UNDECIDED, "before deployment")):
        words = [word for review in many for word in review.of(kind)]
        if words:
            assert f"{heading} ({len(words):,})" in text
        for rule in {word.rule for word in words}:
            assert rule.replace("|", "|") in text
    for line in text.splitlines():
        assert "@a" not in re.sub(r"`+.*?`+", "", line) or line.startswith(("+", "-", "!", " "))


@SLOW
@given(reviews())
def test_the_same_change_is_said_in_the_same_words(stacks) -> None:
    once, again = (markdown_report.render(stacks, base="x") for _ in range(2))
    assert once == again


@SLOW
@given(reviews())
def test_the_page_is_closed_and_runs_nothing(stacks) -> None:
    page = html_report.render(stacks, base="<main>")
    seen: list[str] = []
    open_tags: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs) -> None:
            seen.append(tag)
            assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
            if tag not in {"meta", "br"}:
                open_tags.append(tag)

        def handle_endtag(self, tag) -> None:
            assert open_tags.pop() == tag

    Parser(convert_charrefs=True).feed(page)
    assert open_tags == []
    assert "script" not in seen
    assert "http" not in re.sub(r'http-equiv="', "", page).replace("https://", "").lower()[:2000]


def test_thousands_of_failures_are_all_counted() -> None:
    events = [
        {
            "policyEvent": {
                "policyName": f"rule-{number % 70}",
                "enforcementLevel": "mandatory",
                "resourceUrn": f"urn:pulumi:dev::p::t::resource-{number}",
                "message": f"Something.\na.b{number} is {'x' * 200}; needed: {'y' * 200}.",
            }
        }
        for number in range(20_000)
    ]
    text = markdown_report.render([review_of("dev", run_of([*events, {"summaryEvent": {}}]))])
    assert_valid(text)
    assert "Mandatory policies not met (20,000)" in text
    assert all(f"`rule-{number}`" in text for number in range(70))
    assert "Put briefly to fit" in text


@SLOW
@given(
    st.integers(1, 900),
    st.integers(1, 110),
    st.sets(st.sampled_from(["mandatory", "advisory"]), min_size=1),
    st.sampled_from([64_000, 9_000]),
    st.sampled_from(["", "broken", "@" * 5_000]),
)
def test_rules_of_another_pack_never_break_the_limit(rules, length, levels, limit, error) -> None:
    """However many rules there are: the numbers of those named and of the rest add up."""
    errors = [{"diagnosticEvent": {"severity": "error", "message": error}}]
    if limit < 64_000:
        errors = []
    events = [
        policy_event(f"{number:03}{'x' * length}"[: max(length, 3)], level, "r")
        for number in range(rules)
        for level in sorted(levels)
    ]
    text = markdown_report.render(
        [review_of("dev", run_of([*events, *errors, {"summaryEvent": {}}]))], limit=limit
    )
    assert_valid(text, limit)
    sections = {"mandatory": "Mandatory policies not met", "advisory": "Advisory findings"}
    for level in levels:
        title = f"{sections[level]} ({rules:,})"
        assert title in text
        body = text.partition(title)[2].partition("_Put briefly")[0]
        rest = re.search(r"([\d,]+)(?: more)? rules?, ([\d,]+) findings?$", body.strip())
        if rest:
            left = {int(each.replace(",", "")) for each in rest.groups()}
            assert left == {rules - len(re.findall(r"`\d{3}x*` 1\b", body))}


def test_700_failed_rules_with_long_names_leave_room_for_the_rest() -> None:
    events = [
        policy_event(f"rule-{number:03}-{'n' * 101}", level, "pool")
        for number in range(700)
        for level in ("mandatory", "advisory")
    ]
    text = markdown_report.render([review_of("dev", run_of([*events, {"summaryEvent": {}}]))])
    assert_valid(text)
    assert "Mandatory policies not met (700)" in text
    assert "Advisory findings (700)" in text
    counted = re.findall(r"and (\d+) more rules, (\d+) findings", text)
    assert len(counted) == 2
    assert all(0 < int(rules) < 700 and rules == findings for rules, findings in counted)


def policy_event(rule: str, level: str, resource: str) -> dict[str, object]:
    return {
        "policyEvent": {
            "policyName": rule,
            "enforcementLevel": level,
            "resourceUrn": f"urn:pulumi:dev::p::t::{resource}",
            "message": f"Something.\na.b is {'x' * 200}; needed: {'y' * 200}.",
        }
    }


def test_the_name_of_a_stack_stands_in_a_fold_as_it_is() -> None:
    name = "a_b*c & <d>"
    step = {
        "op": "create",
        "urn": "urn:pulumi:dev::p::azure-native:batch:Pool::p",
        "type": "azure-native:batch:Pool",
        "new": {"custom": True, "inputs": {"poolName": "p"}},
    }
    events = [{"resourcePreEvent": {"metadata": step}}, {"summaryEvent": {}}]
    text = markdown_report.render([review_of(name, run_of(events))])
    assert f"<summary>The fleet of <code>{html.escape(name)}</code> before and after" in text
