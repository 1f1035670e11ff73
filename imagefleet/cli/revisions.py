"""The two sides of a review: a project as a git revision has it, and the project as it is here.

Each side is run by a command of its own, with its own program, stack files and `imagefleet`:
modules that one process has imported stay imported.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import Project

# What a run gets of the caller's environment: no token, key or cloud setting is among it, because
# a review runs whatever program the change brings.
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TEMP", "TMP", "TMPDIR", "TZ", "VIRTUAL_ENV")
# Longer than any rehearsal of a fleet that fits into one configuration.
_SECONDS = 900
_POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a command ended, and what it complained of."""

    code: int
    complaint: str


def commit_of(project: Project, ref: str) -> str:
    """Return the commit that `ref` names; raises `WorkspaceError` where git knows none."""
    if ref.startswith("-"):
        message = f"--base {ref} is no revision; name a branch, a tag or a commit"
        raise WorkspaceError(message)
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    told = _git(project.folder, *asked)
    if told.returncode != 0:
        message = (
            f"git knows no revision '{ref}' in {project.folder}; fetch it first "
            f"(git fetch origin {ref}), in CI with a checkout of full depth"
        )
        raise WorkspaceError(message)
    return told.stdout.decode().strip()


def check_out(project: Project, commit: str, folder: Path) -> Project | None:
    """Write the project's files at `commit` to `folder`; None where there was no project yet.

    An archive and no worktree: nothing of the caller's repository changes. Raises `WorkspaceError`
    where git cannot make it.
    """
    top, prefix = (
        _git(project.folder, "rev-parse", asked).stdout.decode().removesuffix("\n")
        for asked in ("--show-toplevel", "--show-prefix")
    )
    tree = f"{commit}:{prefix}"
    if _git(project.folder, "cat-file", "-e", tree).returncode != 0:
        return None
    # From the top: in a folder, git takes the tree's paths for ones below that folder.
    told = _git(Path(top), "archive", "--format=tar", tree)
    if told.returncode != 0:
        said = told.stderr.decode(errors="replace").strip()
        message = f"git cannot write the files of {tree}: {said}"
        raise WorkspaceError(message)
    with tarfile.open(fileobj=io.BytesIO(told.stdout)) as archive:
        archive.extractall(folder, filter=_inside)  # noqa: S202 the filter keeps them inside
    if not (folder / "Pulumi.yaml").is_file():
        return None
    return Project(folder=folder, name=project.name)


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Leave out what would lie or point outside the folder (PEP 706): no project needs it."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def has_pack(project: Project) -> bool:
    """Whether a policy pack belongs to the project."""
    return (project.folder / _POLICY / "PulumiPolicy.yaml").is_file()


def without_pack(project: Project) -> None:
    """Take the pack out of a checked-out side: what is deployed already is not judged again."""
    pack = project.folder / _POLICY / "PulumiPolicy.yaml"
    pack.unlink(missing_ok=True)


def imagefleet(
    project: Project, arguments: Sequence[str], settings: Mapping[str, str] | None = None
) -> Told:
    """Run the `imagefleet` of a side in its folder, without anything secret of the caller's.

    `settings` are environment variables of its own: one that knows them not goes without.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= settings or {}
    environment |= {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "160"}
    try:
        run = subprocess.run(  # noqa: S603 our own interpreter and command
            [sys.executable, "-m", "imagefleet.cli", *arguments],
            cwd=project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Told(code=2, complaint=f"imagefleet {arguments[0]} took over {_SECONDS // 60} min")
    return Told(code=run.returncode, complaint=_complaint(run.stderr))


def _complaint(text: str) -> str:
    """Return the error of a command, or the last line of a traceback."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    told = "\n".join(lines).rpartition("error: ")[2] if "error: " in text else ""
    return told or (lines[-1] if lines else "")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 git with arguments that no option can hide in
            ["git", "-C", str(folder), *arguments],  # noqa: S607 the caller's git
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        message = "git is not on PATH; a review compares two revisions of a git repository"
        raise WorkspaceError(message) from None
