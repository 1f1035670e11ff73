"""Checks of galleries, definitions and versions: each fails, passes and cannot tell."""

from __future__ import annotations

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.doctor.model import Status
from tests.live.doctor.conftest import words
from tests.live.fleets import SUB, fleet, image, plan, pool, version

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
GALLERY = f"{SUB}/resourceGroups/fleet/providers/Microsoft.Compute/galleries/fleet"
VERSION = f"{GALLERY}/images/ubuntu/versions/1.0.0"
# The same fleet, with everything of the image made by somebody else.
USING = fleet(
    gallery=f.Gallery(id=GALLERY, batch_registered=True),
    images={"ubuntu": image(existing=True, versions={"1.0.0": f.ImageVersion(id=VERSION)})},
)
DEFINITION = ("definition-generalized", "definition-security-type", "definition-as-planned",
              "definition-no-plan")  # fmt: skip
THERE = ("gallery-there", "definition-there", "version-there")
VERSIONS = ("version-replicated", "version-replicas")


def answering(world, piece, change):
    """Let the doors answer with something changed in every resource of a list, or in the one."""

    def changed(request, handler):
        answer = handler(request)
        for body in answer.body.get("value", [answer.body]):
            change(body["properties"])
        return answer

    world.around.faults = {piece: changed}


@pytest.mark.parametrize("check", THERE)
def test_what_up_makes_need_not_be_there(world, check):
    found = world.examine(check, fleet())
    assert (found.status, "`up` makes it" in words(found)) == (PASS, True)


@pytest.mark.parametrize("check", THERE)
def test_what_is_there_is_good(world, check):
    world.bring_up(fleet())
    found = world.examine(check, USING)
    assert (found.status, words(found).endswith("is there")) == (PASS, True)


@pytest.mark.parametrize("check", THERE)
def test_what_must_be_there_and_is_not_fails(world, check):
    found = world.examine(check, USING)
    assert (found.status, "is not there" in words(found)) == (FAIL, True)


@pytest.mark.parametrize(
    ("state", "status"), [("Succeeded", PASS), ("Failed", FAIL), ("Creating", UNKNOWN)]
)
@pytest.mark.parametrize(
    ("check", "piece"),
    [("gallery-there", "/galleries"), ("definition-there", "/images"),
     ("version-there", "/versions")],
)  # fmt: skip
def test_a_state_is_told(world, check, piece, state, status):
    world.bring_up(fleet())

    def changed(request, handler):
        answer = handler(request)
        if request.path.casefold().endswith(piece):
            for body in answer.body["value"]:
                body["properties"]["provisioningState"] = state
        return answer

    world.around.faults = {"/galleries": changed}
    assert world.examine(check, USING).status is status


@pytest.mark.parametrize("check", [*THERE, *DEFINITION, *VERSIONS])
@pytest.mark.parametrize("fault", [429, 500, 403, "drop"])
def test_a_gallery_that_cannot_be_read_cannot_be_told(world, check, fault):
    world.bring_up(fleet())
    world.around.faults = {"/galleries": fault}
    assert world.examine(check, USING).status is UNKNOWN


@pytest.mark.parametrize("check", VERSIONS)
def test_a_version_that_cannot_be_read_hides_no_other(world, check):
    stack = fleet(
        images={"ubuntu": image(versions={"1.0.0": version(), "1.1.0": version()})},
        pools={"work": pool(versions=("1.0.0", "1.1.0"))},
    )
    world.bring_up(stack)
    world.around.faults = {"versions/1.0.0": 500}
    found = world.examine(check, stack)
    assert [each.status for each in found.found] == [UNKNOWN, PASS]


@pytest.mark.parametrize(
    ("check", "change", "status", "said"),
    [
        ("definition-generalized", {}, PASS, "generalized"),
        ("definition-generalized", {"osState": "Specialized"}, FAIL, "Specialized images"),
        ("definition-generalized", {"osState": None}, UNKNOWN, "does not show"),
        ("definition-security-type", {}, PASS, "Standard"),
        ("definition-security-type", {"features": None}, PASS, "no security type"),
        ("definition-security-type",
         {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}, FAIL, "unusable"),
        ("definition-security-type",
         {"features": [{"name": "securitytype", "value": "confidentialvm"}]}, FAIL, "unusable"),
        ("definition-security-type",
         {"features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]}, PASS,
         "may be standard"),
        ("definition-security-type",
         {"features": [{"name": "SecurityType", "value": "Quantum"}]}, UNKNOWN, "Quantum"),
        ("definition-as-planned", {}, PASS, "of the stack file"),
        ("definition-as-planned", {"hyperVGeneration": "V1"}, FAIL, "V1, the stack says V2"),
        ("definition-as-planned", {"osType": "Windows"}, FAIL, "Windows, the stack says Linux"),
        ("definition-as-planned", {"osType": None}, UNKNOWN, "does not show osType"),
        ("definition-no-plan", {}, PASS, "no purchase plan"),
        ("definition-no-plan", {"purchasePlan": {"name": "pro"}}, FAIL, "name pro"),
    ],
)  # fmt: skip
def test_a_definition_as_it_stands(world, check, change, status, said):
    world.bring_up(fleet())

    def alter(properties):
        for name, value in change.items():
            if value is None:
                properties.pop(name, None)
            else:
                properties[name] = value

    def changed(request, handler):
        answer = handler(request)
        if request.path.casefold().endswith("/images"):
            for body in answer.body["value"]:
                alter(body["properties"])
        return answer

    world.around.faults = {"/galleries/fleet/images": changed}
    found = world.examine(check, fleet())
    assert (found.status, said in words(found)) == (status, True), words(found)


@pytest.mark.parametrize(
    ("summary", "status", "said"),
    [
        ([{"region": "West Europe", "state": "Completed", "progress": 100}], PASS, "replicated"),
        ([{"region": "westeurope", "state": "Replicating", "progress": 40}], FAIL, "at 40 %"),
        ([{"region": "westeurope", "state": "Failed", "details": "no room"}], FAIL, "no room"),
        ([{"region": "westeurope", "state": "Unknown"}], UNKNOWN, "says unknown"),
        ([{"region": "uksouth", "state": "Completed"}], FAIL, "no replica there: no pool"),
        ([], UNKNOWN, "shows no replication"),
    ],
)
def test_replication_of_a_version(world, summary, status, said):
    world.bring_up(fleet())
    answering(
        world, "versions/1.0.0",
        lambda properties: properties.update(replicationStatus={"summary": summary}),
    )  # fmt: skip
    found = world.examine("version-replicated", USING)
    assert (found.status, said in words(found)) == (status, True), words(found)


def test_replication_is_asked_for_as_it_is_on_azure(world):
    world.bring_up(fleet())
    assert world.examine("version-replicated", USING).status is PASS


def test_a_region_that_up_adds_is_no_fault(world):
    world.bring_up(fleet())
    accounts = {
        "main": f.Account(name="fleetbatch", location="westeurope"),
        "north": f.Account(name="northbatch", location="northeurope"),
    }
    stack = fleet(accounts=accounts, pools={"work": pool(), "more": pool(account="north")})
    found = world.examine("version-replicated", stack)
    assert (found.status, "`up` adds the region" in words(found)) == (PASS, True)


@pytest.mark.parametrize(("replicas", "status"), [(3, PASS), (2, FAIL), (None, UNKNOWN)])
def test_replicas_for_the_largest_pool(world, replicas, status):
    large = f.FixedScale(dedicated=900)
    world.bring_up(fleet())
    stack = fleet(gallery=USING.gallery, images=USING.images, pools={"work": pool(scale=large)})
    assert plan(stack).image_versions[0].regions[0].minimum == 3
    target = {"name": "westeurope"} | ({"regionalReplicaCount": replicas} if replicas else {})
    profile = {"targetRegions": [target]}
    answering(
        world, "versions/1.0.0", lambda properties: properties.update(publishingProfile=profile)
    )
    assert world.examine("version-replicas", stack).status is status


def test_replicas_that_up_adds_are_no_fault(world):
    world.bring_up(fleet())
    stack = fleet(pools={"work": pool(scale=f.FixedScale(dedicated=900))})
    found = world.examine("version-replicas", stack)
    assert (found.status, "`up` makes it 4" in words(found)) == (PASS, True), words(found)
