"""`imagefleet doctor` as a person runs it, over stacks that the real program has brought up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.projects import ROOT, project
from tests.live.conftest import Around
from tests.live.watch.test_command import ENVIRONMENTS, in_government, open_doors

__all__ = ["project"]


def examined(project, stack, environment, *arguments, up=True, **settings):
    if up:
        assert project.rehearse(stack)[0].code == 0
    with open_doors(project, stack, environment, **settings) as (_, file):
        return project.run("doctor", "--stack", stack, "--doors", str(file), *arguments)


@pytest.mark.parametrize("stack", ["dev", "china"])
def test_a_stack_that_is_up_passes(project, stack):
    answer = examined(project, stack, ENVIRONMENTS[stack])
    assert (answer.code, answer.err) == (0, ""), answer.out
    assert "✗" not in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_the_government_cloud_passes(project):
    in_government(project)
    answer = examined(project, "dev", "usgovernment")
    assert (answer.code, answer.err) == (0, ""), answer.out


def test_a_stack_that_uses_others_things_is_told_about_them(project):
    answer = examined(project, "prod", "public", "--json")
    document = json.loads(answer.out)
    failed = {each["id"] for each in document["checks"] if each["status"] == "fail"}
    # the gallery named packer is nobody's here
    assert failed == {"creator-image-access", "gallery-there", "definition-there", "version-there"}
    (agent,) = [each for each in document["checks"] if each["id"] == "node-agent-supported"]
    assert agent["status"] == "pass", agent
    assert (answer.code, document["complete"]) == (1, True)
    assert document["calls"] > 0


def test_an_id_can_be_copied_and_no_line_ends_with_blanks(project):
    lines = examined(project, "prod", "public").out.splitlines()
    assert any(line.strip().endswith("/galleries/packer/images/packer") for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert [line for line in lines if len(line) > 80 and len(line.split()) > 1] == []


def test_before_up_the_dev_stack_has_nothing_that_fails(project):
    answer = examined(project, "dev", "public", up=False)
    # its quotas, its disk and its node agent are not to be seen yet
    assert (answer.code, "✗" in answer.out) == (2, False), answer.out
    assert "cannot be told" in answer.out


def test_only_what_is_asked_for(project):
    answer = examined(project, "dev", "public", "--check", "no-account-keys", up=False)
    assert answer.code == 0
    assert "1 check, 0 calls: 1 passed" in answer.out


def test_a_check_that_there_is_not_is_refused(project):
    answer = project.run("doctor", "--check", "no-such")
    assert answer.code == 2
    assert answer.err.startswith("error: there is no check 'no-such'")


def test_the_checks_are_listed_without_asking_anybody(project):
    answer = project.run("doctor", "--list")
    assert answer.code == 0
    assert "providers-registered (D27)" in answer.out


def test_the_script_is_one_that_a_shell_can_read(project):
    answer = examined(project, "prod", "public", "--fix-script")
    assert answer.out.startswith("#!/bin/sh\n")
    assert "az role assignment create --role 'Disk Backup Reader'" in answer.out
    for shell in ("sh", "bash"):
        subprocess.run([shell, "-n"], input=answer.out, text=True, check=True)


def test_nobody_signed_in_is_one_error(project):
    around = Around()
    assert project.rehearse("dev")[0].code == 0
    with open_doors(project, "dev", around=around) as (_, file):
        about = json.loads(file.read_text())
        about["tenantId"] = "00000000-0000-4000-8000-00000000dead"
        file.write_text(json.dumps(about))
        for command in ("doctor", "watch"):
            answer = project.run(command, "--doors", str(file))
            assert answer.code == 2
            assert "nobody could sign in" in answer.err
            assert "others than those of the file" in answer.err
            assert answer.err.count("error:") == 1
    assert around.paths == []


def test_nobody_signed_in_to_azure_itself_is_told_how(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project.folder))
    for name in [name for name in os.environ if name.startswith(("AZURE_", "IDENTITY_", "MSI_"))]:
        monkeypatch.delenv(name)
    answer = project.run("doctor")
    assert (answer.code, answer.err.count("error:")) == (2, 1)
    assert "nobody could sign in" in answer.err
    assert "sign in with `az login`" in answer.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("AZURE_TENANT_ID", "no tenant!"), ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere.pem")],
)
def test_a_sign_in_that_cannot_be_one_is_one_error(project, monkeypatch, name, value):
    for key in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"):
        monkeypatch.setenv(key, "11111111-1111-1111-1111-111111111111")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "c2VjcmV0")
    if name.endswith("PATH"):
        monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv(name, value)
    answer = project.run("doctor")
    assert (answer.code, answer.err.startswith("error: the sign-in that the env")) == (2, True)
    assert "c2VjcmV0" not in answer.err


def test_no_secret_of_the_environment_is_shown(project, monkeypatch):
    key = "A" * 86 + "=="
    monkeypatch.setenv("AZURE_BATCH_ACCESS_KEY", key)
    for arguments in ((), ("--json",), ("--fix-script",)):
        answer = examined(project, "dev", "public", *arguments, up=not arguments)
        assert answer.code == 1
        assert key not in answer.out + answer.err
        assert "AZURE_BATCH_ACCESS_KEY" in answer.out


def test_ctrl_c_tells_what_was_seen_so_far(project):
    assert project.rehearse("dev")[0].code == 0
    around = Around()
    around.faults = {"microsoft.compute/skus": lambda *_: time.sleep(20)}
    with open_doors(project, "dev", around=around) as (_, file):
        run = subprocess.Popen(
            [sys.executable, "-m", "imagefleet.cli", "doctor", "--doors", str(file)],
            cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not any("skus" in path for path in around.paths) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(3)
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert (run.returncode, err) == (130, ""), out
    assert "stopped; 1 check had not ended" in out
