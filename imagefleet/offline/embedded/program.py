"""The program run in process, as Pulumi's language host runs it in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pulumi
import pulumi.runtime

from imagefleet.offline.embedded.monitor import EngineLog, Monitor
from imagefleet.offline.engine import Workspace

_P = ParamSpec("_P")
_T = TypeVar("_T")


def run_program(workspace: Workspace, monitor: Monitor, *, dry_run: bool) -> str:
    """Run the project's `__main__.py`; return why it failed, empty when it did not.

    Each run has a context of its own for everything the SDK keeps (settings, configuration, the
    root resource), so that runs in one process share nothing but imported modules.
    """
    context = contextvars.Context()
    with _in_folder(workspace.project_dir):
        return context.run(_run, workspace, monitor, dry_run)


def _run(workspace: Workspace, monitor: Monitor, dry_run: bool) -> str:  # noqa: FBT001 Context.run has no keywords to speak of
    pulumi.runtime.set_all_config(dict(workspace.config), sorted(workspace.secret_keys))
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            monitor=monitor,
            engine=EngineLog(monitor),
            project=workspace.project,
            stack=workspace.stack,
            dry_run=dry_run,
            organization="organization",
            root_directory=str(workspace.project_dir),
        )
    )
    main = workspace.project_dir / "__main__.py"

    def body() -> None:
        runpy.run_path(str(main), run_name="__main__")

    try:
        asyncio.run(_in_stack(body))
    except pulumi.RunError as error:
        return str(error)
    except Exception:  # noqa: BLE001 whatever the program raises is its failure, not ours
        return f"Program failed with an unhandled exception:\n{_users_part(main)}"
    except SystemExit as error:
        return "" if not error.code else f"the program called sys.exit({error.code!r})"
    return ""


async def _in_stack(body: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(_InPlace())
    # A program that is stopped leaves futures behind that nobody awaits; asyncio would complain
    # of each when it is collected, long after the run.
    loop.set_exception_handler(lambda _loop, _context: None)
    await pulumi.runtime.run_in_stack(body)


class _InPlace(ThreadPoolExecutor):
    """Runs each call where it is made.

    The SDK sends every call to the monitor to a thread. Here the monitor is the same process and
    takes one call at a time, so a thread would only cost its switches.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Call `fn` and return what came of it."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 it belongs to whoever awaits the future
            future.set_exception(error)
        return future


def _users_part(main: Path) -> str:
    """Return the traceback of the current exception from the program's own file on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    for index, frame in enumerate(frames):
        if frame.filename == str(main):
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Give the program what the language host gives it: its folder, on the path and as cwd."""
    before, argv, path = Path.cwd(), sys.argv, list(sys.path)
    main: Any = sys.modules.get("__main__")
    os.chdir(folder)
    sys.argv = [str(folder)]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.argv, sys.path[:] = argv, path
        if main is not None:
            sys.modules["__main__"] = main
