"""A rehearsal says in one line what it takes for granted."""

from __future__ import annotations

from tests.cli.projects import Project, project

__all__ = ["project"]
LINE = "outside, assumed to exist: "


def said(answer):
    return [line for line in answer.out.splitlines() if line.startswith(LINE)]


def test_what_lies_outside_is_counted_by_its_type(project: Project):
    answer, _ = project.rehearse("prod")
    assert answer.code == 0, answer.err
    (line,) = said(answer)
    assert "virtualNetworks/subnets (1)" in line
    assert "roleDefinitions" not in line
    assert line.endswith("; imagefleet doctor asks Azure")


def test_what_somebody_has_told_of_is_not_assumed(project: Project):
    answer, _ = project.rehearse("dev")
    (line,) = said(answer)
    kinds = line.removeprefix(LINE).partition(";")[0]
    assert kinds == "disks (1)"
    resource = project.resources()["compute:Snapshot imagefleet-ubuntu-1.0.0-os"]
    disk = resource["inputs"]["creationData"]["sourceResourceId"]
    outside = project.folder / "outside.yaml"
    outside.write_text(f"resources: [{{id: {disk}, body: {{location: westeurope}}}}]")
    answer, _ = project.rehearse("dev", "--outside", str(outside))
    assert answer.code == 0, answer.err
    assert said(answer) == []
