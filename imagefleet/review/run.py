"""A preview as its engine events tell it: steps, what policies said, errors, and how it ended.

The events are those of Pulumi's engine (apitype.EngineEvent): `pulumi preview --event-log FILE`,
the streaming form of `pulumi preview --json`, and `imagefleet rehearse --events FILE` write the
same, one JSON object a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefleet.domain.judgements import SourcePlace
from imagefleet.review import redaction
from imagefleet.review.policy_words import PolicyWord, policy_words
from imagefleet.review.property_diff import PropertyDiff, property_diffs
from imagefleet.review.shapes import ANALYZED, event_fault
from imagefleet.review.wording import safe

QUIET = frozenset({"same", "read", "refresh"})
_PHYSICAL = frozenset({"create-replacement", "delete-replaced"})
_COLOUR = re.compile(r"<\{%[^%]*%\}>")
_CLOSING = re.compile(r"(preview|update|refresh|destroy) failed")

CUT_OFF = "the events end before the preview does"
"""The error of a run without a summary that tells no other."""


class RunInputError(ValueError):
    """A file holds no engine events, or no deployment; the text says where and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to one resource.

    `op` is the engine's word (`same`, `create`, `update`, `replace`, `delete`, ...). `before` and
    `after` are the resource's inputs, without secrets, None where there is none.
    `diffs` say what differs; `delete_first` that a replacement deletes before it creates. `place`
    is the program's line where the events or the deployment tell it, from the project's folder.
    """

    op: str
    urn: str
    type: str
    custom: bool
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    diffs: tuple[PropertyDiff, ...] = ()
    delete_first: bool = False
    place: SourcePlace | None = None

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def changes(self) -> bool:
        """Whether anything happens to the resource."""
        return self.op not in QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole preview: steps by type and name, what policies said, why it failed.

    `judged` says whether a policy pack took part, `asked` which of its rules did. `succeeded` is
    False for a run that was refused, and for one whose end the events do not tell.
    """

    steps: tuple[Step, ...] = ()
    words: tuple[PolicyWord, ...] = ()
    errors: tuple[str, ...] = ()
    judged: bool = False
    asked: tuple[str, ...] = ()
    succeeded: bool = True


def read_events(text: str, *, name: str = "the events") -> list[Mapping[str, Any]]:
    """Return the events of a file, one JSON object a line; raises `RunInputError`."""
    events: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            message = f"{name}, line {number}: not a JSON object; expected one engine event a line"
            raise RunInputError(message)
        if fault := event_fault(event):
            message = (
                f"{name}, line {number}: {fault}; expected an event as Pulumi's engine writes it"
            )
            raise RunInputError(message)
        events.append(event)
    return events


def run_of(events: Iterable[Mapping[str, Any]]) -> Run:
    """Return the preview that the events tell; of a preview and an update together, the preview."""
    collected = _Collector()
    for event in events:
        if collected.ended and not (event.keys() & {"cancelEvent"}):
            break
        collected.add(event)
    return collected.run()


def errors_in(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the errors of all the runs that the events tell, without secrets."""
    collected = _Collector()
    for event in events:
        if "diagnosticEvent" in event:
            collected.add(event)
    return list(dict.fromkeys(collected.errors))


@dataclass(slots=True)
class _Collector:
    """Takes one event after the other, up to the summary of the first run."""

    metadata: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    first_physical: dict[str, str] = field(default_factory=dict)
    words: list[PolicyWord] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    judged: bool = False
    succeeded: bool = True
    ended: bool = False

    def add(self, event: Mapping[str, Any]) -> None:
        if "resourcePreEvent" in event:
            self._step(event["resourcePreEvent"]["metadata"])
        elif "policyEvent" in event:
            self.words += policy_words(event["policyEvent"])
            self.judged = True
        elif "diagnosticEvent" in event:
            self._message(event["diagnosticEvent"])
        elif "resOpFailedEvent" in event:
            self.succeeded = False
        elif event.keys() & ANALYZED:
            self._asked(event)
        elif "summaryEvent" in event:
            summary = event["summaryEvent"]
            self.ended = True
            self.judged |= bool(summary.get("PolicyPacks"))
            self.succeeded &= summary.get("result", "succeeded") == "succeeded"

    def run(self) -> Run:
        steps = [_step(metadata, self.first_physical) for metadata in self.metadata.values()]
        stopped = any(word.stops for word in self.words)
        errors = self.errors if self.ended or self.errors else [CUT_OFF]
        return Run(
            steps=tuple(sorted(steps, key=lambda step: (step.type, step.name, step.urn))),
            words=tuple(sorted(set(self.words))),
            errors=tuple(dict.fromkeys(errors)),
            judged=self.judged,
            asked=tuple(sorted(self.asked | {word.rule for word in self.words})),
            succeeded=self.succeeded and not errors and not stopped,
        )

    def _asked(self, event: Mapping[str, Any]) -> None:
        self.judged = True
        for kind in ANALYZED & event.keys():
            for answer in ("passed", "failed"):
                self.asked |= {safe(str(rule)) for rule in event[kind].get(answer) or ()}

    def _step(self, metadata: Mapping[str, Any]) -> None:
        urn, op = metadata["urn"], metadata["op"]
        if metadata["type"].startswith("pulumi:providers:"):
            return
        if op in _PHYSICAL:
            self.first_physical.setdefault(urn, op)
            return
        known = self.metadata.get(urn)
        if known is None or known["op"] in QUIET or op == "replace":
            self.metadata[urn] = metadata

    def _message(self, diagnostic: Mapping[str, Any]) -> None:
        if diagnostic.get("severity") != "error":
            return
        text = _COLOUR.sub("", diagnostic.get("message") or "").strip()
        if text and not _CLOSING.fullmatch(text):
            where = (diagnostic.get("urn") or "").rsplit("::", 1)[-1]
            self.errors.append(redaction.text(f"{where}: {text}" if where else text))


def _step(metadata: Mapping[str, Any], first_physical: Mapping[str, str]) -> Step:
    old, new = metadata.get("old"), metadata.get("new")
    op: str = metadata["op"]
    before = None if old is None or op == "create" else raw_inputs(old)
    after = None if new is None or op == "delete" else raw_inputs(new)
    named = {str(path) for path in metadata.get("detailedDiff") or {}}
    forced = {str(key) for key in metadata.get("keys") or ()} | {
        path
        for path, diff in (metadata.get("detailedDiff") or {}).items()
        if str(diff.get("diffKind", "")).endswith("-replace")
    }
    urn: str = metadata["urn"]
    return Step(
        op=op,
        urn=urn,
        type=metadata["type"],
        custom=bool((new or old or {}).get("custom")),
        before=shown_inputs(before),
        after=shown_inputs(after),
        diffs=property_diffs(before, after, named=named, forced=forced) if op != "same" else (),
        delete_first=first_physical.get(urn) == "delete-replaced",
        place=SourcePlace.of_position(str((new or old or {}).get("sourcePosition") or "")),
    )


def raw_inputs(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs of a resource as they are, secrets among them: to compare, not to show."""
    return {key: value for key, value in (state.get("inputs") or {}).items() if key[:2] != "__"}


def shown_inputs(inputs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return inputs without secrets, None for none."""
    shown = None if inputs is None else redaction.redacted(inputs)
    return shown if isinstance(shown, Mapping) or shown is None else {}
