"""`imagefleet review` for machines: files beside the comment, and lines that findings point to."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.projects import Project
from tests.review import programs
from tests.review.sarif_checks import run_of


def line_of(file: Path, text: str) -> int:
    """Return the number of the only line that starts so."""
    lines = file.read_text(encoding="utf-8").splitlines()
    (number,) = (at for at, line in enumerate(lines, 1) if line.strip().startswith(text))
    return number


def events_of(project: Project, *more: str) -> None:
    project.run(
        *("rehearse", "--stack", "dev", "--engine", "embedded", "--preview-only"),
        *("--events", "events.jsonl", *more),
    )


def configured(project: Project, **levels: str) -> tuple[str, str]:
    (project.folder / "levels.json").write_text(
        json.dumps({rule.replace("_", "-"): level for rule, level in levels.items()}),
        encoding="utf-8",
    )
    return "--policy-config", "levels.json"


def test_one_run_writes_every_form(repository: Project) -> None:
    """A stack file and a program that each break a rule: both lines are named in every form."""
    repository.add_to_program(programs.TRUSTED_LAUNCH)
    repository.edit("dev", ("dedicated: 4", "dedicated: 5"))
    config = configured(repository, role_exists_for_pool_identity="mandatory")
    answer = repository.run(
        *("review", "--base", "main", "--output", "review.md", "--html", "review.html", *config),
        *("--sarif", "review.sarif", "--junit", "review.xml", "--annotate"),
    )
    assert answer.code == 1, answer.err
    folder = repository.folder
    image = line_of(folder / "Pulumi.dev.yaml", "image: ubuntu")
    program = line_of(folder / "__main__.py", "compute.GalleryImage(")
    errors = [line for line in answer.out.splitlines() if line.startswith("::error ")]
    assert [error.partition("::")[2].partition("::")[0] for error in errors] == [
        f"error file=Pulumi.dev.yaml,line={image},col=9,title=role-exists-for-pool-identity",
        f"error file=__main__.py,line={program},title=image-no-trusted-launch",
    ]
    run = run_of((folder / "review.sarif").read_text(encoding="utf-8"))
    found = {each["ruleId"]: each for each in run["results"] if each["level"] == "error"}
    pool = found["role-exists-for-pool-identity"]
    assert pool["locations"][0]["physicalLocation"]["region"]["startLine"] == image
    (related,) = pool["relatedLocations"]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": "components/batch_pool.py"},
        "region": {"startLine": line_of(folder / "components/batch_pool.py", "pool = batch.Pool(")},
    }
    raw = found["image-no-trusted-launch"]
    assert raw["locations"][0]["physicalLocation"]["region"]["startLine"] == program
    assert "relatedLocations" not in raw
    root = ET.fromstring((folder / "review.xml").read_text(encoding="utf-8"))  # noqa: S314 ours
    places = {
        (case.get("file"), case.get("line"))
        for case in root.iter("testcase")
        if case.find("failure") is not None
    }
    assert places == {("Pulumi.dev.yaml", str(image)), ("__main__.py", str(program))}
    assert "refused by policy" in (folder / "review.md").read_text(encoding="utf-8")
    assert (folder / "review.html").is_file()


def test_a_fault_of_the_stack_file_is_shown_at_its_line(repository: Project) -> None:
    repository.edit("dev", ("vmSize: Standard_D2s_v3", "vmsize: Standard_D2s_v3"))
    answer = repository.run("review", "--base", "main", "--format", "github")
    assert answer.code == 1, answer.err
    file = repository.folder / "Pulumi.dev.yaml"
    lines = {
        int(command.partition(",line=")[2].partition(",")[0]) for command in answer.out.splitlines()
    }
    # what is misspelt at its own line, what is missing at the pool that misses it
    assert lines == {line_of(file, "vmsize:"), line_of(file, "work:")}, answer.out


def test_paths_start_from_the_root_of_the_repository(project: Project) -> None:
    """A project in a folder of its repository, as people who show lines see it."""
    (project.folder.parent / ".git").mkdir()
    events_of(project)
    answer = project.run("review", "--events", "dev=events.jsonl", "--format", "sarif")
    assert answer.code == 0, answer.err
    uris = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in run_of(answer.out)["results"]
    }
    assert uris == {"project/Pulumi.dev.yaml"}


def test_a_key_of_the_stack_file_is_found_by_every_resource_made_from_it(project: Project) -> None:
    """No resource that the fleet makes is without an entry, whatever engine made it."""
    from imagefleet.cli.finding_places import FindingPlaces

    for stack in ("dev", "prod", "china"):
        project.rehearse(stack)
        document = json.loads((project.folder / "export.json").read_text(encoding="utf-8"))
        places = FindingPlaces.here()
        own = [
            each["urn"]
            for each in document["deployment"]["resources"]
            if "imagefleet:index:ImageFleet" in each["urn"]
        ]
        assert len(own) > 10
        lost = [urn for urn in own if places.of(urn, "", None)[0] is None]
        assert lost == [], stack


def test_without_a_project_findings_have_the_programs_place_alone(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add_to_program(programs.TRUSTED_LAUNCH)
    events_of(project)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    events = project.folder / "events.jsonl"
    answer = project.run("review", "--events", f"dev={events}", "--format", "sarif")
    assert answer.code == 1, answer.err
    places = {
        each["ruleId"]: each["locations"][0]["physicalLocation"]
        for each in run_of(answer.out)["results"]
    }
    program = line_of(project.folder / "__main__.py", "compute.GalleryImage(")
    assert places["image-no-trusted-launch"] == {
        "artifactLocation": {"uri": "__main__.py"},
        "region": {"startLine": program},
    }
    # of what has no line either, the file that was read is all there is to name
    assert places["role-exists-for-pool-identity"] == {"artifactLocation": {"uri": events.as_uri()}}


def test_a_check_of_a_deployment_points_to_the_same_lines(project: Project) -> None:
    project.rehearse("dev")
    config = configured(project, role_exists_for_pool_identity="mandatory")
    config = ("--config", config[1])
    answer = project.run("policy", "check", "export.json", *config, "--format", "github")
    assert answer.code == 1, answer.err
    image = line_of(project.folder / "Pulumi.dev.yaml", "image: ubuntu")
    first = answer.out.splitlines()[0]
    assert first.startswith(
        f"::error file=Pulumi.dev.yaml,line={image},col=9,title=role-exists-for-pool-identity::"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--annotate",), "--annotate prints to the terminal; give --output FILE"),
        (("--sarif", "no/folder/x"), "cannot be written"),
        (("--junit", "."), "it is a folder"),
        (("--format", "yaml"), "yaml"),
    ],
)
def test_unusable_options_exit_with_2(project: Project, arguments, said) -> None:
    answer = project.run("review", "--events", "dev=events.jsonl", *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
