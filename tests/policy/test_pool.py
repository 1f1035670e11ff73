"""Pools: the image they name, their node agent, and the disks of their nodes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import examples as given
from rules import pool, pool_agent, pool_disks, pool_image, pool_scale, protection, tokens
from rules.examples import (
    DEFINITION_ID,
    GALLERY_ID,
    MANAGED_IMAGE_ID,
    VERSION_ID,
    lone_pool,
    together,
)
from rules.verdicts import Edition, Level, Sample
from tests.policy.direct import judged, verdict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
ALL = [
    rule
    for family in (pool, pool_image, pool_scale, pool_agent, pool_disks, protection)
    for rule in family.RULES
]
BY_ID = {rule.id: rule for rule in ALL}
EACH = pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
ID = "imageReference.id"
# The first rule names the parts of a reference to any image, the second one frequent mistake.
BROKEN_TOGETHER = {("pool-not-managed-image", "pool-gallery-image-id")}


@EACH
def test_the_examples_pass_and_fail_as_they_say(rule, ask):
    assert ask(rule, *rule.good).verdict == "pass"
    answer = ask(rule, *rule.bad)
    assert answer.verdict == "fail"
    assert rule.remedy in answer.reports[0][0]


@EACH
def test_a_bad_example_breaks_no_other_mandatory_rule(rule):
    others = [other for other in ALL if other is not rule and other.level is Level.MANDATORY]
    found = [(rule.id, other.id) for other in others if verdict(other, *rule.bad) == "fail"]
    assert set(found) <= BROKEN_TOGETHER


@EACH
def test_other_types_are_not_judged(rule, ask):
    network = Sample(type="azure-native:network:VirtualNetwork", props={})
    assert ask(rule, network).verdict == "not-applicable"


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("pool-gallery-image-id", "imageReference"),
        ("pool-gallery-image-id", ID),
        ("pool-not-managed-image", ID),
        ("pool-not-shared-community", "imageReference"),
        ("pool-not-shared-community", "imageReference.sharedGalleryImageId"),
        ("pool-not-shared-community", "imageReference.communityGalleryImageId"),
        ("pool-version-pinned", ID),
        ("pool-version-pinned", "/upgradePolicy"),
        ("pool-version-pinned", "serviceArtifactReference"),
        ("pool-uses-generalized-image", ID),
        ("pool-extensions", "extensions"),
        ("pool-node-agent-os", "nodeAgentSkuId"),
        ("pool-node-agent-os", "windowsConfiguration"),
        ("pool-node-agent-sku", ID),
        ("pool-node-agent-sku-likely", ID),
        ("pool-node-agent-retired", "nodeAgentSkuId"),
        ("pool-resize-timeout", "/scaleSettings"),
        ("pool-resize-timeout", "/scaleSettings.fixedScale.resizeTimeout"),
        ("pool-resize-timeout", "/scaleSettings.fixedScale.targetLowPriorityNodes"),
        ("pool-resize-timeout-stepped", "/scaleSettings.fixedScale.targetDedicatedNodes"),
        ("pool-autoscale-exempt", "/scaleSettings.autoScale"),
        ("pool-os-disk-caching", "osDisk"),
        ("pool-os-disk-caching", "osDisk.ephemeralOSDiskSettings"),
        ("pool-ephemeral-placement", "osDisk.ephemeralOSDiskSettings"),
        ("pool-temp-drive-size", "/vmSize"),
        ("pool-no-linux-disk-encryption", "diskEncryptionConfiguration"),
    ],
)
def test_an_unknown_is_undecided_where_it_matters(rule, path, ask):
    assert ask(BY_ID[rule], *lone_pool({path: UNKNOWN})).verdict == "undecided"


def named(value: object) -> tuple[Sample, ...]:
    return lone_pool({ID: value})


SUBSCRIPTION = GALLERY_ID.partition("/resourceGroups")[0]


@pytest.mark.parametrize(
    ("value", "gallery", "managed", "pinned"),
    [
        (VERSION_ID, "pass", "pass", "pass"),
        (VERSION_ID.upper(), "pass", "pass", "pass"),
        (f"{VERSION_ID}/", "pass", "pass", "pass"),
        (VERSION_ID.replace("resourceGroups", "resourcegroups"), "pass", "pass", "pass"),
        (DEFINITION_ID, "pass", "pass", "fail"),
        (f"{DEFINITION_ID}/versions/latest", "pass", "pass", "fail"),
        (f"{DEFINITION_ID}/versions/1.0", "pass", "pass", "fail"),
        (MANAGED_IMAGE_ID, "fail", "fail", "not-applicable"),
        (MANAGED_IMAGE_ID.lower(), "fail", "fail", "not-applicable"),
        (GALLERY_ID, "fail", "pass", "not-applicable"),
        ("render", "fail", "pass", "not-applicable"),
        ("", "fail", "pass", "not-applicable"),
        (f"{SUBSCRIPTION}/providers/Microsoft.Compute/galleries/g/images/i", "fail", "pass",
         "fail"),
    ],
)  # fmt: skip
def test_an_id_is_judged_by_its_form(value, gallery, managed, pinned, ask):
    assert ask(BY_ID["pool-gallery-image-id"], *named(value)).verdict == gallery
    assert ask(BY_ID["pool-not-managed-image"], *named(value)).verdict == managed
    assert ask(BY_ID["pool-version-pinned"], *named(value)).verdict == pinned


@pytest.mark.parametrize(
    ("maker", "gallery", "managed", "pinned"),
    [
        (tokens.GALLERY_IMAGE_VERSION, "pass", "pass", "pass"),
        (tokens.GALLERY_IMAGE, "pass", "pass", "fail"),
        (tokens.MANAGED_IMAGE, "fail", "fail", "pass"),
        (tokens.SNAPSHOT, "undecided", "undecided", "undecided"),
    ],
)
def test_the_graph_proves_what_an_unknown_id_is(maker, gallery, managed, pinned, ask):
    """At the first preview ids are not known; what they are made from is."""
    made = replace(given.pool({ID: UNKNOWN}), depends={"deploymentConfiguration": ("maker",)})
    chain = (made, Sample(type=maker, name="maker", props={}))
    assert ask(BY_ID["pool-gallery-image-id"], *chain).verdict == gallery
    assert ask(BY_ID["pool-not-managed-image"], *chain).verdict == managed
    assert ask(BY_ID["pool-version-pinned"], *chain).verdict == pinned


def test_two_versions_behind_an_unknown_id_are_still_versions(ask):
    made = replace(given.pool({ID: UNKNOWN}), depends={"deploymentConfiguration": ("one", "two")})
    versions = [
        Sample(type=tokens.GALLERY_IMAGE_VERSION, name=name, props={}) for name in ("one", "two")
    ]
    assert ask(BY_ID["pool-gallery-image-id"], made, *versions).verdict == "pass"


MARKETPLACE = {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (MARKETPLACE, "fail"),
        (MARKETPLACE | {"id": VERSION_ID}, "fail"),
        ({"id": VERSION_ID, "version": "latest"}, "fail"),
        ({"id": VERSION_ID, "version": None}, "pass"),
        ({}, "fail"),
        ({"sharedGalleryImageId": "s"}, "not-applicable"),
        ({"communityGalleryImageId": "c"}, "not-applicable"),
    ],
)
def test_a_reference_is_an_id_and_nothing_else(reference, expected, ask):
    pools = lone_pool({"imageReference": reference})
    assert ask(BY_ID["pool-gallery-image-id"], *pools).verdict == expected


def test_a_pool_without_a_machine_configuration_names_no_image(ask):
    sample = lone_pool({"/deploymentConfiguration": {"cloudServiceConfiguration": {}}})
    assert ask(BY_ID["pool-gallery-image-id"], *sample).verdict == "fail"
    for rule in ("pool-version-pinned", "pool-uses-generalized-image", "pool-node-agent-sku"):
        assert ask(BY_ID[rule], *sample).verdict == "not-applicable"


def test_what_follows_the_latest_version_is_not_pinned(ask):
    sample = lone_pool({"serviceArtifactReference": {"id": "x"}})
    assert ask(BY_ID["pool-version-pinned"], *sample).verdict == "fail"


def test_edition_global_allows_trusted_launch():
    sample = lone_pool({"securityProfile": {"securityType": "trustedLaunch"}})
    rule = BY_ID["pool-no-trusted-launch"]
    assert verdict(rule, *sample) == "fail"
    assert verdict(rule, *sample, edition=Edition.GLOBAL) == "not-applicable"


def chain(pool_changes=None, definition=None, version=None) -> tuple[Sample, ...]:
    return together(given.pool(pool_changes), given.version(version), given.definition(definition))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Generalized", "pass"),
        ("generalized", "pass"),
        ("Specialized", "fail"),
        (None, "fail"),
        (UNKNOWN, "undecided"),
    ],
)
@pytest.mark.parametrize("value", [VERSION_ID, UNKNOWN])
def test_the_state_is_that_of_the_definition(state, expected, value, ask):
    samples = chain({ID: value}, {"osState": state})
    assert ask(BY_ID["pool-uses-generalized-image"], *samples).verdict == expected


def test_a_definition_of_the_stack_is_found_for_a_version_outside_it():
    """A version made elsewhere, of a definition of this stack, by ids alone."""
    made, *_, definition = chain(definition={"osState": "Specialized"})
    alone = replace(made, depends={})
    assert verdict(BY_ID["pool-uses-generalized-image"], alone, definition) == "fail"
    by_definition = lone_pool({ID: DEFINITION_ID})
    assert verdict(BY_ID["pool-uses-generalized-image"], *by_definition, definition) == "fail"


@pytest.mark.parametrize(
    "rule",
    [
        "pool-uses-generalized-image", "pool-node-agent-os", "pool-node-agent-sku",
        "pool-node-agent-sku-likely",
    ],
)  # fmt: skip
def test_an_image_outside_the_stack_is_a_question_for_azure(rule):
    (doubt,) = judged(BY_ID[rule], *lone_pool()).doubts
    assert doubt.cause == "external"
    assert "outside the stack" in doubt.detail


def test_an_extension_may_be_allowed(ask):
    rule = BY_ID["pool-extensions"]
    config = {"allowed": ["microsoft.azure.extensions/*"]}
    assert ask(rule, *rule.bad, config=config).verdict == "pass"
    unknown = lone_pool({"extensions": [{"publisher": UNKNOWN, "type": "CustomScript"}]})
    assert ask(rule, *unknown).verdict == "fail"
    assert ask(rule, *unknown, config=config).verdict == "undecided"


def test_what_pools_run_from_is_protected():
    rule = BY_ID["image-protect"]
    samples = chain()
    assert verdict(rule, *samples, of="definition") == "fail"
    assert verdict(rule, *samples, of="version") == "fail"
    assert verdict(rule, *samples, of="definition", protect=True) == "pass"
    assert verdict(rule, *samples, of="version", protect=True) == "pass"
    assert verdict(rule, samples[1]) == "not-applicable"
    gallery = Sample(type=tokens.GALLERY, name="gallery", props={"galleryName": "fleet"})
    assert verdict(rule, gallery) == "fail"
    unknown = chain(version={"safetyProfile": UNKNOWN})
    assert verdict(rule, *unknown, of="version") == "undecided"


def test_no_finding_shows_what_a_program_may_hide(ask):
    """Free texts at every path that a pool rule reads stay out of its words."""
    text = "https://x/?sig=s3cret value"
    paths = [
        ID, "imageReference.communityGalleryImageId", "nodeAgentSkuId", "osDisk.caching",
        "osDisk.ephemeralOSDiskSettings.placement", "/vmSize", "securityProfile.securityType",
        "/scaleSettings.fixedScale.resizeTimeout", "/scaleSettings.fixedScale.targetDedicatedNodes",
    ]  # fmt: skip
    changes = [{path: text} for path in paths]
    changes.append({"extensions": [{"publisher": text, "type": text}]})
    changes.append({ID: f"{DEFINITION_ID}/versions/{text.replace('/', '')}"})
    for change in changes:
        for rule in ALL:
            assert "s3cret" not in ask(rule, *lone_pool(change)).text, (rule.id, change)
