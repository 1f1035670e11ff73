"""What of the real engine's event log is passed on, and what of it says that a run was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.offline.engine import EngineEvent, EventSink
from imagefleet.offline.values import SECRET_SIGNATURE, SIGNATURE_KEY

_TRACEBACK = "Traceback (most recent call last)"
# What the command adds after a program has said itself why it stops.
_EXIT_CODE = "an unhandled error occurred: program exited with non-zero exit code"


class Told:
    """Passes events on to a sink as they come, without the noise of a run that was stopped.

    Left out are debug messages, the traceback of the KeyboardInterrupt by which the engine stops
    a program after a refusal, and the exit code after an error that was already told. `refused`
    says whether an event explains why the run failed: a mandatory policy, a failed operation or
    an error message.
    """

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self._held: list[EngineEvent] = []
        self._error_told = False
        self.refused = False

    def add(self, event: EngineEvent) -> None:
        """Take the next event."""
        diagnostic = event.get("diagnosticEvent") or {}
        severity = diagnostic.get("severity")
        if severity == "debug":
            return
        if severity == "info#err":
            self._hold(event, diagnostic)
            return
        self.end()
        if severity == "error":
            if self._error_told and diagnostic["message"].startswith(_EXIT_CODE):
                return
            self._error_told = True
        self.refused |= severity == "error" or "resOpFailedEvent" in event
        policy = event.get("policyEvent") or {}
        self.refused |= policy.get("enforcementLevel") == "mandatory"
        self._sink(event)

    def end(self) -> None:
        """Pass on what is held back, unless it is the traceback of a stopped program."""
        held, self._held = self._held, []
        if any(_text(event).strip() == "KeyboardInterrupt" for event in held):
            return
        for event in held:
            self._sink(event)

    def _hold(self, event: EngineEvent, diagnostic: Mapping[str, Any]) -> None:
        # Lines of a traceback come one event each; they are judged together.
        if self._held or diagnostic["message"].startswith(_TRACEBACK):
            self._held.append(event)
        else:
            self._sink(event)


def _text(event: EngineEvent) -> str:
    text: str = event["diagnosticEvent"]["message"]
    return text


def mask_secrets(value: Any) -> Any:
    """Return a value of an exported deployment with `[secret]` for every encrypted one."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
            return "[secret]"
        return {key: mask_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_secrets(item) for item in value]
    return value
