"""Find the project and the stack file, and lay out where a rehearsal keeps its state.

The stack file itself is only read: both engines run on values taken from it (design rule: a
rehearsal never rewrites what belongs to the user).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from imagefleet.offline.engine import FAULT_LOG, Workspace, WorkspaceError
from imagefleet.stack_yaml import (
    StackFile,
    config_strings,
    read_mapping,
    read_stack_file,
    secret_config_keys,
)

STATE_FOLDER = ".imagefleet"
LOCK = "lock"
DOORS = "doors"
"""The folder of what the HTTPS doors over a state keep: certificates, and where they stand."""
_DOORS_LOCK = "doors.lock"
_ENGINE = "engine"
# What is no state of a rehearsal: who runs, whom clients trust, which faults this run has met.
_LASTING = frozenset({LOCK, DOORS, _DOORS_LOCK, FAULT_LOG})

# Pulumi hands a program its configuration as JSON in PULUMI_CONFIG, and Linux takes no single
# variable over 32 pages of 4 KiB, its name and the closing zero counted (execve(2)).
LARGEST_CONFIGURATION = 32 * 4096 - len("PULUMI_CONFIG=") - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A Pulumi project on disk: its folder and its name."""

    folder: Path
    name: str

    def stacks(self) -> list[str]:
        """The names of the stacks that have a file here, sorted."""
        files = self.folder.glob("Pulumi.*.yaml")
        return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)


def find_project(start: Path) -> Project:
    """Return the project in `start` or the nearest folder above it.

    Raises `WorkspaceError` where there is none, `StackFileError` where its file is unusable.
    """
    for folder in (start, *start.parents):
        file = folder / "Pulumi.yaml"
        if file.is_file():
            return Project(folder=folder, name=_project_name(file))
    message = (
        f"no Pulumi.yaml in {start} or a folder above it; "
        "run this in the folder of the Pulumi project"
    )
    raise WorkspaceError(message)


def _project_name(file: Path) -> str:
    settings = read_mapping(file)
    name = settings.get("name")
    if settings.get("config"):
        message = (
            f"{file} sets defaults under 'config:', which a rehearsal does not read; "
            "write them into the stack files"
        )
        raise WorkspaceError(message)
    if not isinstance(name, str) or not name:
        message = f"{file} has no 'name'; write the name of the Pulumi project into it"
        raise WorkspaceError(message)
    return name


def read_stack(project: Project, stack: str) -> StackFile:
    """Return what the stack's file says; `WorkspaceError` names the stacks there are."""
    file = project.folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        known = ", ".join(project.stacks()) or "none"
        message = f"there is no stack '{stack}' here ({file.name} is missing); stacks: {known}"
        raise WorkspaceError(message)
    return read_stack_file(file)


def open_workspace(project: Project, stack: str, *, state_root: Path | None = None) -> Workspace:
    """Return the workspace of one stack, its state folder made where it is missing."""
    file = read_stack(project, stack)
    config = config_strings(file, project.name)
    _refuse_oversize(config, file.path)
    state = (state_root or project.folder / STATE_FOLDER) / stack
    pack = project.folder / "policy"
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"the state folder {state} cannot be made ({error.strerror}); "
            "make the project folder writable, or name another with --state"
        )
        raise WorkspaceError(message) from error
    return Workspace(
        project=project.name,
        stack=stack,
        project_dir=project.folder,
        policy_pack=pack if (pack / "PulumiPolicy.yaml").is_file() else None,
        state_dir=state,
        config=config,
        secret_keys=secret_config_keys(file, project.name),
        unseen_environments=file.environment,
    )


def _refuse_oversize(config: Mapping[str, str], path: Path) -> None:
    size = len(json.dumps(dict(config), separators=(",", ":"), ensure_ascii=False).encode())
    if size > LARGEST_CONFIGURATION:
        message = (
            f"{path.name} makes a configuration of {size:,} bytes; Pulumi hands it to the program "
            f"in one environment variable, of at most {LARGEST_CONFIGURATION:,} bytes on Linux. "
            "Split the fleet into several stacks that share the gallery"
        )
        raise WorkspaceError(message)


def refuse_incomplete(workspace: Workspace) -> None:
    """Raise `WorkspaceError` where an engine has state but the simulated Azure's is gone."""
    kept = [name for name in ("embedded", "pulumi") if (workspace.state_dir / name).exists()]
    if kept and not workspace.azure_store.exists():
        message = (
            f"{workspace.azure_store} is missing, while the state of the {kept[0]} engine beside "
            "it is there; put the file back, or forget this stack's rehearsals: remove "
            f"{workspace.state_dir}"
        )
        raise WorkspaceError(message)


def engine_of(workspace: Workspace) -> str | None:
    """Return the engine that brought the stack up, None where nothing is up.

    Each engine has a state of its own over the one simulated Azure: to the other, what stands
    there is in the way and in no state.
    """
    try:
        return (workspace.state_dir / _ENGINE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def keep_engine(workspace: Workspace, name: str) -> None:
    """Remember that `name` brings the stack up; `forget` and `release_engine` undo it."""
    (workspace.state_dir / _ENGINE).write_text(name + "\n", encoding="utf-8")


def release_engine(workspace: Workspace) -> None:
    """Let any engine bring the stack up: the one that had it has destroyed everything."""
    (workspace.state_dir / _ENGINE).unlink(missing_ok=True)


def forget(workspace: Workspace) -> None:
    """Remove the state of a stack's rehearsals; the caller holds the lock, which stays.

    What belongs to the doors stays too, so that clients go on trusting them. Raises
    `WorkspaceError` where doors stand open over the state: they would lose it.
    """
    with _closed_doors(workspace):
        for entry in workspace.state_dir.iterdir():
            if entry.name in _LASTING:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def beside(workspace: Workspace, folder: Path) -> Workspace:
    """Return the workspace with an empty state in `folder`; faults are counted where they were."""
    return replace(workspace, state_dir=folder, counted_in=workspace.fault_log.parent)


def copy_state(workspace: Workspace, folder: Path) -> Workspace:
    """Return the workspace on a copy of its state in `folder`, for a run that must leave none.

    The simulated Azure is copied by SQLite itself, so that its doors may go on meanwhile.
    """
    store = workspace.azure_store
    left = shutil.ignore_patterns(*_LASTING, f"{store.name}*")

    def ignored(parent: str, names: list[str]) -> set[str]:
        # Further down a project or a stack of Pulumi may have any of these names.
        return left(parent, names) if Path(parent) == workspace.state_dir else set()

    try:
        shutil.copytree(
            workspace.state_dir, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True
        )
        copied = beside(workspace, folder)
        if store.exists():
            with (
                contextlib.closing(sqlite3.connect(store)) as source,
                contextlib.closing(sqlite3.connect(copied.azure_store)) as target,
            ):
                source.backup(target)
    except (OSError, sqlite3.Error) as error:
        message = (
            f"the state in {workspace.state_dir} cannot be copied to {folder} for a look without "
            f"consequences ({error}); free space there, or name another folder with TMPDIR"
        )
        raise WorkspaceError(message) from error
    return copied


def locked(workspace: Workspace) -> contextlib.AbstractContextManager[None]:
    """Hold the workspace for one run; a second run on the same state is refused at once.

    The lock belongs to the process and goes with it, so a killed run leaves none behind.
    """

    def refusal(process: str) -> str:
        return (
            f"another run holds the state of stack '{workspace.stack}' (process {process}); "
            "wait for it, or end it"
        )

    return _held(workspace.state_dir / LOCK, refusal, "--state")


def open_doors(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Hold the doors over the state in `folder`, as `locked` does; further ones are refused."""

    def refusal(process: str) -> str:
        return (
            f"doors stand open over {folder} already (process {process}); use those, end them, or "
            "name another folder with --data"
        )

    return _held(folder / _DOORS_LOCK, refusal, "--data")


def refuse_open_doors(workspace: Workspace) -> None:
    """Raise `WorkspaceError` where `forget` would, before anything is run."""
    with _closed_doors(workspace):
        return


def _closed_doors(workspace: Workspace) -> contextlib.AbstractContextManager[None]:
    """Keep doors from being opened over a state; `WorkspaceError` where they stand open."""

    def refusal(process: str) -> str:
        return (
            f"'imagefleet simulate' holds doors open over the state of stack '{workspace.stack}' "
            f"(process {process}), which --fresh would take from under them; end it first"
        )

    return _held(workspace.state_dir / _DOORS_LOCK, refusal, "--state")


@contextlib.contextmanager
def _held(path: Path, refusal: Callable[[str], str], option: str) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        message = (
            f"{path} cannot be written ({error.strerror}); make the state folder writable, or name "
            f"another folder with {option}"
        )
        raise WorkspaceError(message) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise WorkspaceError(refusal(file.read().strip() or "unknown")) from None
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        except OSError as error:
            message = (
                f"{path} cannot be written ({error.strerror}); free space on the disk of the "
                f"state folder, or name another folder with {option}"
            )
            raise WorkspaceError(message) from error
        yield
