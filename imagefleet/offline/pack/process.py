"""The process of a policy pack: command, environment, port, and what it says when it dies."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

if TYPE_CHECKING:
    from pathlib import Path

# A port is announced within a second; imports on a cold, busy disk take longer.
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_TAIL_LINES = 30
_PROJECT_FILE = "PulumiPolicy.yaml"


class PolicyPackError(RuntimeError):
    """A pack that cannot be started, ended early or refused a call; with its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSettings:
    """What `PulumiPolicy.yaml` says: the pack's version, and the folder of its environment."""

    version: str
    virtualenv: Path | None


def read_settings(pack_dir: Path) -> PackSettings:
    """Return the settings of the pack in `pack_dir`; raises `PolicyPackError` if it is none."""
    path = pack_dir / _PROJECT_FILE
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        text = f"no policy pack in {pack_dir}: {_PROJECT_FILE} is missing"
        raise PolicyPackError(text) from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        text = f"policy pack {pack_dir}: {_PROJECT_FILE} cannot be read: {error}"
        raise PolicyPackError(text) from error
    document = document if isinstance(document, Mapping) else {}
    runtime = document.get("runtime")
    name = runtime.get("name") if isinstance(runtime, Mapping) else runtime
    if name != "python":
        text = f"policy pack {pack_dir}: runtime is {name!r}, only python packs can be run here"
        raise PolicyPackError(text)
    options = runtime.get("options") if isinstance(runtime, Mapping) else None
    virtualenv = options.get("virtualenv") if isinstance(options, Mapping) else None
    return PackSettings(
        version=str(document.get("version") or ""),
        virtualenv=pack_dir / virtualenv if isinstance(virtualenv, str) else None,
    )


def interpreter(settings: PackSettings) -> str:
    """Return the Python of the pack's own environment where there is one, else this one."""
    if settings.virtualenv is not None:
        for name in ("bin/python", "Scripts/python.exe"):
            python = settings.virtualenv / name
            if python.is_file():
                return str(python)
    return sys.executable


class PackServer:
    """One run of a pack's process; `start` gives the port on this machine where it listens.

    `printed` keeps the last lines on standard output after the port: a pack should have none.
    """

    def __init__(  # noqa: PLR0913 the facts of one run, as in pack.py
        self,
        pack_dir: Path,
        *,
        project: str,
        stack: str,
        organization: str,
        dry_run: bool,
        config: Mapping[str, str],
        python: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._dir = pack_dir.resolve()
        self.settings = read_settings(self._dir)
        self._python = python or interpreter(self.settings)
        self._environment = (
            dict(os.environ)
            | dict(environment or {})
            | {
                "PULUMI_ORGANIZATION": organization,
                "PULUMI_PROJECT": project,
                "PULUMI_STACK": stack,
                "PULUMI_DRY_RUN": "true" if dry_run else "false",
                "PULUMI_CONFIG": json.dumps(
                    dict(config), separators=(",", ":"), ensure_ascii=False
                ),
            }
        )
        self._process: subprocess.Popen[str] | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.printed: deque[str] = deque(maxlen=_TAIL_LINES)
        self._readers: list[threading.Thread] = []

    def start(self) -> int:
        """Start the process and return its port; raises `PolicyPackError`."""
        # The engine's address is where a pack would send its logs; ours go to standard error.
        command = [self._python, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(self._dir)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 our own interpreter and pack
                command,
                cwd=self._dir,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            text = f"policy pack {self._dir} cannot be started with {self._python}: {error}"
            raise PolicyPackError(text) from error
        first: queue.Queue[str] = queue.Queue()
        self._read(self._process.stdout, self.printed, first)
        self._read(self._process.stderr, self._tail)
        try:
            line = first.get(timeout=_START_SECONDS)
        except queue.Empty:
            line = ""
        if not line.strip().isdecimal():
            raise self._not_started(line)
        return int(line)

    def _read(
        self, stream: IO[str] | None, rest: deque[str], first: queue.Queue[str] | None = None
    ) -> None:
        """Keep a stream from filling up: its first line to `first`, the last of it to `rest`."""

        def drain() -> None:
            if stream is None:
                return
            if first is not None:
                first.put(stream.readline())
            rest.extend(line.rstrip() for line in stream)
            stream.close()

        reader = threading.Thread(target=drain, daemon=True)
        reader.start()
        self._readers.append(reader)

    def stop(self) -> None:
        """End the process, by force if it does not go by itself."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(_STOP_SECONDS)

    def _ended(self) -> int | None:
        """Return the exit code of a process that has gone, waiting a moment for one that goes."""
        if self._process is None:
            return None
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            return None

    def _not_started(self, line: str) -> PolicyPackError:
        code = self._ended()
        if line.strip():
            what = f"printed {line.strip()[:80]!r} where its port belongs; a pack must not print"
        elif code == 0:
            what = "ended without serving: its __main__.py makes no PolicyPack"
        elif code is not None:
            what = f"ended with exit code {code} before it served"
        else:
            what = f"announced no port within {_START_SECONDS:.0f} s"
        self.stop()
        return PolicyPackError(f"policy pack {self._dir} {what}{self._last_words()}")

    def failure(self, method: str, about: str, details: str) -> PolicyPackError:
        """Return the error of a call that the pack did not answer; stops a process that ended."""
        place = f" for {about}" if about else ""
        code = self._ended()
        if code is None:
            text = f"policy pack {self._dir} refused {method}{place}: {details}"
            return PolicyPackError(text)
        self.stop()
        text = f"policy pack {self._dir} ended with exit code {code} during {method}{place}"
        return PolicyPackError(text + self._last_words())

    def _last_words(self) -> str:
        said = "\n".join(f"  {line}" for line in [*self.printed, *self._tail])
        return f"; it said:\n{said}" if said else "; it said nothing"
