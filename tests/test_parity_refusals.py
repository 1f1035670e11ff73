"""The two engines refuse the same programs, for the same reasons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imagefleet.offline.engine import Workspace
from tests.parity import PROJECT, ROOT, Both, Result, Step, assert_same_resources, pulumi_command

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
from pulumi_azure_native import batch, compute, resources

group = resources.ResourceGroup("group", resource_group_name="fleet")
gallery = compute.Gallery("gallery", gallery_name="images", resource_group_name=group.name)


def definition(**changes):
    arguments = {
        "gallery_image_name": "ubuntu",
        "gallery_name": gallery.name,
        "resource_group_name": group.name,
        "hyper_v_generation": "V2",
        "identifier": {"publisher": "contoso", "offer": "ubuntu", "sku": "22_04"},
        "os_state": "Generalized",
        "os_type": "Linux",
        "features": [{"name": "SecurityType", "value": "Standard"}],
    }
    return compute.GalleryImage("definition", **{**arguments, **changes})


"""
REFUSED = {
    "TrustedLaunch": 'definition(features=[{"name": "SecurityType", "value": "TrustedLaunch"}])',
    "Specialized": 'definition(os_state="Specialized")',
    "SharedKey": (
        'batch.BatchAccount("account", account_name="fleetacc", resource_group_name=group.name,'
        ' allowed_authentication_modes=["SharedKey", "AAD"])'
    ),
}
REFUSED_OTHERWISE = {
    "parent that is not there": 'definition(gallery_name="absent")',
    "name that Azure does not allow": 'definition(gallery_image_name="no spaces allowed")',
    "property that does not exist": (
        'pulumi.CustomResource("azure-native:resources:ResourceGroup", "bad",'
        ' {"resourceGroupName": "bad", "colour": "red"})'
    ),
    "configuration refused by the program": (
        'raise pulumi.RunError("no such fleet:\\n  key is missing")'
    ),
}


@pytest.fixture
def refused(tmp_path) -> Callable[[str, str], dict[str, Result]]:
    def run(statement: str, operation: str) -> dict[str, Result]:
        project = tmp_path / "project"
        project.mkdir()
        (project / "Pulumi.yaml").write_text("name: imagefleet\nruntime: python\n")
        (project / "__main__.py").write_text(PROGRAM + statement + "\n")
        workspace = Workspace(
            project=PROJECT,
            stack="dev",
            project_dir=project,
            policy_pack=ROOT / "policy",
            state_dir=tmp_path,
            config={
                "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000001",
                "azure-native:location": "westeurope",
            },
        )
        return Both(workspace, tmp_path, pulumi_command()).run(Step("refused", operation))

    return run


@pytest.mark.parametrize(
    ("what", "operation"), [*((what, "preview") for what in REFUSED), ("TrustedLaunch", "up")]
)
def test_both_engines_refuse_by_the_same_policy(refused, what, operation):
    """The rule, the resource and the level are those of the pack, whichever engine asks it."""
    result = refused(REFUSED[what], operation)
    embedded, pulumi = result["embedded"], result["pulumi"]

    assert (embedded.succeeded, pulumi.succeeded) == (False, False)
    assert any(level == "mandatory" for _, _, level, _ in pulumi.findings)
    assert embedded.findings == pulumi.findings
    refused_urns = {urn for _, urn, level, _ in pulumi.findings if level == "mandatory"}
    assert not refused_urns & (embedded.resources.keys() | pulumi.resources.keys())
    assert_same_resources(embedded.resources, pulumi.resources)


@pytest.mark.parametrize("what", REFUSED_OTHERWISE)
def test_both_engines_report_the_same_errors(refused, what):
    result = refused(REFUSED_OTHERWISE[what], "up")
    embedded, pulumi = result["embedded"], result["pulumi"]

    assert (embedded.succeeded, pulumi.succeeded) == (False, False)
    assert pulumi.errors
    assert embedded.errors == pulumi.errors
    # What else had been made by then is a race in the real engine, which works on several
    # resources at once; only what was refused must be in neither.
    refused_urns = {urn for urn, _ in pulumi.errors}
    assert not refused_urns & (embedded.resources.keys() | pulumi.resources.keys())
