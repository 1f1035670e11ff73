"""Image definitions and managed images: generalized, and of the standard security type."""

from __future__ import annotations

from copy import deepcopy

import pytest

from rules import tokens
from rules.image import IMAGE_GENERALIZED, IMAGE_NO_TRUSTED_LAUNCH
from rules.managed_image import MANAGED_IMAGE_GENERALIZED, MANAGED_IMAGE_SOURCE_STATE
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DEFINITION = {
    "galleryImageName": "render",
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "features": [
        {"name": "IsHibernateSupported", "value": "False"},
        {"name": "SecurityType", "value": "Standard"},
    ],
}


def definition(**changed) -> Sample:
    return Sample(type=tokens.GALLERY_IMAGE, props={**deepcopy(DEFINITION), **changed})


def security(*values: object) -> Sample:
    return definition(features=[{"name": "SecurityType", "value": value} for value in values])


@pytest.mark.parametrize("state", ["Generalized", "generalized", "GENERALIZED", " Generalized "])
def test_the_generalized_state_passes_in_any_case(state, ask):
    assert ask(IMAGE_GENERALIZED, definition(osState=state)).verdict == "pass"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("Specialized", "Specialized"),
        ("specialized", "specialized"),
        ("Sealed", "a text Azure has no meaning for"),
        ("", "a text Azure has no meaning for"),
        (None, "absent"),
        (1, "a number"),
        (True, "a truth value"),
        (["Generalized"], "a list"),
        ({"is": "Generalized"}, "an object"),
    ],
)
def test_every_other_state_fails_and_is_named_without_being_echoed(state, shown, ask):
    (line,) = ask(IMAGE_GENERALIZED, definition(osState=state)).findings
    assert line.startswith(f"osState is {shown}; needed: ")


def test_an_unknown_state_is_undecided(ask):
    answer = ask(IMAGE_GENERALIZED, definition(osState=UNKNOWN))
    assert answer.verdict == "undecided"
    assert answer.reason == "undecided, unknown: osState is not known before deployment."


@pytest.mark.parametrize("value", ["Standard", "standard", "STANDARD"])
def test_the_standard_type_passes_in_any_case(value, ask):
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, security(value)).verdict == "pass"


@pytest.mark.parametrize(
    "value",
    [
        "TrustedLaunch",
        "trustedlaunch",
        "TrustedLaunchSupported",
        "TrustedLaunchAndConfidentialVmSupported",
        "TrustedLaunchAndConfidentialVMSupported",
        "ConfidentialVM",
        "ConfidentialVm",
        "ConfidentialVMSupported",
        "ConfidentialVmSupported",
    ],
)
def test_every_other_type_of_azure_fails_in_every_spelling(value, ask):
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, security(value)).findings == [
        f"features[0].value is {value}; needed: Standard."
    ]


def test_a_type_that_azure_does_not_have_fails_unshown(ask):
    (line,) = ask(IMAGE_NO_TRUSTED_LAUNCH, security("s3cret")).findings
    assert line == "features[0].value is a text Azure has no meaning for; needed: Standard."


def test_each_of_several_entries_is_judged(ask):
    answer = ask(IMAGE_NO_TRUSTED_LAUNCH, security("Standard", "TrustedLaunch", "ConfidentialVM"))
    assert [line.split(" is ")[0] for line in answer.findings] == [
        "features[1].value",
        "features[2].value",
    ]


@pytest.mark.parametrize("name", ["securitytype", "SECURITYTYPE", " SecurityType "])
def test_the_feature_is_found_in_any_case(name, ask):
    entry = {"name": name, "value": "TrustedLaunch", "startsAtVersion": "1.0.0"}
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, definition(features=[entry])).verdict == "fail"


def test_other_features_do_not_matter(ask):
    entry = {"name": "DiskControllerTypes", "value": "TrustedLaunch"}
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, definition(features=[entry])).verdict == "pass"


@pytest.mark.parametrize(
    ("features", "path"),
    [
        (UNKNOWN, "features"),
        ([UNKNOWN], "features[0].name"),
        ([{"name": UNKNOWN, "value": "TrustedLaunch"}], "features[0].name"),
        ([{"name": "SecurityType", "value": UNKNOWN}], "features[0].value"),
    ],
)
def test_an_unknown_at_every_step_is_undecided(features, path, ask):
    answer = ask(IMAGE_NO_TRUSTED_LAUNCH, definition(features=features))
    assert answer.verdict == "undecided"
    assert f" {path} " in answer.reason


def test_a_known_fault_beside_an_unknown_still_fails(ask):
    answer = ask(IMAGE_NO_TRUSTED_LAUNCH, security(UNKNOWN, "TrustedLaunch"))
    assert answer.findings == ["features[1].value is TrustedLaunch; needed: Standard."]


@pytest.mark.parametrize("features", [None, [], [None], [{"name": "SecurityType"}]])
@pytest.mark.parametrize(
    ("version", "generation", "verdict"),
    [
        (None, None, "pass"),
        ("2024-03-03", "V2", "pass"),
        ("2025-03-03", "V2", "fail"),
        ("2025-03-03", None, "fail"),
        ("2025-03-03", "V1", "pass"),
        ("2025-03-03", UNKNOWN, "undecided"),
        ("2026-01-01-preview", "V2", "fail"),
        ("soon", "V2", "pass"),
        (UNKNOWN, "V2", "undecided"),
        (UNKNOWN, "V1", "pass"),
    ],
)
def test_what_absence_means_hangs_on_the_api_version(features, version, generation, verdict, ask):
    sample = definition(features=features, hyperVGeneration=generation, azureApiVersion=version)
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, sample).verdict == verdict


def test_the_version_of_a_local_package_counts_too(ask):
    kind = "azure-native_compute_v20250303:compute:GalleryImage"
    sample = Sample(type=kind, props={**DEFINITION, "features": []})
    (line,) = ask(IMAGE_NO_TRUSTED_LAUNCH, sample).findings
    assert "which API 2025-03-03 reads as TrustedLaunchSupported" in line


@pytest.mark.parametrize(
    ("features", "line"),
    [
        ("TrustedLaunch", "features is a text; needed: a list."),
        ({"name": "SecurityType"}, "features is an object; needed: a list."),
        (["TrustedLaunch"], "features[0] is a text; needed: an object."),
        ([{"name": 7}], "features[0].name is a number; needed: a text."),
        ([{"name": "SecurityType", "value": [1]}], "features[0].value is a list; needed: a text."),
    ],
)
def test_a_wrong_kind_fails(features, line, ask):
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, definition(features=features)).findings == [line]


def managed(os_disk: object, **extra: object) -> Sample:
    return Sample(type=tokens.MANAGED_IMAGE, props={"storageProfile": {"osDisk": os_disk}, **extra})


PATH = "storageProfile.osDisk.osState"


def test_a_managed_image_has_to_be_generalized(ask):
    assert ask(MANAGED_IMAGE_GENERALIZED, managed({"osState": "generalized"})).verdict == "pass"
    assert ask(MANAGED_IMAGE_GENERALIZED, managed({"osState": "Specialized"})).findings == [
        f"{PATH} is Specialized; needed: Generalized."
    ]


@pytest.mark.parametrize("source", [None, {}, {"id": None}])
def test_without_state_and_without_source_machine_it_fails(source, ask):
    answer = ask(MANAGED_IMAGE_GENERALIZED, managed({}, sourceVirtualMachine=source))
    assert answer.findings == [f"{PATH} is absent; needed: Generalized."]


@pytest.mark.parametrize("machine", ["/subscriptions/s/vm", UNKNOWN])
def test_the_state_of_a_source_machine_is_the_advisory_rules(machine, ask):
    sample = managed({}, sourceVirtualMachine={"id": machine})
    assert ask(MANAGED_IMAGE_GENERALIZED, sample).verdict == "not-applicable"
    (line,) = ask(MANAGED_IMAGE_SOURCE_STATE, sample).findings
    assert line.startswith(f"{PATH} is absent, so it is that of the source machine")


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (managed({}), "not-applicable"),
        (managed({"osState": "Generalized"}, sourceVirtualMachine={"id": "x"}), "pass"),
        (managed({"osState": UNKNOWN}, sourceVirtualMachine={"id": "x"}), "undecided"),
        (managed({}, sourceVirtualMachine=UNKNOWN), "undecided"),
    ],
)
def test_only_a_captured_image_needs_its_machines_state(sample, verdict, ask):
    assert ask(MANAGED_IMAGE_SOURCE_STATE, sample).verdict == verdict


def test_a_stated_state_counts_even_with_a_source_machine(ask):
    sample = managed({"osState": "Specialized"}, sourceVirtualMachine={"id": "x"})
    assert ask(MANAGED_IMAGE_GENERALIZED, sample).verdict == "fail"


@pytest.mark.parametrize(
    "props",
    [
        {"storageProfile": UNKNOWN},
        {"storageProfile": {"osDisk": UNKNOWN}},
        {"storageProfile": {"osDisk": {"osState": UNKNOWN}}},
        {"sourceVirtualMachine": UNKNOWN},
    ],
)
def test_an_unknown_on_the_way_is_undecided(props, ask):
    sample = Sample(type=tokens.MANAGED_IMAGE, props=props)
    answer = ask(MANAGED_IMAGE_GENERALIZED, sample)
    assert answer.verdict == "undecided"
    assert "undecided, unknown: " in answer.reason
