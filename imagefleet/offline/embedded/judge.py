"""The policy pack's part in a run: what it is asked, and what its answers do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from imagefleet.offline.embedded.events import Emitter
from imagefleet.offline.embedded.goal import Goal
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.urns import name_of
from imagefleet.offline.pack.client import (
    AnalyzerOptions,
    AnalyzerProvider,
    AnalyzerResource,
    PolicyPackProcess,
    PolicyRun,
)
from imagefleet.offline.values import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A resource with what a policy may know of it: its goal and its provider."""

    state: ResourceState
    goal: Goal | None
    provider: ResourceState | None
    former_urn: str = ""

    def shown(self, properties: Properties) -> AnalyzerResource:
        """Return the resource as the engine shows it to a pack."""
        state = self.state
        return AnalyzerResource(
            urn=state.urn,
            type=state.type,
            name=name_of(state.urn),
            properties=properties,
            options=AnalyzerOptions(
                protect=state.protect,
                ignore_changes=state.ignore_changes,
                delete_before_replace=self.goal.delete_before_replace if self.goal else None,
                aliases=(self.former_urn,) if self.former_urn else (),
                create_timeout=state.custom_timeouts.get("create", 0),
                update_timeout=state.custom_timeouts.get("update", 0),
                delete_timeout=state.custom_timeouts.get("delete", 0),
                additional_secret_outputs=state.additional_secret_outputs,
            ),
            provider=_provider(self.provider),
            parent=state.parent,
            dependencies=state.dependencies,
            property_dependencies=state.property_dependencies,
        )


class Judge:
    """Asks a policy pack, where there is one, and sends its answers as events.

    Both questions return whether a mandatory policy objects. `PolicyPackError` passes through.
    """

    def __init__(self, pack: PolicyPackProcess | None, events: Emitter) -> None:
        self._pack = pack
        self._events = events

    def resource(self, judged: Judged, inputs: Properties) -> bool:
        """Judge one resource by its inputs after the provider's check."""
        if self._pack is None:
            return False
        answer = self._pack.analyze(judged.shown(inputs))
        return self._report(self._pack, answer, judged.state.urn)

    def stack(self, resources: Iterable[Judged]) -> bool:
        """Judge the whole stack by its outputs."""
        if self._pack is None:
            return False
        shown = [judged.shown(judged.state.outputs) for judged in resources]
        return self._report(self._pack, self._pack.analyze_stack(shown), "")

    def _report(self, pack: PolicyPackProcess, answer: PolicyRun, urn: str) -> bool:
        for violation in answer.violations:
            self._events.policy_violation(urn or violation.urn, violation)
        self._events.policy_summary(urn, (pack.name, pack.version), answer.passed, answer.failed)
        return any(violation.mandatory for violation in answer.violations)


def _provider(state: ResourceState | None) -> AnalyzerProvider | None:
    if state is None:
        return None
    return AnalyzerProvider(
        urn=state.urn, type=state.type, name=name_of(state.urn), properties=state.inputs
    )
