"""The real program, for every stack file of the project, before a recorder.

The house obeys its own law: here, and nowhere else, components and rules meet.
"""

from __future__ import annotations

import functools
import runpy
from pathlib import Path

import pytest

from imagefleet.domain.findings import Cause, Doubt
from imagefleet.stack_yaml import config_strings, read_stack_file
from rules import ALL_RULES, StackRule
from rules.canonical import Resource
from rules.stack import Stack
from rules.verdicts import Level
from tests.recorder import PROJECT, UNKNOWN, record

ROOT = Path(__file__).resolve().parent.parent
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
each_stack = pytest.mark.parametrize("stack", STACKS)


@functools.cache
def run(stack, *, preview=False):
    """What the program of a stack registers; the same run serves all tests."""
    config = config_strings(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"), PROJECT)
    main = str(ROOT / "__main__.py")
    return record(lambda: runpy.run_path(main), preview=preview, config=config)


def resources(stack, kind):
    """The resources of a kind, without the components that share their names."""
    return [each for each in run(stack).registrations if each.custom and each.kind == kind]


def test_the_three_stacks_are_there():
    assert {"china", "dev", "prod"} <= set(STACKS)


@each_stack
class TestEveryStack:
    def test_a_first_preview_asks_for_what_is_then_made(self, stack):
        previewed, made = run(stack, preview=True), run(stack)
        assert {each.urn: each.inputs for each in previewed.registrations} == {
            each.urn: each.inputs for each in made.registrations
        }
        assert UNKNOWN not in str([each.inputs for each in previewed.registrations])

    def test_everything_is_below_one_fleet(self, stack):
        recorder = run(stack)
        top = recorder.one("ImageFleet")
        urns = {each.urn for each in recorder.registrations}
        assert all(each.parent in urns for each in recorder.registrations if each.parent)
        below_the_stack = {each.urn for each in recorder.registrations if each.parent == top.parent}
        assert below_the_stack == {top.urn}

    def test_it_exports_what_people_look_for(self, stack):
        outputs = run(stack).stack_outputs
        assert set(outputs) == {"accounts", "endpoints", "galleryId", "imageVersions", "pools"}
        assert len(outputs["pools"]) == len(resources(stack, "Pool"))

    def test_no_optional_thing_is_empty(self, stack):
        """Empty lists, mappings and texts break redeployments: what is not there is absent."""
        found = [
            path
            for each in run(stack).registrations
            if each.custom
            for path in empties(each.inputs, each.name)
        ]
        assert found == []

    def test_no_alias_of_the_provider_is_asked_for(self, stack):
        assert [each.name for each in run(stack).registrations if each.aliases] == []

    def test_no_mandatory_rule_objects_and_nothing_is_unknown(self, stack):
        judged = Stack(
            resources={each.urn: seen(each) for each in run(stack).registrations},
            dependencies={each.urn: each.dependencies for each in run(stack).registrations},
            property_dependencies={
                each.urn: each.property_dependencies for each in run(stack).registrations
            },
        )
        found = [
            f"{rule.id}: {resource.name}: {outcome}"
            for rule in ALL_RULES
            for resource in judged.resources.values()
            for judgement in [judgement_of(rule, resource, judged)]
            for outcome in (*judgement.findings, *judgement.doubts)
            # what lies outside the stack is for a question to Azure, not for a rule
            if not (isinstance(outcome, Doubt) and outcome.cause is Cause.EXTERNAL)
            if rule.level is Level.MANDATORY or isinstance(outcome, Doubt)
        ]
        assert found == []


def empties(value, path):
    """The paths of everything empty in a value."""
    if value in ("", [], {}, None):
        yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from empties(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from empties(each, f"{path}[]")


def seen(registration):
    """A registration as the pack sees it."""
    return Resource(
        urn=registration.urn,
        name=registration.name,
        type=registration.type,
        token=registration.type,
        props=registration.inputs,
        ignore_changes=registration.ignore_changes,
        protect=registration.protect,
        parent=registration.parent,
    )


def judgement_of(rule, resource, stack):
    if isinstance(rule, StackRule):
        return rule.judge(resource, stack, rule.context({}))
    return rule.judge(resource, rule.context({}))


class TestTheDocumentsOwnScenario:
    """The China stack: 3,000 nodes in one region, 600 in another (D78, D91 to D95)."""

    def test_replicas(self):
        regions = [
            {each["name"]: each["regionalReplicaCount"] for each in profile["targetRegions"]}
            for version in resources("china", "GalleryImageVersion")
            for profile in [version.inputs["publishingProfile"]]
        ]
        (replicas,) = (each for each in regions if each.get("chinanorth3") == 11)
        assert sorted(replicas.values()) == [3, 11]

    def test_resize_timeout(self):
        fixed = [
            each.inputs["scaleSettings"]["fixedScale"]
            for each in resources("china", "Pool")
            if "fixedScale" in each.inputs["scaleSettings"]
        ]
        timeouts = {
            each["targetDedicatedNodes"] + each["targetLowPriorityNodes"]: each["resizeTimeout"]
            for each in fixed
        }
        assert timeouts[3000] == "PT45M"

    def test_accounts_are_entra_only(self):
        accounts = resources("china", "BatchAccount")
        assert accounts
        assert all(each.inputs["allowedAuthenticationModes"] == ["AAD"] for each in accounts)

    def test_the_endpoints_are_those_of_china(self):
        endpoints = run("china").stack_outputs["endpoints"]
        assert endpoints["environment"] == "china"
        assert endpoints["batchAudience"] == "https://batch.chinacloudapi.cn/"


def test_all_five_sources_occur_in_the_stacks_together():
    assert {source for stack in STACKS for source in sources_of(stack)} == {
        "snapshots",
        "virtual machine",
        "VHD",
        "managed image",
        "image version",
    }


def sources_of(stack):
    """The kinds of sources that the image versions of a stack are made from."""
    ours = {f"/images/{each.inputs['imageName']}" for each in resources(stack, "Image")}
    for image in resources(stack, "Image"):
        os_disk = image.inputs.get("storageProfile", {}).get("osDisk", {})
        if "sourceVirtualMachine" in image.inputs:
            yield "virtual machine"
        else:
            yield "VHD" if "blobUri" in os_disk else "snapshots"
    for version in resources(stack, "GalleryImageVersion"):
        source = version.inputs["storageProfile"]["source"]["id"]
        if "/versions/" in source:
            yield "image version"
        elif not source.endswith(tuple(ours)):
            yield "managed image"
