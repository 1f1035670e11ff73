"""What `imagefleet policy check` judges: a deployment file, or a plain list of resources.

Both forms become resources as the engine shows them to a policy pack. What is wrong with a file
is told in one error, every fault with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagefleet.domain.judgements import SourcePlace
from imagefleet.offline.json_file import PolicyInputError, read_json, refusal
from imagefleet.offline.pack_wire import AnalyzerResource
from imagefleet.offline.values import Properties

__all__ = ["InputFaults", "InputResource", "PolicyInput", "PolicyInputError", "read_input"]

_FORMS = (
    "it must be what `pulumi stack export` writes, or "
    '{"resources": [{"type": ..., "name": ..., "props": {...}}]}'
)
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


def read_input(path: Path) -> PolicyInput:
    """Return the resources in `path` (`-` for standard input); raises `PolicyInputError`."""
    from imagefleet.offline import policy_deployment, policy_resources

    document = read_json(path)
    name = str(path)
    try:
        if not isinstance(document, Mapping):
            raise refusal(name, f"holds no JSON object; {_FORMS}")
        deployment = _deployment(document)
        if deployment is not None:
            return policy_deployment.read(deployment, InputFaults(name))
        if "resources" in document:
            return policy_resources.read(document, InputFaults(name))
    except RecursionError:
        raise refusal(name, "is nested too deeply to be judged") from None
    raise refusal(name, f"{_hint(document)}; {_FORMS}")


def _deployment(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the deployment in an exported file, or in the inner part of one."""
    inner = document.get("deployment")
    if isinstance(inner, Mapping) and ("manifest" in inner or "resources" in inner):
        return inner
    return document if "manifest" in document and "resources" in document else None


def _hint(document: Mapping[str, Any]) -> str:
    """Say what a file of another form seems to be."""
    if "checkpoint" in document:
        return "is a backend's checkpoint; write `pulumi stack export` to a file instead"
    if "steps" in document or "changeSummary" in document:
        return "is the output of `pulumi preview --json`, which lacks what rules read"
    if "deployment" in document:
        return "has a deployment without resources or manifest"
    return "has no key 'resources'"
