"""The real engine on the simulated Azure: one life of a stack, and its refusals."""

from __future__ import annotations

import stat

import pytest

from imagefleet.offline.pulumi_cli.events import mask_secrets

pytestmark = pytest.mark.engine

ALL = {
    "pulumi:pulumi:Stack::imagefleet-dev",
    "azure-native:resources:ResourceGroup::group",
    "imagefleet:compute:Images::images",
    "azure-native:compute:Gallery::images",
}
SECRET = "hush-hush"  # noqa: S105 what must not be found in clear


@pytest.fixture(scope="module")
def deployed(project):
    """Bring the stack up once for the tests below."""
    assert project.run("up"), project.errors()
    return project


def unchanged(project):
    return {key: op for key, op in project.ops().items() if op != "same"}


def text_of(events):
    return "\n".join(map(str, events))


def test_a_preview_creates_nothing(project):
    assert project.run("preview"), project.errors()

    assert project.ops() == dict.fromkeys(ALL, "create")
    assert project.resources() == []


def test_up_creates_every_resource_through_the_policy_pack(deployed):
    assert deployed.ops() == dict.fromkeys(ALL, "create")
    summary = next(e["summaryEvent"] for e in deployed.events if "summaryEvent" in e)
    assert summary["result"] == "succeeded"
    assert list(summary["PolicyPacks"].values()) == ["0.4.2"]


def test_a_second_preview_has_no_changes(deployed):
    again = deployed.with_config()

    assert again.run("preview"), again.errors()
    assert again.ops() == dict.fromkeys(ALL, "same")


def test_a_refresh_finds_no_changes(deployed):
    again = deployed.with_config()
    before = compared(again)

    assert again.run("refresh"), again.errors()

    summary = next(e["summaryEvent"] for e in again.events if "summaryEvent" in e)
    assert summary["resourceChanges"] == {"same": len(ALL)}
    assert compared(again) == before


def compared(project):
    """Return what a refresh must leave as it is; secrets are encrypted anew each time."""
    kept = ("urn", "id", "parent", "inputs", "outputs", "dependencies", "protect")
    resources = mask_secrets(project.engine.export()["deployment"]["resources"])
    return [{key: resource.get(key) for key in kept} for resource in resources]


def test_the_export_is_a_deployment_whose_secrets_are_encrypted(deployed):
    exported = deployed.engine.export()

    assert exported["version"] == 3
    by_type = {r["type"]: r for r in exported["deployment"]["resources"]}
    group = by_type["azure-native:resources:ResourceGroup"]
    assert set(group["inputs"]["tags"]["token"]) == {
        "4dabf18193072939515e22adb298388d",
        "ciphertext",
    }
    assert group["outputs"]["__inputs"]["tags"]["token"]["ciphertext"]
    assert SECRET not in str(exported)


def test_outputs_hide_secrets(deployed):
    outputs = deployed.engine.outputs()

    assert outputs["token"] == "[secret]"  # noqa: S105 the mask itself
    assert outputs["galleryId"].endswith("/galleries/images")


def test_no_secret_is_in_clear_in_events_or_state(deployed):
    assert SECRET not in text_of(deployed.events)
    folder = deployed.workspace.state_dir / "pulumi"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert stat.S_IMODE((folder / "passphrase").stat().st_mode) == 0o600


def test_the_project_folder_is_left_as_it_was(deployed):
    source = deployed.workspace.project_dir

    assert "secure: v1:abc" in (source / "Pulumi.dev.yaml").read_text()
    names = {str(p.relative_to(source)) for p in source.rglob("*") if "__pycache__" not in str(p)}
    assert names == {
        "Pulumi.yaml",
        "Pulumi.dev.yaml",
        "__main__.py",
        "policy",
        "policy/PulumiPolicy.yaml",
        "policy/__main__.py",
    }


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_a_mandatory_policy_refuses_and_nothing_changes(deployed, operation):
    forbidden = deployed.with_config(tags='{"forbidden": "yes"}')
    before = forbidden.engine.export()["deployment"]["resources"][-1]

    assert not forbidden.run(operation)

    findings = [e["policyEvent"] for e in forbidden.events if "policyEvent" in e]
    assert [f["policyName"] for f in findings] == ["no-forbidden-tag"]
    assert findings[0]["resourceUrn"].endswith("$azure-native:compute:Gallery::images")
    assert findings[0]["enforcementLevel"] == "mandatory"
    assert "tag 'forbidden' is set" in findings[0]["message"]
    after = forbidden.engine.export()["deployment"]["resources"][-1]
    assert after["inputs"] == before["inputs"]
    assert "Traceback" not in text_of(forbidden.events)
    assert "KeyboardInterrupt" not in text_of(forbidden.events)


def test_the_services_refusal_is_the_error_and_no_traceback_is_shown(deployed):
    refused = deployed.with_config(gallery="no-hyphens")

    assert not refused.run("up")

    code, _, message = refused.errors()[0].partition(": ")
    assert code.isidentifier()
    assert "no-hyphens" in message
    assert "Traceback" not in text_of(refused.events)
    again = deployed.with_config()
    assert again.run("up"), again.errors()


def test_a_program_that_refuses_its_configuration_is_told_once(deployed):
    failing = deployed.with_config(fail="yes")

    assert not failing.run("preview")

    assert failing.errors() == ["the fleet is not usable:\n  imagefleet:fleet.x is not a known key"]


def test_a_provider_on_the_callers_path_is_not_used(deployed, tmp_path, monkeypatch):
    """It might be the real one, and the caller might be logged in to Azure."""
    ambient = tmp_path / "pulumi-resource-azure-native"
    ambient.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\nexit 1\n")
    ambient.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert deployed.with_config().run("preview")
    assert not (tmp_path / "was-run").exists()


def test_destroy_leaves_an_empty_stack_and_an_empty_azure(deployed):
    """The last test of this module: it ends the stack that the others share."""
    assert deployed.run("destroy"), deployed.errors()

    assert deployed.resources() == []
    assert deployed.engine.outputs() == {}
    assert deployed.run("preview"), deployed.errors()
    assert deployed.ops() == dict.fromkeys(ALL, "create")
