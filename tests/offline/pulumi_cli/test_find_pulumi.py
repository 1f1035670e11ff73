"""Whether a Pulumi command can be used, and why not."""

from __future__ import annotations

import pytest

from imagefleet.offline.engine import EngineError, Workspace
from imagefleet.offline.pulumi_cli.engine import (
    PulumiCommand,
    PulumiEngine,
    Reason,
    find_pulumi,
    version_of,
)
from imagefleet.offline.pulumi_cli.home import isolated_environment


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Put a command of the given script on PATH, with or without a language host beside it."""

    def put(script, *, language_host=True):
        command = tmp_path / "pulumi"
        command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        command.chmod(0o755)
        if language_host:
            (tmp_path / "pulumi-language-python").touch()
        monkeypatch.setenv("PATH", str(tmp_path))
        version_of.cache_clear()
        return command

    yield put
    version_of.cache_clear()


def test_no_command_is_a_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_pulumi() == Reason(text="no pulumi 3.222.0 or newer on PATH")


@pytest.mark.parametrize("version", ["3.222.0", "3.260.0", "4.0.1", "3.230.0-alpha.1+dirty"])
def test_a_command_of_the_oldest_usable_version_or_newer_is_found(on_path, version):
    command = on_path(f"echo v{version}")

    assert find_pulumi() == PulumiCommand(path=command, version=version)


@pytest.mark.parametrize("version", ["3.221.9", "3.22.0", "2.999.0"])
def test_an_older_command_is_a_reason_that_names_both_versions(on_path, version):
    command = on_path(f"echo v{version}")

    assert find_pulumi() == Reason(
        text=f"{command} is version {version}; 3.222.0 or newer is needed"
    )


@pytest.mark.parametrize("script", ["echo hello", "echo broken >&2; exit 1", "exit 0"])
def test_a_command_that_does_not_say_its_version_is_a_reason(on_path, script):
    command = on_path(script)

    found = find_pulumi()

    assert isinstance(found, Reason)
    assert found.text.startswith(f"{command} does not say its version")
    with pytest.raises(EngineError, match="does not say its version"):
        version_of(command)


def test_a_command_without_its_python_host_is_a_reason(on_path, tmp_path):
    on_path("echo v3.260.0", language_host=False)

    assert find_pulumi() == Reason(
        text=f"pulumi-language-python is missing beside {tmp_path / 'pulumi'}"
    )


def test_no_setting_of_the_callers_reaches_a_run(monkeypatch, tmp_path):
    for name in ("ARM_CLIENT_SECRET", "AZURE_TENANT_ID", "PULUMI_ACCESS_TOKEN", "PULUMI_STACK"):
        monkeypatch.setenv(name, "the caller's")
    monkeypatch.setenv("PATH", "/somewhere")

    environment = isolated_environment(tmp_path / "pulumi")

    assert "the caller's" not in environment.values()
    assert environment["PATH"] == f"{tmp_path}:/somewhere"
    assert environment["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"
    assert environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"


def workspace(folder):
    return Workspace(
        project="imagefleet",
        stack="dev",
        project_dir=folder,
        policy_pack=None,
        state_dir=folder / "state",
        config={},
    )


def test_a_command_that_cannot_do_its_part_is_an_engine_error_in_its_own_words(on_path, tmp_path):
    command = on_path(
        'case "$1" in version) echo v3.260.0;; *) echo "error: disk is full" >&2; exit 255;; esac'
    )
    engine = PulumiEngine(workspace(tmp_path), command)

    with pytest.raises(EngineError, match="`pulumi plugin install` failed: error: disk is full"):
        engine.preview(lambda _: None)


def test_a_run_that_fails_without_an_event_is_an_engine_error_without_frames(on_path, tmp_path):
    """As when a policy pack does not start: the command prints why and sends no event."""
    command = on_path(
        'case "$1" in version) echo v3.260.0;;\n'
        "preview) printf '    Traceback (most recent call last):\\n      File x\\n"
        "    ValueError: the pack is broken\\n\\nerror: no pack:\\n  * at all\\n'; exit 255;;\n"
        "esac"
    )
    engine = PulumiEngine(workspace(tmp_path), command)

    with pytest.raises(EngineError) as failed:
        engine.preview(lambda _: None)

    assert str(failed.value) == (
        "`pulumi preview` failed: ValueError: the pack is broken\nerror: no pack:\n  * at all"
    )
