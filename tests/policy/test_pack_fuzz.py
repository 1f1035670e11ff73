"""The pack's process under thousands of wrong resources: all answered, and nothing printed."""

from __future__ import annotations

import random
import runpy
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.offline.pack.client import (
    AnalyzerResource,
    PolicyPackError,
    PolicyPackProcess,
)
from imagefleet.offline.values import UNKNOWN, Secret
from imagefleet.stack_yaml import config_strings, read_stack_file
from rules import ALL_RULES, tokens
from rules.examples import VERSION_ID
from rules.image import IMAGE_GENERALIZED
from rules.verdicts import Sample
from tests.policy.mutation_rows import STACK
from tests.policy.pack_faults import faults
from tests.policy.places import places as all_places
from tests.policy.places import put
from tests.recorder import PROJECT, record

ROOT = Path(__file__).resolve().parents[2]
BATCHES, PER_BATCH = 250, 20
MOST_CHANGES = 3
# Of the form of a name, as a password may be.
PRIVATE = "hunter2Xq"
Seed = tuple[str, Mapping[str, Any], Mapping[str, tuple[str, ...]]]


def nested(levels: int, inner: Any = UNKNOWN) -> Any:
    """A value below that many objects and lists by turns."""
    value = inner
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


INSTEAD: tuple[Any, ...] = (
    *(None, UNKNOWN, Secret(PRIVATE), Secret(UNKNOWN), True, False, 0, -1, 3.5, 1e308, 2**53),
    *("", " ", "x", "9", "١٢", "\u0000\ud7ff", "/", "/subscriptions/", "P1Y", "PT", "latest"),
    *("9" * 5000, "{" * 200, "[", "{}", "null", "$x = " + "(" * 300),
    *([], {}, [None], [[]], [{}], {"": ""}, {"id": None}, [UNKNOWN], {"a.b[0]": UNKNOWN}),
    *(nested(3), nested(100), nested(100, None), ["x"] * 1000),
)


@pytest.fixture(scope="module")
def pack() -> Iterator[PolicyPackProcess]:
    with PolicyPackProcess(
        ROOT / "policy", project="fleet", stack="dev", dry_run=True, config={}
    ) as process:
        yield process
        assert list(process._server.printed) == [], "the pack printed more than its port"


def of_programs() -> Iterator[Seed]:
    """What the program registers for every stack file of the project."""
    for file in sorted(ROOT.glob("Pulumi.*.yaml")):
        config = config_strings(read_stack_file(file), PROJECT)
        recorder = record(lambda: runpy.run_path(str(ROOT / "__main__.py")), config=config)
        for each in recorder.registrations:
            if each.custom:
                yield each.type, each.inputs, each.property_dependencies


def of_samples() -> Iterator[Seed]:
    """The examples of all rules, and the stack of the mutation matrix."""
    for sample in (*STACK, *(one for rule in ALL_RULES for one in (*rule.good, *rule.bad))):
        yield sample.type, sample.props, {}


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value at any depth: the container, and the key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict | list):
            steps = list(current) if isinstance(current, dict) else list(range(len(current)))
            found.extend((current, step) for step in steps)
            waiting.extend(current[step] for step in steps)
    return found


def mutate(props: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy of properties with up to three places dropped, replaced, respelled or wrapped."""
    copy: dict[str, Any] = deepcopy(dict(props))
    for _ in range(chance.randint(1, MOST_CHANGES)):
        known = places(copy)
        if not known:
            break
        container, step = chance.choice(known)
        value = container[step]
        change = chance.randrange(6)
        if change == 0:
            del container[step]
        elif change == 1:
            container[step] = str(value) if isinstance(value, int | float) else {"value": value}
        elif change == 2:
            container[step] = [value, deepcopy(value)]
        elif change == 3 and isinstance(value, str):
            container[step] = chance.choice(
                (value.upper(), f" {value}\n", value[::-1], value[:200] * 50)
            )
        else:
            container[step] = deepcopy(chance.choice(INSTEAD))
    return copy


def shown(seed: Seed, name: str, props: Mapping[str, Any], urns: list[str]) -> AnalyzerResource:
    """A resource of a seed, depending on others of its batch wherever it has dependencies."""
    token, _, depends = seed
    return AnalyzerResource(
        urn=f"urn:pulumi:dev::fleet::{token}::{name}",
        type=token,
        name=name,
        properties=props,
        property_dependencies=dict.fromkeys((*depends, *list(props)[:2]), urns[-3:]),
    )


def test_no_mutation_of_a_real_resource_ends_in_an_error(pack):
    seeds = [*of_programs(), *of_samples()]
    assert {token for token, _, _ in seeds} >= {
        tokens.VIRTUAL_MACHINE,
        tokens.SNAPSHOT,
        tokens.GALLERY_IMAGE_VERSION,
        tokens.BATCH_POOL,
    }
    judged = reports = 0

    # The same examples on every run; `derandomize=False` looks at others.
    @settings(
        max_examples=BATCHES,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(chance=st.randoms(use_true_random=False))
    def judge_a_batch(chance: random.Random) -> None:
        nonlocal judged, reports
        stack: list[AnalyzerResource] = []
        for number in range(PER_BATCH):
            seed = chance.choice(seeds)
            urns = [each.urn for each in stack]
            resource = shown(seed, f"r{number}", mutate(seed[1], chance), urns)
            answer = pack.analyze(resource)
            assert faults(answer) == {}, resource
            assert not any(PRIVATE in one.message for one in answer.violations)
            stack.append(resource)
            judged, reports = judged + 1, reports + len(answer.violations)
        answer = pack.analyze_stack(stack)
        assert faults(answer) == {}
        assert not any(PRIVATE in one.message for one in answer.violations)

    judge_a_batch()
    assert judged >= BATCHES * PER_BATCH
    assert reports > judged // 10  # the mutations are seen, and not passed over


ODD = {"unknown": UNKNOWN, "null": None, "number": 7, "text": "7", "wrong kind": {"odd": [True]}}
OneOf = tuple[Sample, tuple[Sample, ...]]


def examples() -> dict[str, OneOf]:
    """Every different example of a rule, with the others of its stack, by rule and name."""
    found: dict[str, OneOf] = {}
    for rule in ALL_RULES:
        for which, stack in (("good", rule.good), ("bad", rule.bad)):
            for sample in stack:
                others = tuple(one for one in stack if one is not sample)
                alone = (sample, ()) in found.values()
                if (sample, others) not in found.values() and not (alone and not others):
                    found[f"{rule.id}-{which}-{sample.name}"] = sample, others
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_answers_with_an_odd_value_at_every_place_of_its_examples(pack, name):
    """Each place that the rule reads is one of these: an example has all that it looks at.

    A stack is judged by the inputs that the pack has seen: each resource has been shown to it.
    """
    sample, others = EXAMPLES[name]
    urns = {one.name: urn_of(one, one.name) for one in (sample, *others)}
    known = [of_sample(one, urns) for one in others]
    for resource in known:
        assert faults(pack.analyze(resource)) == {}
    for kind, odd in ODD.items():
        changed = [
            replace(
                of_sample(replace(sample, props=put(sample.props, path, odd)), urns),
                urn=urn_of(sample, f"{sample.name}-{kind}-{number}"),
            )
            for number, (path, _) in enumerate(all_places(sample.props))
        ]
        for resource in changed:
            assert faults(pack.analyze(resource)) == {}, resource
        # one stack for each unknown; the other values all side by side in one
        alone = odd is UNKNOWN and others
        for stack in [[*known, one] for one in changed] if alone else [[*known, *changed]]:
            assert faults(pack.analyze_stack(stack)) == {}, stack


def test_a_stack_is_judged_by_the_inputs_of_each_of_its_resources(pack):
    """Else the matrix above would see the last of its mutations alone."""
    (sample,) = IMAGE_GENERALIZED.good
    good, bad = (
        AnalyzerResource(
            urn=urn_of(sample, name),
            type=sample.type,
            name=name,
            properties={**sample.props, "hyperVGeneration": "V1", "features": features},
        )
        for name, features in (("good", []), ("bad", [{"name": UNKNOWN}]))
    )
    for resource in (bad, good):
        pack.analyze(resource)
    found = pack.analyze_stack([good, bad]).violations
    assert {one.urn for one in found if one.policy_name == "undecided"} == {bad.urn}


def urn_of(sample: Sample, name: str) -> str:
    return f"urn:pulumi:dev::fleet::{sample.type}::{name}"


def of_sample(sample: Sample, urns: Mapping[str, str]) -> AnalyzerResource:
    """An example as the engine would show it, with its dependencies among `urns`."""
    return AnalyzerResource(
        urn=urns[sample.name],
        type=sample.type,
        name=sample.name,
        properties=sample.props,
        property_dependencies={
            key: [urns[name] for name in names if name in urns]
            for key, names in sample.depends.items()
        },
    )


def of_every_type() -> list[str]:
    return sorted({kind for rule in ALL_RULES for kind in rule.types or ()})


@pytest.mark.parametrize("kind", of_every_type())
def test_properties_of_a_hundred_levels_are_judged(pack, kind):
    seed: Seed = (kind, {}, {})
    known = [props for token, props, _ in of_samples() if token == kind]
    props = {key: nested(100) for one in known for key in one} | {"features": nested(100)}
    resource = shown(seed, "deep", props, [])
    assert faults(pack.analyze(resource)) == {}
    assert faults(pack.analyze_stack([resource])) == {}


@pytest.mark.parametrize("kind", [tokens.BATCH_POOL, tokens.DEPLOYMENT])
def test_ten_megabytes_are_judged(pack, kind):
    large = {f"key{number}": "x" * 1000 for number in range(3_400)}
    wide = {"tags": large, "properties": {"template": large}, "metadata": {"startTask": large}}
    for props in (wide, {"poolName": "x" * 10_000_000}):
        resource = shown((kind, {}, {}), "large", props, [])
        assert faults(pack.analyze(resource)) == {}
        assert faults(pack.analyze_stack([resource])) == {}


@pytest.mark.parametrize(
    "number",
    [float("nan"), float("inf"), float("-inf"), 10**400],
    ids=["nan", "inf", "-inf", "big"],
)
@pytest.mark.parametrize("wrap", [lambda one: [one], Secret], ids=["plain", "secret"])
def test_a_number_that_the_wire_cannot_carry_is_refused_before_it_is_sent(pack, number, wrap):
    props = {"tags": {"a": wrap(number)}}
    resource = shown((tokens.BATCH_ACCOUNT, {}, {}), "nan", props, [])
    for ask in (lambda: pack.analyze(resource), lambda: pack.analyze_stack([resource])):
        with pytest.raises(PolicyPackError, match=r"::nan: tags\.a.* is no number that a policy"):
            ask()
    assert pack.analyze(shown((tokens.BATCH_ACCOUNT, {}, {}), "after", {}, [])).violations


def test_an_id_of_megabytes_is_judged(pack):
    """Its thousands of scopes within scopes would take memory and time without end."""
    source = {"source": {"id": VERSION_ID * 50_000}}
    version = shown((tokens.GALLERY_IMAGE_VERSION, {}, {}), "v", {"storageProfile": source}, [])
    grant = shown((tokens.ROLE_ASSIGNMENT, {}, {}), "g", {"scope": VERSION_ID * 50_000}, [])
    for resource in (version, grant):
        assert faults(pack.analyze(resource)) == {}
    assert faults(pack.analyze_stack([version, grant])) == {}


def test_the_pack_has_printed_nothing_but_its_port(pack):
    assert list(pack._server.printed) == []
