"""The two ways to run the program, behind one interface, and the workspace they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

EngineEvent = dict[str, Any]
"""One event in the JSON form of Pulumi's engine events (`sequence`, `timestamp`, one payload)."""

EventSink = Callable[[EngineEvent], None]

AZURE_STORE = "azure.sqlite"
"""The name of the simulated Azure's file in a folder of state."""

FAULT_LOG = "faults.sqlite"
"""The name of the file in which faults are counted."""


class WorkspaceError(Exception):
    """The run could not start: what is missing or unusable, and what to do about it."""


class EngineError(Exception):
    """The engine itself failed, as opposed to a refusal that it reported as an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where a rehearsal runs and keeps its state.

    `project_dir` holds `Pulumi.yaml` and `__main__.py`; `state_dir` (`.imagefleet/<stack>`) the
    simulated Azure (`azure.sqlite`), the engine's state and temporary copies of the stack file.
    `config` maps full keys (`imagefleet:fleet`) to strings, structured values as JSON, in the
    form in which the engine hands them to the program; `secret_keys` are those that the stack
    file encrypts (their value is a placeholder); `unseen_environments` those that it imports from
    Pulumi ESC, whose values a rehearsal cannot see; `faults` is the plan of what shall go wrong;
    `counted_in` the folder in which those are counted, None for `state_dir`; `policy_config` the
    object of a policy configuration file: levels and settings of the pack's rules.
    """

    project: str
    stack: str
    project_dir: Path
    policy_pack: Path | None
    state_dir: Path
    config: Mapping[str, str]
    secret_keys: frozenset[str] = frozenset()
    unseen_environments: tuple[str, ...] = ()
    faults: Path | None = None
    counted_in: Path | None = None
    policy_config: Mapping[str, Any] | None = None

    @property
    def azure_store(self) -> Path:
        """The SQLite file of the simulated Azure, shared by every door and both engines."""
        return self.state_dir / AZURE_STORE

    @property
    def fault_log(self) -> Path:
        """The file in which every process of a run counts the faults that have happened."""
        return (self.counted_in or self.state_dir) / FAULT_LOG


class Engine(Protocol):
    """A way to run the program: `embedded` in process, or `pulumi` through the real command.

    Each run sends engine events to the sink as they happen and returns whether it succeeded: a
    refusal by policy or by the simulated service is False, never an exception. `EngineError` is
    raised when the engine itself could not run.
    """

    name: str
    version: str

    def preview(self, sink: EventSink) -> bool:
        """Work out what an `up` would do, and let the policy pack judge it."""
        ...

    def up(self, sink: EventSink) -> bool:
        """Make the simulated Azure what the program asks for."""
        ...

    def refresh(self, sink: EventSink) -> bool:
        """Read every resource back and take what differs into the state."""
        ...

    def destroy(self, sink: EventSink) -> bool:
        """Delete everything that the state holds."""
        ...

    def export(self) -> dict[str, Any]:
        """Return the deployment in the format of `pulumi stack export` (version 3)."""
        ...

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets as the text `[secret]`."""
        ...
