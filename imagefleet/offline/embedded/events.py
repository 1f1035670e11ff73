"""The engine events of a run, in the JSON form of Pulumi's own (apitype.EngineEvent).

What is sent when, and how each field is spelt, is the real engine's: everything that reads a run
reads these events and cannot tell which engine it was. One field is more than the real engine
sends: the `sourcePosition` of a state, spelt as in a deployment, for reports that name lines.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefleet.offline.embedded.rebuild import rebuilt
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import is_default_provider
from imagefleet.offline.engine import EventSink
from imagefleet.offline.values import SECRET_SIGNATURE, SIGNATURE_KEY, Secret

if TYPE_CHECKING:
    from imagefleet.offline.pack.client import Violation

STATUS_OK = 0
"""The engine refused the step itself, so the resource is as it was."""
STATUS_PARTIAL = 1
"""The resource is there, its operation ended badly."""
STATUS_UNKNOWN = 2
"""The provider answered with an error; for the engine that leaves the resource unknown."""

_BLINDED = {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "[secret]"}


class Emitter:
    """Numbers the events of one run and hands them to the sink; counts the changes.

    `planning` is a preview. Callers hold the run's lock, so events come one at a time.
    """

    def __init__(self, sink: EventSink, *, planning: bool) -> None:
        self._sink = sink
        self._planning = planning
        self._sequence = 0
        self._steps = 0
        self._maybe_corrupt = False
        self._started = time.monotonic()
        self._packs: dict[str, str] = {}
        self.changes: Counter[str] = Counter()

    def policy_load(self) -> None:
        """A policy pack is being loaded."""
        self._send("policyLoadEvent", {})

    def pack(self, name: str, version: str) -> None:
        """Remember a loaded pack for the summary."""
        self._packs[name] = version

    def prelude(self, config: Mapping[str, str], secret_keys: frozenset[str]) -> None:
        """The run starts with this configuration, its secret values blinded."""
        shown = {k: "[secret]" if k in secret_keys else v for k, v in sorted(config.items())}
        self._send("preludeEvent", {"config": shown})

    def step_before(self, step: Step) -> None:
        """A step is about to be taken."""
        self._send("resourcePreEvent", self._step(step))

    def step_after(self, step: Step, *, op: str = "", counted: bool | None = None) -> None:
        """A step has been taken; `op` is what a refresh turned out to be."""
        subject = step.subject
        internal = step.op == "remove-pending-replace" or is_default_provider(subject.urn)
        if (step.logical if counted is None else counted) and not internal:
            self.changes[op or step.op] += 1
            self._steps += 1
        reported = subject.custom or op or step.op == "delete"
        if self._planning or reported:
            self.outputs(step, op=op)

    def outputs(self, step: Step, *, op: str = "") -> None:
        """The outputs of a resource are known."""
        self._send("resOutputsEvent", self._step(step, op=op))

    def step_failed(self, step: Step, reason: str, *, status: int) -> None:
        """A step has failed; a preview says so in words alone."""
        urn = "" if is_default_provider(step.subject.urn) else step.subject.urn
        if self._planning:
            self.diagnostic("error", f"Preview failed: {reason}", urn)
            return
        self.diagnostic("error", reason, urn)
        self._maybe_corrupt |= status == STATUS_UNKNOWN
        event = {"metadata": self._metadata(step, step.op), "status": status, "steps": self._steps}
        self._send("resOpFailedEvent", event)

    def diagnostic(self, severity: str, message: str, urn: str = "") -> None:
        """A message of the engine, the provider or the program."""
        event: dict[str, Any] = {"urn": urn} if urn else {}
        prefix = {"error": "error: ", "warning": "warning: "}.get(severity, "")
        if prefix:
            event["prefix"] = prefix
        event |= {"message": f"{message}\n", "color": "never", "severity": severity}
        self._send("diagnosticEvent", event)

    def policy_violation(self, urn: str, violation: Violation) -> None:
        """A policy has found something wrong."""
        event: dict[str, Any] = {"resourceUrn": urn} if urn else {}
        event |= {
            "message": f"{violation.message}\n",
            "color": "never",
            "policyName": violation.policy_name,
            "policyPackName": violation.pack_name,
            "policyPackVersion": violation.pack_version,
            "policyPackVersionTag": violation.pack_version,
            "enforcementLevel": violation.level,
        }
        if violation.severity:
            event["severity"] = violation.severity
        self._send("policyEvent", event)

    def policy_summary(
        self, urn: str, pack: tuple[str, str], passed: Sequence[str], failed: Sequence[str]
    ) -> None:
        """Which policies judged a resource, or the whole stack where `urn` is empty, and how."""
        name, version = pack
        event: dict[str, Any] = {"resourceUrn": urn} if urn else {}
        event |= {
            "policyPackName": name,
            "policyPackVersion": version,
            "policyPackVersionTag": version,
        }
        if passed:
            event["passed"] = sorted(passed)
        if failed:
            event["failed"] = sorted(failed)
        kind = "policyAnalyzeSummaryEvent" if urn else "policyAnalyzeStackSummaryEvent"
        self._send(kind, event)

    def summary(self, *, succeeded: bool) -> None:
        """The run has ended."""
        event = {
            "maybeCorrupt": self._maybe_corrupt,
            "durationSeconds": int(time.monotonic() - self._started) + 1,
            "resourceChanges": dict(sorted(self.changes.items())),
            "PolicyPacks": dict(self._packs),
            "isPreview": self._planning,
            "result": "succeeded" if succeeded else "failed",
        }
        self._send("summaryEvent", event)

    def cancel(self) -> None:
        """Nothing more will come."""
        self._send("cancelEvent", {})

    def _step(self, step: Step, *, op: str = "") -> dict[str, Any]:
        event: dict[str, Any] = {"metadata": self._metadata(step, op or step.op)}
        if self._planning:
            event["planning"] = True
        return event

    def _metadata(self, step: Step, op: str) -> dict[str, Any]:
        subject = step.subject
        metadata: dict[str, Any] = {
            "op": op,
            "urn": subject.urn,
            "type": subject.type,
            "old": _shown(step.old),
            "new": _shown(step.new),
        }
        if step.keys:
            metadata["keys"] = list(step.keys)
        found = step.difference
        if found and found.diffs:
            metadata["diffs"] = list(found.diffs)
        metadata["detailedDiff"] = (
            {path: {"diffKind": kind, "inputDiff": True} for path, kind in found.detailed.items()}
            if found
            else None
        )
        if step.logical:
            metadata["logical"] = True
        metadata["provider"] = subject.provider
        return metadata

    def _send(self, kind: str, event: Mapping[str, Any]) -> None:
        self._sink({"sequence": self._sequence, "timestamp": int(time.time()), kind: event})
        self._sequence += 1


def _shown(state: ResourceState | None) -> dict[str, Any] | None:
    if state is None:
        return None
    shown: dict[str, Any] = {"type": state.type, "urn": state.urn}
    for flag in ("custom", "delete"):
        if getattr(state, flag):
            shown[flag] = True
    shown |= {"id": state.id, "parent": state.parent}
    for flag in ("protect", "external"):
        if getattr(state, flag):
            shown[flag] = True
    shown["inputs"] = blinded(state.inputs)
    shown["outputs"] = blinded(state.outputs)
    shown["provider"] = state.provider
    if state.source_position:
        shown["sourcePosition"] = state.source_position
    return shown


def blinded(value: Any) -> Any:
    """Return `value` with every secret replaced by the engine's blinded form.

    What holds no secret is returned as it is: events share it with the state, and neither side
    changes it.
    """
    if isinstance(value, Secret):
        return dict(_BLINDED)
    return rebuilt(value, blinded)
