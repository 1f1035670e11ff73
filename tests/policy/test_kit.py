"""The meeting with the SDK: faults contained, decoding spared, nothing secret said."""

from __future__ import annotations

import threading
from dataclasses import replace

import pulumi_policy as sdk
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import ALL_RULES, Rule
from rules.account import ACCOUNT_ENTRA_ONLY
from rules.honesty import NOT_COVERED
from rules.image import IMAGE_GENERALIZED, IMAGE_NO_TRUSTED_LAUNCH
from rules.kit import MOST_FINDINGS, policies
from rules.session import Session
from rules.settings_rule import PACK_SETTINGS
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
GOOD = IMAGE_GENERALIZED.good[0]


def test_findings_are_capped_with_a_count(ask):
    modes = ["SharedKey"] * (MOST_FINDINGS + 7)
    sample = Sample(
        type="azure-native:batch:BatchAccount",
        props={"allowedAuthenticationModes": [*modes, "AAD"]},
    )
    reports = ask(ACCOUNT_ENTRA_ONLY, sample).reports
    assert len(reports) == MOST_FINDINGS + 1
    assert reports[-1][0] == "7 more findings of account-entra-only are not shown."


def test_a_policy_carries_everything_the_rule_says():
    (policy,) = policies((ACCOUNT_ENTRA_ONLY,))
    assert policy.name == "account-entra-only"
    assert policy.description == ACCOUNT_ENTRA_ONLY.summary
    assert policy.enforcement_level is sdk.EnforcementLevel.MANDATORY
    assert policy.severity is sdk.Severity.HIGH
    assert policy.tags == ["D21", "D22"]
    assert policy.remediation_steps == ACCOUNT_ENTRA_ONLY.remedy
    assert policy.url == "docs/policies.md#account-entra-only"


def asked_of(pack, sample, ask_policy):
    """The names of the policies that the SDK would decode `sample` for."""
    asked = []
    for policy in pack:
        if isinstance(policy, sdk.ResourceValidationPolicy) and policy.has_validation():
            asked.append(policy.name)
            ask_policy(policy, sample)
    return asked


ACCOUNT = ACCOUNT_ENTRA_ONLY.good[0]


FEW = (PACK_SETTINGS, NOT_COVERED, IMAGE_GENERALIZED, IMAGE_NO_TRUSTED_LAUNCH, ACCOUNT_ENTRA_ONLY)


def test_a_resource_is_decoded_for_the_first_policy_and_for_the_rules_of_its_type(ask_policy):
    pack = policies(FEW)
    for _ in range(2):
        assert asked_of(pack, GOOD, ask_policy) == [
            "pack-settings",
            "image-generalized",
            "image-no-trusted-launch",
        ]
        assert asked_of(pack, ACCOUNT, ask_policy) == ["pack-settings", "account-entra-only"]


def test_without_the_first_policy_the_next_one_takes_its_place(ask_policy):
    pack = policies(FEW)[2:]  # as the SDK leaves out a disabled policy
    assert asked_of(pack, ACCOUNT, ask_policy) == ["image-generalized", "account-entra-only"]
    assert asked_of(pack, GOOD, ask_policy) == ["image-generalized", "image-no-trusted-launch"]


def test_a_policy_left_alone_judges_every_call_anew(ask_run):
    pack = policies((NOT_COVERED, ACCOUNT_ENTRA_ONLY))[1:]
    assert ask_run(pack, ACCOUNT_ENTRA_ONLY.bad)["account-entra-only"].verdict == "fail"
    assert ask_run(pack, ACCOUNT_ENTRA_ONLY.good)["account-entra-only"].verdict == "pass"


def test_an_sdk_that_never_asks_first_gets_the_same_answers(ask_policy):
    pack = policies((NOT_COVERED, IMAGE_GENERALIZED, ACCOUNT_ENTRA_ONLY))
    for sample, failing in ((IMAGE_GENERALIZED.bad[0], 1), (ACCOUNT_ENTRA_ONLY.bad[0], 2)):
        for index, policy in enumerate(pack):
            assert (ask_policy(policy, sample).verdict == "fail") is (index == failing)


def test_a_policy_that_was_not_asked_first_does_not_take_over_an_older_view(ask_policy):
    first, account = policies((NOT_COVERED, ACCOUNT_ENTRA_ONLY))
    ask_policy(first, ACCOUNT_ENTRA_ONLY.good[0])
    assert ask_policy(account, ACCOUNT_ENTRA_ONLY.bad[0]).verdict == "fail"  # of the same URN


def test_threads_do_not_see_each_others_call():
    session = Session()
    seen = []

    def elsewhere():
        seen.append(session.may_concern(1, ACCOUNT_ENTRA_ONLY))

    assert session.may_concern(0, NOT_COVERED)
    session.resource(0, "u", lambda: _view("azure-native:compute:GalleryImage"))
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [True]
    assert session.may_concern(1, ACCOUNT_ENTRA_ONLY) is False


def _view(kind):
    from rules.canonical import Resource

    return Resource(urn="u", name="n", type=kind, token=kind)


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["SecurityType", "Standard", "TrustedLaunch", "AAD", "SharedKey", UNKNOWN])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "id", "osState"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def paths(value, at=()):
    """Every place in `value`, the whole of it included."""
    yield at
    steps = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for step in steps:
        yield from paths(value[step], (*at, step))


def with_at(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_at(value[path[0]], path[1:], new)
    return copy


JUDGED = [
    rule
    for rule in ALL_RULES
    if isinstance(rule, Rule)
    and rule.types
    and rule.good
    and rule.id != "ignore-changes-hides-constraint"
]


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.id)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_value_at_any_place_breaks_a_rule(rule, ask, data):
    sample = data.draw(st.sampled_from(rule.good + rule.bad))
    places = [path for path in paths(sample.props) if path]
    place = data.draw(st.sampled_from(places))
    answer = ask(rule, replace(sample, props=with_at(sample.props, place, data.draw(ANY))))
    assert "broken" not in answer.text


@pytest.mark.parametrize("rule", JUDGED, ids=lambda rule: rule.id)
def test_an_unknown_at_any_place_of_a_bad_example_never_makes_it_pass(rule, ask):
    places = [(sample, place) for sample in rule.bad for place in paths(sample.props)]
    for sample, place in places:
        if place:
            props = with_at(sample.props, place, UNKNOWN)
            assert ask(rule, replace(sample, props=props)).verdict != "pass", place
            assert "broken" not in ask(rule, replace(sample, props=props)).text
