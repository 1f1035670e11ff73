"""Replicas against the nodes of the pools that start from a version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import replication
from rules import tokens
from rules.replication import (
    REPLICA_COUNT_FOR_ALL_POOLS,
    REPLICA_COUNT_FOR_NODES,
    REPLICA_HEADROOM,
)
from tests.policy.neighbours import (
    EXTERNAL_VERSION,
    UNKNOWN,
    account,
    answers,
    doubts,
    findings,
    pool,
    verdict,
    version,
)

RULE = REPLICA_COUNT_FOR_NODES
COUNT = "publishingProfile.targetRegions[0].regionalReplicaCount"
HERE = {"westeurope": 1}


def auto(formula: object, name: str = "pool") -> object:
    return pool(name=name, scaleSettings={"autoScale": {"formula": formula}})


@pytest.mark.parametrize(
    ("nodes", "replicas"), [(0, 1), (1, 1), (300, 1), (301, 2), (600, 2), (601, 3), (3000, 10)]
)
def test_one_replica_for_every_300_nodes_a_begun_number_counted(nodes, replicas):
    enough = account(), version({"westeurope": replicas}), pool(nodes)
    assert verdict(RULE, *enough) == "pass"
    if replicas > 1:
        few = account(), version({"westeurope": replicas - 1}), pool(nodes)
        assert findings(RULE, *few) == [
            (
                f"{COUNT} is {replicas - 1} in westeurope; needed: at least {replicas}, for pool "
                f"pool with {nodes} nodes."
            )
        ]


def test_the_finding_stands_at_the_version():
    judged = answers(RULE, account(), version(HERE), pool(301))
    assert judged["version"].verdict.value == "fail"
    assert judged["pool"].not_applicable == "the pool's image version is judged"


def test_both_kinds_of_nodes_are_added_and_texts_of_templates_read():
    fixed = {"targetDedicatedNodes": "200", "targetLowPriorityNodes": 101.0}
    of_both = pool(scaleSettings={"fixedScale": fixed})
    assert findings(RULE, account(), version(HERE), of_both) != []


def test_pools_sharing_a_region_need_the_largest_by_rule_and_the_sum_by_advice():
    stack = account(), version({"westeurope": 2}), pool(600, name="a"), pool(300, name="b")
    assert verdict(RULE, *stack) == "pass"
    assert findings(REPLICA_COUNT_FOR_ALL_POOLS, *stack) == [
        f"{COUNT} is 2 in westeurope; needed: at least 3, for 2 pools with 900 nodes together."
    ]


def test_the_sum_has_nothing_to_add_about_a_pool_alone():
    stack = account(), version(HERE), pool(900)
    assert verdict(REPLICA_COUNT_FOR_ALL_POOLS, *stack) == "not-applicable"


def test_the_sum_stops_at_the_most_that_the_service_allows():
    pools = [pool(1, name=f"p{index}") for index in range(150)]
    stack = account(), version({"westeurope": replication.MAXIMUM}), *pools
    assert verdict(REPLICA_COUNT_FOR_ALL_POOLS, *stack) == "pass"
    assert verdict(REPLICA_HEADROOM, *stack) == "pass"


@pytest.mark.parametrize(("replicas", "expected"), [(2, "fail"), (3, "pass"), (1, "fail")])
def test_headroom_is_one_more_than_the_minimum(replicas, expected):
    stack = account(), version({"westeurope": replicas}), pool(600)
    assert verdict(REPLICA_HEADROOM, *stack) == expected


def test_regions_are_compared_in_any_spelling_and_each_by_its_own_pools():
    stack = (
        account("West Europe"),
        account("northeurope", name="north", accountName="north"),
        version({"westeurope": 1, "North Europe": 1}),
        pool(300, name="w"),
        pool(301, name="n", accountName="north"),
    )
    (line,) = findings(RULE, *stack)
    assert line.startswith("publishingProfile.targetRegions[1].regionalReplicaCount is 1 in north")


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"replicaCount": 2}, "pass"),
        ({"replicaCount": 2, "targetRegions": []}, "pass"),
        ({"replicaCount": 2, "targetRegions": [{"name": "westeurope"}]}, "pass"),
        (
            {
                "replicaCount": 2,
                "targetRegions": [{"name": "westeurope", "regionalReplicaCount": 1}],
            },
            "fail",
        ),
        ({}, "fail"),
        (None, "fail"),
        ({"targetRegions": [{"name": "westeurope"}]}, "fail"),
        ({"targetRegions": UNKNOWN}, "undecided"),
        (UNKNOWN, "undecided"),
        (
            {"targetRegions": [{"name": "westeurope", "regionalReplicaCount": UNKNOWN}]},
            "undecided",
        ),
        ({"targetRegions": [{"name": UNKNOWN, "regionalReplicaCount": 2}]}, "pass"),
        ({"targetRegions": [{"name": UNKNOWN, "regionalReplicaCount": 1}]}, "fail"),
        ({"targetRegions": "westeurope"}, "fail"),
        ({"targetRegions": [{"name": "westeurope", "regionalReplicaCount": "many"}]}, "fail"),
    ],
)
def test_replicas_are_the_regions_then_the_versions_then_one(profile, expected):
    stack = account(), version(publishingProfile=profile), pool(301)
    assert verdict(RULE, *stack) == expected


def test_an_unknown_count_is_enough_for_pools_that_need_one_replica():
    assert verdict(RULE, account(), version({"westeurope": UNKNOWN}), pool(300)) == "pass"


def test_replicas_on_other_storage_count_only_when_configured():
    region = {
        "name": "westeurope",
        "regionalReplicaCount": 1,
        "additionalReplicaSets": [{"regionalReplicaCount": 1}],
    }
    stack = account(), version(publishingProfile={"targetRegions": [region]}), pool(600)
    assert verdict(RULE, *stack) == "fail"
    assert verdict(RULE, *stack, countAdditionalReplicaSets=True) == "pass"


def test_a_region_that_is_missing_is_another_rules_finding():
    assert verdict(RULE, account("northeurope"), version(HERE), pool(3000)) == "pass"


@pytest.mark.parametrize(
    ("formula", "options", "expected"),
    [
        ("$TargetDedicatedNodes = min(300, $PendingTasks.GetSample(1));", {}, "pass"),
        ("$TargetDedicatedNodes = min(301, $PendingTasks.GetSample(1));", {}, "fail"),
        ("$TargetDedicatedNodes = $PendingTasks.GetSample(1);", {}, "undecided"),
        ("$TargetDedicatedNodes = $X;", {"maximumNodes": {"*": 300}}, "pass"),
        ("$TargetDedicatedNodes = $X;", {"maximumNodes": {"pool": 301, "*": 1}}, "fail"),
        (UNKNOWN, {}, "undecided"),
        (7, {}, "fail"),
    ],
)
def test_a_formula_counts_with_its_bound_or_the_configured_one(formula, options, expected):
    assert verdict(RULE, account(), version(HERE), auto(formula), **options) == expected


def test_a_formula_without_a_bound_is_said_and_never_shown():
    (line,) = doubts(RULE, account(), version(HERE), auto("$TargetDedicatedNodes = $Secret;"))
    assert line.startswith("undecided, external: ")
    assert "maximumNodes" in line
    assert "Secret" not in line


def test_a_pool_of_neither_scale_has_no_node():
    assert verdict(RULE, account(), version(HERE), pool(scaleSettings={})) == "pass"


@pytest.mark.parametrize("nodes", [-1, 1.5, "many", True, [1]])
def test_a_number_of_nodes_that_is_none_is_the_pools_own_finding(nodes):
    judged = answers(RULE, account(), version(HERE), pool(nodes))
    assert judged["pool"].verdict.value == "fail"
    assert judged["version"].verdict.value == "not-applicable"


def test_unknown_nodes_leave_the_version_open_unless_what_is_known_is_too_much():
    some = pool(scaleSettings={"fixedScale": {"targetDedicatedNodes": UNKNOWN}})
    assert verdict(RULE, account(), version(HERE), some) == "undecided"
    more = pool(
        scaleSettings={
            "fixedScale": {"targetDedicatedNodes": UNKNOWN, "targetLowPriorityNodes": 301}
        }
    )
    assert verdict(RULE, account(), version(HERE), more) == "fail"


def test_a_version_outside_the_stack_is_external_at_the_pool():
    (line,) = doubts(RULE, account(), pool(3000, image=EXTERNAL_VERSION))
    assert line.startswith("undecided, external: deploymentConfiguration.")


def test_an_unknown_image_is_the_version_that_it_depends_on():
    joined = pool(301, image=UNKNOWN, depends={"deploymentConfiguration": ("version",)})
    assert verdict(RULE, account(), version(HERE), joined) == "fail"
    assert verdict(RULE, account(), version(HERE), pool(301, image=UNKNOWN)) == "undecided"


def test_a_version_no_pool_starts_from_is_not_judged():
    assert verdict(RULE, account(), version(HERE)) == "not-applicable"


@pytest.mark.parametrize("image", [None, "/subscriptions/s/resourceGroups/g", "no id"])
def test_a_pool_from_no_version_is_another_rules_finding(image):
    assert verdict(RULE, account(), pool(image=image)) == "not-applicable"


@pytest.mark.parametrize(("nodes", "expected"), [(300, "pass"), (301, "undecided"), (601, "fail")])
def test_a_pool_whose_region_is_open_is_judged_as_far_as_any_region_goes(nodes, expected):
    stack = version({"westeurope": 1, "northeurope": 2}), pool(nodes)
    assert verdict(RULE, *stack) == expected


def test_an_account_without_location_lies_where_its_group_lies():
    group = replace(
        account(),
        type=tokens.RESOURCE_GROUP,
        name="group",
        props={"resourceGroupName": "fleet", "location": "westeurope"},
    )
    stack = group, account(None), version({"westeurope": 1, "northeurope": 9}), pool(301)
    assert verdict(RULE, *stack) == "fail"


def test_names_join_where_no_resource_group_is_named():
    stack = (
        account(resourceGroupName=None),
        version(HERE, resourceGroupName=None),
        pool(301, resourceGroupName=None),
    )
    assert verdict(RULE, *stack) == "fail"


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=5), st.integers(1, 100))
def test_the_verdict_is_the_domains_own_arithmetic(counts, replicas):
    stack = (
        account(),
        version({"westeurope": replicas}),
        *(pool(count, name=f"p{index}") for index, count in enumerate(counts)),
    )
    enough = replicas >= replication.largest(counts)
    assert verdict(RULE, *stack) == ("pass" if enough else "fail")
