"""No report shows a text of a property: a rule cannot tell a secret from a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import ALL_RULES, Rule, StackRule, tokens
from rules.kit import policies
from rules.verdicts import Edition, Judgement, Sample
from tests.policy.judging import stack_of
from tests.policy.mutation_rows import STACK
from tests.policy.neighbours import HOME
from tests.policy.places import places, put

# Of the form of a name, as passwords are; it is part of no word of Azure's.
PRIVATE = "hunter2Xq"
_GROUP = "/resourceGroups/g/providers"
EACH = pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)


def disguises(value: Any) -> Iterator[Any]:
    """A secret in place of a value: alone, as part of the text that is there, in an id."""
    yield PRIVATE
    yield [PRIVATE]
    yield {"name": PRIVATE}  # keys are shown: they are what a program writes, as names are
    if isinstance(value, str):
        yield f"{value}{PRIVATE}"
        yield f"{PRIVATE}{value}"
        yield f"{value}/{PRIVATE}"
        yield f"{value}-{PRIVATE}"
        yield "/".join([*value.split("/")[:-1], PRIVATE])
        yield value.replace(HOME, PRIVATE)
    yield f"/subscriptions/{HOME}/resourceGroups/{PRIVATE}"
    for kind in ("images", "snapshots", "disks", "virtualMachines", PRIVATE, "galleries/g/images"):
        yield f"/subscriptions/{PRIVATE}{_GROUP}/Microsoft.Compute/{kind}/{PRIVATE}"
    yield f"/subscriptions/{HOME}{_GROUP}/{PRIVATE}/a/b"
    yield f"/CommunityGalleries/{PRIVATE}/Images/{PRIVATE}/Versions/1.0.0"
    for form in ("Standard_{}_v5", "batch.node.{} 9", "PT{}M", "2025-11-01{}", "china{}", "1.0.{}"):
        yield form.format(PRIVATE)


def answers(
    rule: Rule | StackRule, samples: tuple[Sample, ...], edition: Edition
) -> Iterator[Judgement]:
    """A rule's answers on every sample that it is about."""
    stack = stack_of(samples)
    context = rule.context({}, edition=edition)
    for one in stack.resources.values():
        if rule.concerns(one):
            yield (
                rule.judge(one, context)
                if isinstance(rule, Rule)
                else rule.judge(one, stack, context)
            )


def said(judgement: Judgement) -> str:
    found = [*map(str, judgement.findings), *map(str, judgement.doubts)]
    return "\n".join([*found, judgement.not_applicable or ""])


@EACH
@pytest.mark.parametrize("edition", Edition)
def test_no_answer_of_a_rule_shows_a_secret_of_its_examples(rule, edition):
    for samples in (rule.good, rule.bad):
        for index, sample in enumerate(samples):
            for path, value in places(sample.props):
                for secret in disguises(value):
                    changed = replace(sample, props=put(sample.props, path, secret))
                    stack = (*samples[:index], changed, *samples[index + 1 :])
                    for answer in answers(rule, stack, edition):
                        assert PRIVATE not in said(answer), (path, secret)


PLACES = [
    (index, path, value) for index, one in enumerate(STACK) for path, value in places(one.props)
]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_report_of_the_pack_shows_a_secret_of_a_stack(ask_run, data):
    index, path, value = data.draw(st.sampled_from(PLACES))
    secret = data.draw(st.sampled_from([*disguises(value)]))
    changed = replace(STACK[index], props=put(STACK[index].props, path, secret))
    run = ask_run(policies(ALL_RULES), (*STACK[:index], changed, *STACK[index + 1 :]))
    for rule, answer in run.items():
        assert PRIVATE not in answer.text, (rule, STACK[index].name, path, secret)


IN_A_TEMPLATE = [
    {
        "type": "Microsoft.Batch/batchAccounts",
        "apiVersion": "2024-07-01",
        "name": "fleet",
        "location": "chinanorth3",
        "properties": {"allowedAuthenticationModes": ["SharedKey"]},
    },
    {
        "type": "Microsoft.Batch/batchAccounts/pools",
        "apiVersion": "2024-07-01",
        "name": "fleet/render",
        "properties": {
            "vmSize": "Standard_D4s_v5",
            "deploymentConfiguration": {"virtualMachineConfiguration": {"nodeAgentSkuId": "x"}},
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 4000}},
        },
    },
    {
        "type": "Microsoft.Compute/galleries/images",
        "apiVersion": "2024-03-03",
        "name": "render/linux",
        "properties": {"osState": "Specialized", "osType": "Linux"},
    },
]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_report_about_a_template_shows_a_secret_of_it(ask_run, data):
    """Neither what its resources hold, nor how they are called, nor what they are."""
    props: Any = {"properties": {"template": {"resources": IN_A_TEMPLATE}}}
    path, value = data.draw(st.sampled_from([*places(props)]))
    secret = data.draw(st.sampled_from([*disguises(value)]))
    deployment = Sample(type=tokens.DEPLOYMENT, props=put(props, path, secret))
    for rule, answer in ask_run(policies(ALL_RULES), (deployment,)).items():
        assert PRIVATE not in answer.text, (rule, path, secret)


def test_the_stacks_without_a_secret_are_not_silent(ask_run):
    """What is never reported could not show anything either."""
    deployment = Sample(
        type=tokens.DEPLOYMENT, props={"properties": {"template": {"resources": IN_A_TEMPLATE}}}
    )
    run = ask_run(policies(ALL_RULES), (deployment,))
    assert len([rule for rule, answer in run.items() if answer.reports]) > 5
