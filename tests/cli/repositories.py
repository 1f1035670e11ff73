"""A project that is a git repository of its own, for reviews between revisions."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.projects import ROOT, Project


def git(project: Project, *arguments: str) -> str:
    """Run git in the project's folder and return what it prints."""
    return subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments],
        cwd=project.folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def repository(project: Project) -> Project:
    """The project as a git repository of its own: folders by value, only the dev stack."""
    for name in ("components", "policy", "imagefleet"):
        (project.folder / name).unlink()
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, project.folder / name, ignore=ignored)
    for stack in ("prod", "china"):
        (project.folder / f"Pulumi.{stack}.yaml").unlink()
    (project.folder / ".gitignore").write_text(".venv\n__pycache__\n", encoding="utf-8")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "base")
    return project
