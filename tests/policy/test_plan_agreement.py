"""The pack and the program agree: any plan passes the replica rules, a replica fewer does not."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.domain import replication
from imagefleet.domain.arm_ids import parse
from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.plan import plan
from rules import tokens
from rules.regions import REPLICA_IN_ACCOUNT_REGION, VERSION_OWN_REGION
from rules.replication import (
    REPLICA_COUNT_FOR_ALL_POOLS,
    REPLICA_COUNT_FOR_NODES,
    REPLICA_HEADROOM,
)
from rules.verdicts import Sample, Verdict
from tests.domain.strategies import fleets_without_faults
from tests.policy.neighbours import answers

RULES = (
    REPLICA_IN_ACCOUNT_REGION,
    VERSION_OWN_REGION,
    REPLICA_COUNT_FOR_NODES,
    REPLICA_COUNT_FOR_ALL_POOLS,
    REPLICA_HEADROOM,
)
FEWER = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def spelled(fleet_plan, fewer=0):
    """The resources of a plan, in the inputs the components write, with `fewer` replicas."""
    return (
        *(account(each) for each in fleet_plan.accounts if not each.existing),
        *(
            version(each, fewer)
            for each in fleet_plan.image_versions
            if not each.existing and each.regions
        ),
        *(pool(each, fleet_plan) for each in fleet_plan.pools),
    )


def account(planned):
    props = {
        "accountName": planned.name,
        "resourceGroupName": planned.resource_group,
        "location": planned.location,
    }
    return Sample(type=tokens.BATCH_ACCOUNT, name=f"account-{planned.key}", props=props)


def version(planned, fewer):
    definition = parse(planned.id).parent
    listed = [
        {
            "name": region.name,
            "regionalReplicaCount": region.minimum - 1 if fewer else region.replicas.value,
        }
        for region in planned.regions
    ]
    props = {
        "galleryName": definition.parent.name,
        "galleryImageName": definition.name,
        "galleryImageVersionName": planned.version,
        "resourceGroupName": definition.resource_group,
        "location": planned.location,
        "publishingProfile": {"targetRegions": listed},
    }
    return Sample(type=tokens.GALLERY_IMAGE_VERSION, name=planned.key, props=props)


def pool(planned, fleet_plan):
    scale = planned.settings.scale
    batch = next(each for each in fleet_plan.accounts if each.key == planned.account_key)
    written = (
        {"autoScale": {"formula": scale.formula}}
        if isinstance(scale, AutoScale)
        else {
            "fixedScale": {
                "targetDedicatedNodes": scale.dedicated,
                "targetLowPriorityNodes": scale.low_priority,
            }
        }
    )
    machine = {"imageReference": {"id": planned.image_version_id}}
    props = {
        "poolName": planned.pool_id.value,
        "accountName": batch.name,
        "resourceGroupName": batch.resource_group,
        "deploymentConfiguration": {"virtualMachineConfiguration": machine},
        "scaleSettings": written,
    }
    return Sample(type=tokens.BATCH_POOL, name=f"pool-{planned.key}", props=props)


def caps(fleet_plan):
    """What a policy configuration says about pools whose formula shows no bound."""
    return {f"pool-{each.key}": each.nodes.value for each in fleet_plan.pools}


@FEWER
@given(fleets_without_faults())
def test_any_plan_passes_every_rule_about_replicas(fleet):
    planned = plan(fleet)
    for rule in RULES:
        options = {"maximumNodes": caps(planned)} if rule.options else {}
        judged = answers(rule, *spelled(planned), **options)
        assert [name for name, answer in judged.items() if answer.findings] == [], rule.id


@FEWER
@given(fleets_without_faults(), st.booleans())
def test_one_replica_fewer_than_required_fails_wherever_a_pool_starts(fleet, configured):
    planned = plan(fleet)
    options = {"maximumNodes": caps(planned) if configured else {}}
    judged = answers(REPLICA_COUNT_FOR_NODES, *spelled(planned, fewer=1), **options)
    ours = {each.key for each in planned.accounts if not each.existing}
    for made in planned.image_versions:
        if made.existing or not made.regions:
            continue
        starting = [
            each
            for each in planned.pools
            if each.image_version_key == made.key
            and each.account_key in ours
            and each.nodes.value > 0
            and (configured or not isinstance(each.settings.scale, AutoScale))
        ]
        needed = {each.name: each.minimum for each in made.regions}
        largest = [
            each
            for each in starting
            if replication.required(each.nodes.value) == needed[region_of(planned, each)]
        ]
        if largest:
            assert judged[made.key].verdict is Verdict.FAIL


def region_of(planned, pool_plan):
    return next(each.location for each in planned.accounts if each.key == pool_plan.account_key)
