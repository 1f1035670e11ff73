"""What the pack does not look at, and what it could not decide, is said."""

from __future__ import annotations

import pytest

from rules import ALL_RULES
from rules.honesty import NOT_COVERED, UNDECIDED, UNDECIDED_NOTED
from rules.image_version import VERSION_HOST_CACHING
from rules.kit import policies
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("azure:batch/pool:Pool", "fail"),
        ("azure:batch/account:Account", "fail"),
        ("azure:compute/sharedImageVersion:SharedImageVersion", "fail"),
        ("azure-native:batch:SomethingNew", "fail"),
        ("azure-native:compute:GalleryScript", "fail"),
        ("azure-native:batch:Pool", "not-applicable"),
        ("azure-native_batch_v20240701:batch:Pool", "not-applicable"),
        ("azure-native:compute:GalleryApplication", "pass"),
        ("azure-native:compute:AvailabilitySet", "not-applicable"),
        ("azure:storage/account:Account", "not-applicable"),
        ("aws:batch/computeEnvironment:ComputeEnvironment", "not-applicable"),
        ("imagefleet:batch:Pool", "not-applicable"),
        ("pulumi:pulumi:Stack", "not-applicable"),
        ("odd", "not-applicable"),
    ],
)
def test_a_type_that_no_rule_looks_at_is_named(kind, verdict, ask):
    assert ask(NOT_COVERED, Sample(type=kind, props={})).verdict == verdict


def run(ask_run, *samples):
    """All rules over a stack, as one run of the engine: each resource first, then the stack."""
    return ask_run(policies(ALL_RULES), samples)


def test_an_undecided_mandatory_rule_is_reported_with_rule_place_and_source(ask_run):
    account = Sample(
        name="account",
        type="azure-native:batch:BatchAccount",
        props={"allowedAuthenticationModes": UNKNOWN},
        depends={"allowedAuthenticationModes": ("modes",)},
    )
    modes = Sample(name="modes", type="my:index:Modes", props={})
    answers = run(ask_run, account, modes)
    ((text, place),) = answers[UNDECIDED.id].reports
    assert text.splitlines()[0] == (
        "allowedAuthenticationModes is not known before deployment, it comes from modes; "
        "needed: an answer for account-entra-only."
    )
    assert place.endswith("::account")
    assert answers[UNDECIDED_NOTED.id].reports == []


def test_what_lies_outside_the_stack_is_noted_and_weighs_nothing(ask_run):
    image = Sample(
        type="azure-native:compute:Image", props={"sourceVirtualMachine": {"id": "an id"}}
    )
    pack = policies((VERSION_HOST_CACHING, UNDECIDED, UNDECIDED_NOTED))
    answers = ask_run(pack, (image,))
    assert answers[UNDECIDED.id].verdict == "pass"
    (line,) = answers[UNDECIDED_NOTED.id].findings
    assert line.endswith("needed: an answer for version-host-caching.")


def test_doubts_of_stack_rules_are_reported_in_the_same_run(ask_run):
    machine = Sample(
        name="vm",
        type="azure-native:compute:VirtualMachine",
        props={"securityProfile": {"securityType": UNKNOWN}},
    )
    image = Sample(
        name="image",
        type="azure-native:compute:Image",
        props={"storageProfile": {"osDisk": {"osState": "Generalized"}}},
        depends={"sourceVirtualMachine": ("vm",)},
    )
    (line,) = run(ask_run, machine, image)[UNDECIDED.id].findings
    assert line.startswith("securityProfile.securityType is not known before deployment;")


def test_a_value_that_became_known_leaves_no_doubt_behind(ask_run):
    unknown = Sample(type="azure-native:compute:GalleryImage", props={"osState": UNKNOWN})
    known = Sample(type="azure-native:compute:GalleryImage", props={"osState": "Generalized"})
    pack = policies(ALL_RULES)
    assert ask_run(pack, (unknown,))[UNDECIDED.id].verdict == "fail"
    assert ask_run(pack, (known,))[UNDECIDED.id].verdict == "pass"


def test_a_resource_that_left_the_stack_leaves_no_doubt_behind(ask_run):
    gone = Sample(name="gone", type="azure-native:compute:GalleryImage", props={"osState": UNKNOWN})
    stays = Sample(type="azure-native:compute:GalleryImage", props={"osState": "Generalized"})
    pack = policies(ALL_RULES)
    ask_run(pack, (gone,))
    assert ask_run(pack, (stays,))[UNDECIDED.id].verdict == "pass"
