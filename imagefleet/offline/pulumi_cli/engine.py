"""The real engine: the Pulumi command run on the simulated Azure, read by its event log alone."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from imagefleet.offline.engine import EngineError, EngineEvent, EventSink, Workspace
from imagefleet.offline.pulumi_cli import unanswered
from imagefleet.offline.pulumi_cli.events import Told, mask_secrets
from imagefleet.offline.pulumi_cli.home import PulumiHome, isolated_environment
from imagefleet.offline.pulumi_cli.recovery import (
    adopt_pending,
    end_session,
    lock_holders,
    release_stale_locks,
    unfinished_export,
)
from imagefleet.offline.recover import Holder

MINIMUM = "3.222.0"
"""The oldest usable command: 3.221 moved Python policy packs, 3.222 cured a hang of older packs."""

_POLL_SECONDS = 0.03
_VERSION_SECONDS = 30
# After a first interrupt the command lets running steps finish, writes its state and ends.
_GRACE_SECONDS = 15
_MOST_PRINTED = 2000
_ERROR = re.compile(r"\s*(error\b|[A-Za-z_][\w.]*(Error|Exception): )")
_KILLED = (None, -signal.SIGKILL, -signal.SIGTERM)
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PulumiCommand:
    """A usable Pulumi command."""

    path: Path
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why there is no usable Pulumi command, in words for people."""

    text: str


def find_pulumi(minimum: str = MINIMUM) -> PulumiCommand | Reason:
    """Return the Pulumi command on PATH, or the reason why it cannot be used."""
    found = shutil.which("pulumi")
    if found is None:
        return Reason(text=f"no pulumi {minimum} or newer on PATH")
    path = Path(found).absolute()
    try:
        version = version_of(path)
    except EngineError as error:
        return Reason(text=str(error))
    if _numbers(version) < _numbers(minimum):
        return Reason(text=f"{path} is version {version}; {minimum} or newer is needed")
    if not (path.resolve().parent / "pulumi-language-python").exists():
        return Reason(text=f"pulumi-language-python is missing beside {path.resolve()}")
    return PulumiCommand(path=path, version=version)


@cache
def version_of(command: Path) -> str:
    """Return what `pulumi version` says, without the `v`; `EngineError` where it says nothing."""
    try:
        asked = subprocess.run(  # noqa: S603 the command that the caller chose
            [str(command), "version"],
            env=isolated_environment(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{command} could not be asked for its version: {error}"
        raise EngineError(message) from error
    version = asked.stdout.strip().removeprefix("v")
    if asked.returncode != 0 or not _VERSION.match(version):
        message = f"{command} does not say its version: {(asked.stderr or asked.stdout).strip()}"
        raise EngineError(message)
    return version


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.match(version)
    return tuple(map(int, match.groups())) if match else (0,)


class PulumiEngine:
    """Runs the program through the Pulumi command, provider and pack of the workspace.

    The command works in `PulumiHome` and its events come from its event log while it runs; what it
    prints is kept in `last-run.log` there and never read, but where it failed without an event.
    """

    name = "pulumi"

    def __init__(self, workspace: Workspace, command: Path) -> None:
        self._workspace = workspace
        self._command = command
        self._home = PulumiHome(workspace=workspace, command=command)
        self.version = version_of(command)

    def preview(self, sink: EventSink) -> bool:
        """Say what `up` would do; policies judge it."""
        return self._run(sink, "preview", *self._policies())

    def up(self, sink: EventSink) -> bool:
        """Bring the simulated Azure in line with the program; policies judge it first."""
        return self._run(sink, "up", "--yes", "--skip-preview", *self._policies())

    def refresh(self, sink: EventSink) -> bool:
        """Bring the engine's state in line with the simulated Azure."""
        return self._run(sink, "refresh", "--yes", "--skip-preview")

    def destroy(self, sink: EventSink) -> bool:
        """Delete every resource of the stack; the stack itself stays, empty."""
        return self._run(sink, "destroy", "--yes", "--skip-preview")

    def export(self) -> dict[str, Any]:
        """Return `pulumi stack export`; secrets stay encrypted."""
        self._prepare()
        return self._home.export()

    def unfinished_export(self) -> dict[str, Any]:
        """Return `pulumi stack export` as a killed or failed run left it.

        Pending operations are in it, those among them that the command itself has forgotten.
        """
        return unfinished_export(self._home)

    def locks(self) -> tuple[Holder, ...]:
        """Return who holds the lock of the state, killed commands among them."""
        return lock_holders(self._home)

    def recover(self) -> None:
        """Release the lock of a killed command, and take in what became of its operations."""
        self._lay_out()
        release_stale_locks(self._home)
        adopt_pending(self._home)
        self._unfinished.unlink(missing_ok=True)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets as the text `[secret]`."""
        for resource in self.export()["deployment"].get("resources") or ():
            if resource["type"] == "pulumi:pulumi:Stack":
                masked: dict[str, Any] = mask_secrets(resource.get("outputs") or {})
                return masked
        return {}

    def _policies(self) -> tuple[str, ...]:
        pack = self._home.policy_pack
        # Commas would be read as a list of packs; the copy's path is ours only below state_dir.
        if pack is not None and "," in str(pack):
            message = f"the state folder {pack} has a comma in its name, which pulumi would split"
            raise EngineError(message)
        if pack is None:
            return ()
        config = self._home.policy_config
        configured = () if config is None else ("--policy-pack-config", str(config))
        return ("--policy-pack", str(pack), *configured)

    def _run(self, sink: EventSink, *arguments: str) -> bool:
        self._prepare()
        log = self._home.folder / "events.jsonl"
        log.write_bytes(b"")
        told, failed = Told(sink), unanswered.FailedCreations()
        with (self._home.folder / "last-run.log").open("w+", encoding="utf-8") as printed:
            self._unfinished.touch()
            process = self._start(log, printed, arguments)
            try:
                for event in _follow(log, process):
                    failed.add(event)
                    told.add(event)
                told.end()
            except BaseException:
                _interrupt(process)
                raise
            finally:
                if process.returncode in _KILLED:
                    end_session(process.pid)
                else:
                    self._unfinished.unlink()
            unanswered.keep(self._home, failed)
            if process.returncode in _KILLED:
                raise EngineError(self._killed_words(arguments[0]))
            if process.returncode != 0 and not told.refused:
                printed.seek(0)
                said = _errors_in(printed.read())
                message = f"`pulumi {arguments[0]}` failed: {said}{self._home.way_back(said)}"
                raise EngineError(message)
        return process.returncode == 0

    def _killed_words(self, action: str) -> str:
        stack = self._workspace.stack
        return (
            f"`pulumi {action}` was killed in the middle; what it did is kept: 'imagefleet recover "
            f"--stack {stack}' shows what it left behind, and the next rehearsal goes on from there"
        )

    @property
    def _unfinished(self) -> Path:
        return self._home.folder / "unfinished"

    def _prepare(self) -> None:
        self._lay_out()
        release_stale_locks(self._home)
        if self._unfinished.exists():
            adopt_pending(self._home)
            self._unfinished.unlink()

    def _lay_out(self) -> None:
        try:
            self._home.prepare()
        except OSError as error:
            message = (
                f"the state folder {self._home.folder} cannot be written "
                f"({error.strerror or error}); free space on its disk, or make it writable"
            )
            raise EngineError(message) from error

    def _start(
        self, log: Path, printed: IO[str], arguments: tuple[str, ...]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 the command that the caller chose
            [
                *(str(self._command), *arguments),
                *("--stack", self._workspace.stack, "--event-log", str(log)),
                *("--non-interactive", "--color", "never", "--suppress-permalink=true"),
            ],
            cwd=self._home.project,
            env=self._home.environment(),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            # A terminal's Ctrl-C must reach the command once, from us, and not its plugins.
            start_new_session=True,
        )


def _follow(log: Path, process: subprocess.Popen[bytes]) -> Iterator[EngineEvent]:
    """Yield the log's events as they are written, until the command has ended."""
    with log.open("rb") as file:
        rest = b""
        while True:
            ended = process.poll() is not None
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield json.loads(line)
            if ended:
                return
            time.sleep(_POLL_SECONDS)


def _errors_in(printed: str) -> str:
    """Return the errors among what was printed, without the frames of tracebacks."""
    lines = printed.strip().splitlines()
    told = [line.strip() for line in lines if _ERROR.match(line)]
    # The command's own last error stands at the margin and may go on over several lines.
    last = max((i for i, line in enumerate(lines) if line.startswith("error")), default=len(lines))
    told += [line.rstrip() for line in lines[last + 1 :] if not _ERROR.match(line)]
    return "\n".join(dict.fromkeys(told))[-_MOST_PRINTED:] or printed.strip()[-_MOST_PRINTED:]


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Let the command finish what is running, write its state and end; kill it if it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
