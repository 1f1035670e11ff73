"""What one pack process remembers of a run: inputs seen, open questions, and the call under way.

The engine shows every resource's inputs first and all resources' outputs at the end. Azure's
outputs lack the path parameters, and at a first preview nothing tells an absent output from an
unknown one; so stack rules work on the inputs remembered here.

A call is recognised by its order: the SDK asks the policies of a pack one after another, so an
index that does not rise belongs to a new call. Calls run on several threads, each on one thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause
from rules.collector import Collector
from rules.questions import Question
from rules.record import Record
from rules.verdicts import Level
from rules.waivers import Judged, Waivers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from imagefleet.domain.findings import Doubt
    from rules.canonical import Resource
    from rules.settings_rule import Settings
    from rules.stack import Stack
    from rules.verdicts import Described, Judgement


@dataclass
class _Call:
    """The call that a thread is working on: the last policy asked, and what was built for it."""

    index: int = -1
    resource: Resource | None = None
    stack: Stack | None = None
    announced: bool = False


class Session:
    """The memory of one pack process; safe for the SDK's threads."""

    def __init__(self, rule_ids: Collection[str] = ()) -> None:
        self._lock = threading.Lock()
        self._inputs: dict[str, Resource] = {}
        self._doubts: dict[str, list[Question]] = {}
        self._thread = threading.local()
        self._first: str | None = None
        self._waivers = Waivers(rule_ids)
        self._record = Record()
        self._collector = Collector()

    @property
    def settings(self) -> Settings:
        """What holds for every rule of the run; the strictest until it is configured."""
        return self._waivers.settings

    def configure(self, settings: Settings) -> None:
        """Let `settings` hold for every rule from here on."""
        self._waivers.configure(settings)

    def is_first(self, urn: str) -> bool:
        """Whether this is the resource on which the run's own affairs are reported."""
        with self._lock:
            if self._first is None:
                self._first = urn
            return self._first == urn

    def _call(self, index: int) -> _Call:
        """Return the call that the policy at `index` is asked in, a new one if it must be."""
        call: _Call | None = getattr(self._thread, "call", None)
        if call is None or index <= call.index:
            call = self._thread.call = _Call()
        call.index = index
        return call

    def may_concern(self, index: int, rule: Described) -> bool:
        """Whether the rule has to be asked about the resource of this call; True until one is."""
        call = self._call(index)
        call.announced = True
        if call.resource is None:
            return True
        return any(rule.concerns(each) for each in (call.resource, *call.resource.inner))

    def resource(self, index: int, urn: str, build: Callable[[], Resource]) -> Resource:
        """Return the resource of this call, built by the first policy that asks for it."""
        call: _Call | None = getattr(self._thread, "call", None)
        if call is None or call.index != index or not call.announced:
            call = self._thread.call = _Call(index=index)
        call.announced = False
        if call.resource is None or call.resource.urn != urn:
            self._collector.resource_call()
            call.resource = build()
            with self._lock:
                self._inputs[urn] = call.resource
        return call.resource

    def stack(self, index: int, build: Callable[[Mapping[str, Resource]], Stack]) -> Stack:
        """Return the stack of this call, built from the inputs seen so far, by URN."""
        call = self._call(index)
        if call.stack is None:
            self._collector.stack_call()
            call.stack = replace(
                build(self._inputs), doubts=self._doubts, waivers=self._waivers.log
            )
        return call.stack

    def judged(
        self, rule: Described, resource: Resource, judgement: Judgement, phase: str
    ) -> Judged:
        """Return a judgement after the exemptions, and remember and record it."""
        answer = self._waivers.apply(rule, resource, judgement)
        # An exemption that holds would waive what becomes of a doubt; a fault is the rule's own.
        accepted = answer.exemption is not None and not answer.today_is_past
        doubts = answer.judgement.doubts
        if accepted:
            doubts = tuple(one for one in doubts if one.cause is Cause.FAULT)
        self._note(rule, resource.urn, doubts)
        self._record.add(rule, answer, phase=phase, today=self.settings.today)
        return answer

    def _note(self, rule: Described, urn: str, doubts: tuple[Doubt, ...]) -> None:
        """Remember what `rule` could not decide about a resource, in place of earlier doubts."""
        if not doubts and urn not in self._doubts:
            return
        with self._lock:
            others = [one for one in self._doubts.get(urn, []) if one.rule != rule.id]
            self._doubts[urn] = others + [
                Question(rule=rule.id, mandatory=rule.level is Level.MANDATORY, doubt=doubt)
                for doubt in doubts
            ]
