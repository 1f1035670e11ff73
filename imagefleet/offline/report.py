"""A run told by its engine events: changes, policy findings, messages, and how it ended.

Both engines send the same events, so everything that a person or a test reads about a run is
built here, from the events alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefleet.offline.engine import EngineEvent

# The engine writes colours into its messages as <{%red%}>; people get the text alone.
_COLOUR = re.compile(r"<\{%[^%]*%\}>")
# Of the three steps of a replacement only the logical one stands for it in a report.
_PHYSICAL_STEPS = frozenset({"create-replacement", "delete-replaced"})
# The engine closes a failed run with this line; the messages before it say why.
_CLOSING_LINE = re.compile(r"(preview|update|refresh|destroy) failed")
_QUIET_OPS = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """One property of a change: its path, `add`, `delete` or `update`, and both values."""

    path: str
    kind: str
    old: Any
    new: Any
    forces_replacement: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one resource; `op` is the engine's word (`create`, `update`, ...)."""

    op: str
    urn: str
    type: str
    name: str
    custom: bool
    properties: tuple[PropertyChange, ...] = ()
    delete_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one policy says about one resource."""

    policy: str
    pack: str
    level: str
    severity: str
    urn: str
    message: str

    @property
    def mandatory(self) -> bool:
        """Whether the finding refuses the run."""
        return self.level == "mandatory"

    @property
    def resource(self) -> str:
        """The logical name of the resource, or `stack` where none is named."""
        return self.urn.rsplit("::", 1)[-1] if self.urn else "stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A diagnostic of the engine, the provider or the program, without colours."""

    severity: str
    text: str
    urn: str = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """Everything that a run's events said so far; feed it with `add`."""

    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    policy_packs: dict[str, str] = field(default_factory=dict)
    judged: Counter[str] = field(default_factory=Counter)
    _order: dict[str, int] = field(default_factory=dict)

    def add(self, event: EngineEvent) -> None:
        """Take one engine event into account; events of no interest here are passed over."""
        if "resourcePreEvent" in event:
            self._add_step(event["resourcePreEvent"]["metadata"])
        elif "resOutputsEvent" in event:
            self._add_drift(event["resOutputsEvent"]["metadata"])
        elif "policyEvent" in event:
            self.findings.append(_finding(event["policyEvent"]))
        elif "policyAnalyzeSummaryEvent" in event:
            summary = event["policyAnalyzeSummaryEvent"]
            self.judged.update(passed=len(summary.get("passed") or ()))
            self.judged.update(failed=len(summary.get("failed") or ()))
        elif "diagnosticEvent" in event:
            self._add_message(event["diagnosticEvent"])
        elif "summaryEvent" in event:
            summary = event["summaryEvent"]
            self.counts = Counter(summary.get("resourceChanges") or {})
            # A local pack is written as name|local|path.
            packs = summary.get("PolicyPacks") or {}
            self.policy_packs = {key.split("|", 1)[0]: packs[key] for key in packs}

    @property
    def refused_by_policy(self) -> bool:
        """Whether a mandatory policy refuses the run."""
        return any(finding.mandatory for finding in self.findings)

    @property
    def errors(self) -> list[Message]:
        """The messages that say why the run failed."""
        return [
            message
            for message in self.messages
            if message.severity == "error" and not _CLOSING_LINE.fullmatch(message.text)
        ]

    @property
    def changed(self) -> list[Change]:
        """The resources to which something happens, components without a change left out."""
        return [change for change in self.changes if change.op not in _QUIET_OPS]

    def _add_step(self, metadata: Mapping[str, Any]) -> None:
        if metadata["op"] in _PHYSICAL_STEPS or metadata["type"].startswith("pulumi:providers:"):
            return
        change = _change(metadata)
        known = self._order.get(change.urn)
        # A resource comes twice when it is refreshed or deleted before it is made again.
        if known is None:
            self._order[change.urn] = len(self.changes)
            self.changes.append(change)
        elif self.changes[known].op in _QUIET_OPS or change.op == "replace":
            self.changes[known] = change

    def _add_drift(self, metadata: Mapping[str, Any]) -> None:
        """Take in what a refresh found: only its outcome says whether anything has changed."""
        known = self._order.get(metadata["urn"])
        if known is not None and self.changes[known].op == "refresh":
            self.changes[known] = _change(metadata)

    def _add_message(self, diagnostic: Mapping[str, Any]) -> None:
        text = _COLOUR.sub("", diagnostic.get("message") or "").strip()
        severity = diagnostic.get("severity") or "info"
        if text and severity != "debug" and not diagnostic.get("ephemeral"):
            self.messages.append(
                Message(severity=severity, text=text, urn=diagnostic.get("urn") or "")
            )


def _finding(event: Mapping[str, Any]) -> Finding:
    return Finding(
        policy=event["policyName"],
        pack=event["policyPackName"],
        level=event["enforcementLevel"],
        severity=event.get("severity") or "",
        urn=event.get("resourceUrn") or "",
        message=_COLOUR.sub("", event["message"]).strip(),
    )


def _change(metadata: Mapping[str, Any]) -> Change:
    new, old = metadata.get("new") or {}, metadata.get("old") or {}
    urn: str = metadata["urn"]
    return Change(
        op=metadata["op"],
        urn=urn,
        type=metadata["type"],
        name=urn.rsplit("::", 1)[-1],
        custom=bool(new.get("custom") or old.get("custom")),
        properties=_property_changes(metadata, old.get("inputs") or {}, new.get("inputs") or {}),
    )


def _property_changes(
    metadata: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[PropertyChange, ...]:
    detailed: Mapping[str, Mapping[str, Any]] = metadata.get("detailedDiff") or {}
    keys = set(metadata.get("keys") or ())
    return tuple(
        PropertyChange(
            path=path,
            kind=str(diff.get("diffKind", "update")).removesuffix("-replace"),
            old=_at(old, path),
            new=_at(new, path),
            forces_replacement=str(diff.get("diffKind", "")).endswith("-replace")
            or path.split(".", 1)[0].split("[", 1)[0] in keys,
        )
        for path, diff in sorted(detailed.items())
    )


def _at(properties: Any, path: str) -> Any:
    """Return the value at an engine property path such as `a.b[0].c`, None where it is not."""
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(properties, Mapping):
            properties = properties.get(part.strip('"'))
        elif isinstance(properties, list) and part.isdigit() and int(part) < len(properties):
            properties = properties[int(part)]
        else:
            return None
    return properties
