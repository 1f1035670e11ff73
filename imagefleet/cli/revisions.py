"""The two sides of a review: a project as a git revision has it, and the project as it is here.

Each side is run by a command of its own, with its own program, stack files and `imagefleet`:
modules that one process has imported stay imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The base of a review; `project` is None where it was none yet.

    `judged` says whether a policy pack belonged to it, be it by a link.
    """

    project: Project | None
    judged: bool = False


def check_out(project: Project, commit: str, folder: Path) -> Base:
    """Write the repository at `commit` to `folder` and return the project's place in it.

    An index of its own and no worktree: nothing of the caller's repository changes. It is the whole
    repository, because a project may reach beside itself. Raises `WorkspaceError` where git cannot
    write it.
    """
    top, prefix = (
        _git(project.folder, "rev-parse", asked).stdout.decode().removesuffix("\n")
        for asked in ("--show-toplevel", "--show-prefix")
    )
    if _git(project.folder, "cat-file", "-e", f"{commit}:{prefix}").returncode != 0:
        return Base(project=None)
    folder.mkdir(parents=True)
    index = {"GIT_INDEX_FILE": str(folder.with_suffix(".index"))}
    for asked in (("read-tree", commit), ("checkout-index", "--all", f"--prefix={folder}/")):
        told = _git(Path(top), *asked, settings=index)
        if told.returncode != 0:
            said = told.stderr.decode(errors="replace").strip()
            message = f"git cannot write the files of {commit}: {said}"
            raise WorkspaceError(message)
    found = Project(folder=folder / prefix, name=project.name)
    # Before links that lead out are gone: one of them may be the pack.
    judged = has_pack(found)
    _without_links_out(folder)
    is_one = (found.folder / "Pulumi.yaml").is_file()
    return Base(project=found if is_one else None, judged=judged)


def _without_links_out(folder: Path) -> None:
    """Remove links that lead out of the folder: a side must not write where the caller lives."""
    inside = folder.resolve()
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            path.unlink()


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
    """Return the error of a command, or the last line of a traceback; "" for mere warnings."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if "error: " in text:
        return "\n".join(lines).rpartition("error: ")[2]
    return lines[-1] if "Traceback (most recent call last):" in text else ""


def _git(
    folder: Path, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 git with arguments that no option can hide in
            ["git", "-C", str(folder), *arguments],  # noqa: S607 the caller's git
            env=os.environ | (settings or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        message = "git is not on PATH; a review compares two revisions of a git repository"
        raise WorkspaceError(message) from None
