"""The file of faults: what it may say, and every mistake in it by its key."""

from __future__ import annotations

import json

import pytest

from imagefleet.offline.faults import KINDS, Call, FaultFileError, parse_plan, read_plan


def mistakes(document):
    with pytest.raises(FaultFileError) as caught:
        parse_plan(document)
    return str(caught.value).splitlines()[1:]


def test_yaml_and_json_say_the_same(tmp_path):
    listed = [{"kind": "throttled", "type": "compute:Gallery", "retryAfterSeconds": 17, "times": 2}]
    (tmp_path / "faults.json").write_text(json.dumps({"seed": 3, "faults": listed}))
    (tmp_path / "faults.yaml").write_text(
        "seed: 3\nfaults:\n  - kind: throttled\n    type: compute:Gallery\n"
        "    retryAfterSeconds: 17\n    times: 2\n"
    )
    plan = read_plan(tmp_path / "faults.yaml")
    assert plan == read_plan(tmp_path / "faults.json")
    assert (plan.seed, plan.faults[0].limit, plan.faults[0].options) == (
        3,
        2,
        {"retryAfterSeconds": 17},
    )


def test_every_kind_of_the_table_can_be_asked_for():
    values = {str: "westeurope", int: 2, float: 1.5, bool: True, dict: {"tags.a": "b"}}
    for name, kind in KINDS.items():
        keys = {key: values[of] for key, of in kind.keys.items() if key != "remove"}
        assert parse_plan({"faults": [{"kind": name, **keys}]}).faults[0].kind == name


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, "faults: must be a list of at least one fault"),
        ({"fault": []}, "fault: 'fault' is not known; did you mean 'faults'?"),
        ({"seed": "x", "faults": [{"kind": "conflict"}]}, "seed: must be a whole number"),
        ({"faults": ["conflict"]}, "faults[0]: must be a mapping with a 'kind'"),
        ({"faults": [{"kind": "throtled"}]}, "faults[0].kind: 'throtled' is not known; did you "),
        ({"faults": [{"kind": "conflict", "region": "a"}]}, "faults[0].region: 'region' is not"),
        ({"faults": [{"kind": "conflict", "times": True}]}, "faults[0].times: must be a whole"),
        ({"faults": [{"kind": "conflict", "times": -1}]}, "faults[0].times: must not be negative"),
        ({"faults": [{"kind": "conflict", "chance": 2}]}, "faults[0].chance: must be 0 to 1"),
        ({"faults": [{"kind": "replicationFailed"}]}, "faults[0].region: is missing"),
        ({"faults": [{"kind": "slow"}]}, "faults[0].seconds: slow needs seconds"),
        ({"faults": [{"kind": "changedBehind"}]}, "faults[0].set: changedBehind needs either"),
        ({"faults": [{"kind": "conflict", "type": "batch:Pol"}]}, "did you mean 'batch:Pool'?"),
        ({"faults": [{"kind": "conflict", "operation": "make"}]}, "faults[0].operation: 'make'"),
        (
            {"faults": [{"kind": "principalNotFound", "operation": "delete"}]},
            "operation: principalNotFound only meets create",
        ),
        ({"faults": [{"kind": ["slow"]}]}, "faults[0].kind: must be a text, got ['slow']"),
        (
            {"faults": [{"kind": "coreQuota", "cores": 8}]},
            "'coreQuota' is no fault any more; quotas are told with --outside FILE: quotas.",
        ),
        (
            {"faults": [{"kind": "poolQuota", "pools": 1}]},
            "told with --outside FILE: quotas.accounts: {'*': {pools: N}}",
        ),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_is_allowed(document, expected):
    assert any(expected in line for line in mistakes(document)), mistakes(document)


def test_all_mistakes_are_told_at_once():
    found = mistakes({"seed": "x", "faults": [{"kind": "no"}, {"kind": "slow"}], "more": 1})
    assert len(found) == 4


def test_text_that_is_no_yaml_is_told_with_its_line(tmp_path):
    (tmp_path / "faults.yaml").write_text("faults:\n\t- kind: slow\n")
    with pytest.raises(FaultFileError, match=r"faults\.yaml is no usable plan.*\n\s+2:"):
        read_plan(tmp_path / "faults.yaml")


def test_a_fault_meets_names_and_ids_whatever_their_case():
    (fault,) = parse_plan({"faults": [{"kind": "conflict", "resource": "Render-*"}]}).faults
    call = Call(operation="create", type="batch:Pool", id="/a/b/pools/RENDER-1")
    assert fault.meets(call)
    assert not fault.meets(Call(operation="create", type="batch:Pool", id="/a/b/pools/test"))
    assert not fault.meets(Call(operation="read", type="batch:Pool", id="/a/b/pools/render-1"))
