"""One rehearsal from preview to steady pools, and its undoing, told step by step to an observer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from imagefleet.offline.clock import LONGEST_WAIT_MINUTES
from imagefleet.offline.engine import Engine, EngineEvent, EventSink
from imagefleet.offline.model import Azure, PoolProgress
from imagefleet.offline.report import Report

# How far one look at the pools moves the simulated clock.
STEP_MINUTES = 1.0


class Ending(Enum):
    """How a rehearsal ended."""

    DONE = "done"
    PREVIEWED = "previewed"
    DECLINED = "declined"
    REFUSED = "refused"
    NOT_STEADY = "not steady"


class Observer(Protocol):
    """Who is told what happens, while it happens."""

    def run_started(self, action: str) -> None:
        """`refresh`, `preview`, `up` or `destroy` begins."""
        ...

    def engine_event(self, event: EngineEvent, report: Report) -> None:
        """One event came in; `report` holds it already."""
        ...

    def run_ended(self, action: str, report: Report, *, succeeded: bool) -> None:
        """The run is over, and this is all that it said."""
        ...

    def pools_moved(self, pools: Sequence[PoolProgress]) -> None:
        """The simulated clock has moved, and nodes with it."""
        ...

    def pools_steady(self, pools: Sequence[PoolProgress]) -> None:
        """No pool moves any more, or the wait is over."""
        ...

    def refused(self, reasons: Sequence[str]) -> None:
        """Nothing was begun, for these reasons."""
        ...

    def outputs(self, outputs: dict[str, Any]) -> None:
        """The stack's outputs, secrets masked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """An engine, the simulated Azure behind it, and who watches.

    `record` is given every engine event, for `--events`.
    """

    engine: Engine
    azure: Azure
    observer: Observer
    record: EventSink | None = None

    def preview(self, *, confirm: Callable[[], bool], preview_only: bool = False) -> Ending | None:
        """Preview and ask whether to go on; return how it ended, None to go on.

        A preview that is refused, by a policy or by the simulated service, deploys nothing.
        """
        report, succeeded = self._run("preview", self.engine.preview)
        if not succeeded or report.refused_by_policy:
            return Ending.REFUSED
        if preview_only:
            return Ending.PREVIEWED
        return None if not report.changed or confirm() else Ending.DECLINED

    def refresh(self) -> bool:
        """Read every resource back into the state; return whether that succeeded.

        What was changed behind the program is told as drift, and the next preview undoes it.
        """
        _, succeeded = self._run("refresh", self.engine.refresh)
        return succeeded

    def bring_up(self) -> Ending:
        """Bring the fleet up as previewed, and wait until its pools are steady."""
        report, succeeded = self._run("up", self.engine.up)
        if not succeeded or report.refused_by_policy:
            return Ending.REFUSED
        pools = self._wait_for_steady_pools()
        self.observer.outputs(self.engine.outputs())
        return Ending.DONE if _healthy(pools) else Ending.NOT_STEADY

    def destroy(self, *, confirm: Callable[[int], bool]) -> Ending:
        """Delete everything the stack made, in the order its dependencies ask for.

        Nothing is deleted where something is protected: the engine would delete all the rest
        first and fail then, which leaves half a fleet behind. `confirm` is given the number of
        resources.
        """
        resources = self.engine.export()["deployment"].get("resources") or []
        protected = _names(each for each in resources if each.get("protect"))
        if protected:
            names = ", ".join(protected)
            advice = "set protect: false in the stack file and rehearse once, then destroy"
            self.observer.refused([f"protected: {names}", advice])
            return Ending.REFUSED
        if not confirm(sum(bool(each.get("custom")) for each in resources)):
            return Ending.DECLINED
        _, succeeded = self._run("destroy", self.engine.destroy)
        return Ending.DONE if succeeded else Ending.REFUSED

    def _run(self, action: str, run: Callable[[EventSink], bool]) -> tuple[Report, bool]:
        report = Report()

        def sink(event: EngineEvent) -> None:
            report.add(event)
            if self.record is not None:
                self.record(event)
            self.observer.engine_event(event, report)

        self.observer.run_started(action)
        succeeded = run(sink)
        self.observer.run_ended(action, report, succeeded=succeeded)
        return report, succeeded

    def _wait_for_steady_pools(self) -> Sequence[PoolProgress]:
        pools = self.azure.pools()
        waited = 0.0
        while not all(pool.steady for pool in pools) and waited < LONGEST_WAIT_MINUTES:
            self.observer.pools_moved(pools)
            self.azure.advance(STEP_MINUTES)
            waited += STEP_MINUTES
            pools = self.azure.pools()
        self.observer.pools_moved(pools)
        self.observer.pools_steady(pools)
        return pools


def _names(resources: Iterable[dict[str, Any]]) -> list[str]:
    return [each["urn"].rsplit("::", 1)[-1] for each in resources]


def _healthy(pools: Sequence[PoolProgress]) -> bool:
    return all(
        pool.steady and not pool.errors and not pool.unusable and pool.idle >= pool.target
        for pool in pools
    )
