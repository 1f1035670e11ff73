"""The files that a command is asked to write: checked before anything runs, one error each."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from imagefleet.offline.engine import EngineEvent, EventSink, WorkspaceError


def require_writable(path: Path | None) -> None:
    """Raise `WorkspaceError` where `path` could not be written; None is nothing to write."""
    if path is None:
        return
    if not path.parent.is_dir():
        reason = f"there is no folder {path.parent}"
    elif path.is_dir():
        reason = "it is a folder"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        reason = "permission denied"
    else:
        return
    message = f"{path} cannot be written: {reason}"
    raise WorkspaceError(message)


def write(path: Path, text: str) -> None:
    """Write a whole file; raises `WorkspaceError` where that fails."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise WorkspaceError(message) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: an interrupted run leaves the old one, or none, never a half.

    Raises `WorkspaceError` where that fails.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise WorkspaceError(message) from error
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def recorder(path: Path | None) -> Iterator[EventSink | None]:
    """Give out a sink that writes engine events to `path`, one JSON object a line."""
    if path is None:
        yield None
        return
    require_writable(path)
    with path.open("w", encoding="utf-8") as file:

        def record(event: EngineEvent) -> None:
            try:
                file.write(json.dumps(event) + "\n")
            except OSError as error:
                message = f"{path} cannot be written: {error.strerror}"
                raise WorkspaceError(message) from error

        yield record
