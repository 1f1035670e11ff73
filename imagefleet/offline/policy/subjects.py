"""The resources that policies are asked about, and the faults of the file they come from."""

from __future__ import annotations

from dataclasses import dataclass

from imagefleet.domain.judgements import SourcePlace
from imagefleet.offline.pack.wire import AnalyzerResource
from imagefleet.offline.policy.json_file import PolicyInputError
from imagefleet.offline.values import Properties

_MOST_FAULTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class InputResource:
    """One resource: `known` by its inputs; `outputs` None where they are the inputs.

    `shown` is its name in reports. `asked` is False for what the program only reads: the engine
    does not ask the rules for single resources about it.
    """

    shown: str
    known: AnalyzerResource
    outputs: Properties | None = None
    asked: bool = True
    place: SourcePlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInput:
    """The resources of one file, in its order, and the stack they belong to."""

    project: str
    stack: str
    resources: tuple[InputResource, ...]


class InputFaults:
    """The faults found in one file, raised as a single error."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[str] = []

    def add(self, place: str, problem: str) -> None:
        """Note what is wrong at a place of the file."""
        self._faults.append(f"{place} {problem}")

    def raise_any(self) -> None:
        """Raise `PolicyInputError` with every fault, if there is one."""
        if not self._faults:
            return
        shown = self._faults[:_MOST_FAULTS]
        if len(self._faults) > len(shown):
            shown.append(f"and {len(self._faults) - len(shown)} more faults")
        raise PolicyInputError("\n  ".join([f"{self._name} cannot be judged:", *shown]))
