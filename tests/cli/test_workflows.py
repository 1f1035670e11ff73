"""The pipelines of this repository: no path around the policies, and no token where code runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.projects import Project

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RAW = (
    "\nfrom pulumi_azure_native import batch\n"
    'batch.BatchAccount("raw", account_name="rawaccount", location="westeurope",\n'
    '    resource_group_name="imagefleet-dev", allowed_authentication_modes=["SharedKey"])\n'
)
JUDGES = ("imagefleet review --events", "imagefleet policy check")


def read_mapping(file: Path) -> Any:
    return YAML(typ="safe").load(file)


def jobs() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in read_mapping(file)["jobs"].items():
            yield file.name, name, job


def scripts(job: Mapping[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def step(file: str, job: str, name: str) -> str:
    """Return the script of a named step."""
    steps = read_mapping(ROOT / ".github" / "workflows" / file)["jobs"][job]["steps"]
    return next(str(each["run"]) for each in steps if each.get("name") == name)


def script_with(steps: list[Mapping[str, Any]], text: str, key: str = "script") -> str:
    """Return the script among `steps` that holds `text`."""
    return next(str(each[key]) for each in steps if text in str(each.get(key, "")))


def run(project: Project, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does: bash that stops at the first error, in the checkout."""
    temporary = project.folder.parent / "runner"
    temporary.mkdir(exist_ok=True)
    known = {"RUNNER_TEMP", "AGENT_TEMPDIRECTORY"}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=project.folder,
        env=os.environ
        | {name: str(temporary) for name in known}
        | {"GITHUB_STEP_SUMMARY": str(temporary / "summary.md"), "STACK": "dev"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def dev(project: Project) -> Project:
    """The project with one stack."""
    for stack in ("prod", "china"):
        (project.folder / f"Pulumi.{stack}.yaml").unlink()
    return project


POLICY_STEPS = {
    "GitHub": step("pull-request.yml", "policy", "Judge the deployment of every stack"),
    "Azure Pipelines": script_with(
        read_mapping(ROOT / ".azure-pipelines" / "pull-request.yml")["jobs"][1]["steps"],
        "policy check",
    ),
    "GitLab": "\n".join(read_mapping(ROOT / ".gitlab-ci.yml")["policy"]["script"][1:]),
}


@pytest.mark.parametrize("service", POLICY_STEPS)
def test_the_policy_job_fails_for_a_mandatory_policy(dev: Project, service: str) -> None:
    dev.add_to_program(RAW)
    told = run(dev, POLICY_STEPS[service])
    assert told.returncode == 1, told.stdout + told.stderr


@pytest.mark.parametrize("service", POLICY_STEPS)
def test_the_policy_job_passes_for_the_projects_own_stack(dev: Project, service: str) -> None:
    told = run(dev, POLICY_STEPS[service])
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("pack", "code", "status"),
    [
        ("there", "", 0),
        ("there", RAW, 1),
        ("left out", "", 1),
        ("left out", RAW, 1),
    ],
)
def test_a_preview_that_no_pack_judged_fails_like_one_that_it_refuses(
    dev: Project, pack: str, code: str, status: int
) -> None:
    """Somebody who drops `--policy-pack` from the preview's command gets no green job."""
    dev.add_to_program(code)
    if pack == "left out":
        (dev.folder / "policy").unlink()
    dev.rehearse("dev", "--preview-only")
    (dev.folder.parent / "runner").mkdir()
    (dev.folder / "events.jsonl").rename(dev.folder.parent / "runner" / "events.jsonl")
    script = step("pull-request.yml", "preview", "Show what it said")
    assert step("deploy.yml", "plan", "Show what it said") == script
    told = run(dev, script)
    assert told.returncode == status, told.stdout + told.stderr
    assert "imagefleet review" in (dev.folder.parent / "runner" / "summary.md").read_text("utf-8")


def test_what_was_deployed_without_the_pack_fails_the_job_afterwards(dev: Project) -> None:
    dev.add_to_program(RAW)
    pack = (dev.folder / "policy").readlink()
    (dev.folder / "policy").unlink()
    dev.rehearse("dev")
    (dev.folder / "policy").symlink_to(pack)
    (dev.folder.parent / "runner").mkdir()
    (dev.folder / "export.json").rename(dev.folder.parent / "runner" / "deployed.json")
    export, *judge = step("deploy.yml", "up", "Judge what was deployed").splitlines()
    assert export.startswith("pulumi stack export ")
    told = run(dev, "\n".join(judge))
    assert told.returncode == 1
    assert "account-entra-only" in told.stdout


@pytest.mark.parametrize(
    ("file", "name", "job"), list(jobs()), ids=lambda value: value if isinstance(value, str) else ""
)
class TestEveryJob:
    """What holds for each job of each workflow."""

    def test_the_engine_never_previews_or_deploys_without_the_pack(
        self, file: str, name: str, job: Mapping[str, Any]
    ) -> None:
        commands = [
            command
            for script in scripts(job)
            for command in re.split(r"\n(?!\s{2,}--)", script.replace("\\\n", " "))
            if re.search(r"\bpulumi (preview|up)\b", command)
        ]
        assert [each for each in commands if "--policy-pack policy" not in each] == []

    def test_the_pack_judges_once_more_after_the_engine(
        self, file: str, name: str, job: Mapping[str, Any]
    ) -> None:
        steps = job["steps"]
        engine = [i for i, each in enumerate(steps) if "pulumi up" in each.get("run", "")]
        engine += [i for i, each in enumerate(steps) if "pulumi preview" in each.get("run", "")]
        for position in engine:
            assert any(
                judge in each.get("run", "") for each in steps[position + 1 :] for judge in JUDGES
            )

    def test_code_of_a_pull_request_runs_without_a_writing_token(
        self, file: str, name: str, job: Mapping[str, Any]
    ) -> None:
        permissions = job.get("permissions", {})
        writes = {key for key, value in permissions.items() if value == "write"}
        checkouts = [each for each in job["steps"] if "actions/checkout@" in each.get("uses", "")]
        for each in checkouts:
            assert each["with"]["persist-credentials"] is False
        of_base = all("base.sha" in str(each["with"].get("ref", "")) for each in checkouts)
        if file == "pull-request.yml" and not of_base:
            # An identity of its own branch's preview is kept from forks by the job's condition.
            own_branch = "head.repo.full_name" in str(job.get("if", ""))
            assert writes <= ({"id-token"} if own_branch else set())
            assert own_branch or "secrets." not in json.dumps(job)

    def test_it_ends_by_itself(self, file: str, name: str, job: Mapping[str, Any]) -> None:
        assert 0 < job["timeout-minutes"] <= 360


def test_workflows_ask_for_no_permission_as_a_whole() -> None:
    assert WORKFLOWS
    for file in WORKFLOWS:
        document = read_mapping(file)
        assert document["permissions"] == {}
        assert "pull_request_target" not in file.read_text(encoding="utf-8")


def test_actions_are_pinned_by_digest() -> None:
    uses = [
        line.strip()
        for file in WORKFLOWS
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*-? ?uses:", line)
    ]
    assert uses
    assert [use for use in uses if not re.search(r"@[0-9a-f]{40} # v\d", use)] == []
