"""The file of `--faults`: every mistake in it at once, each with its key and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.faults.plan import FORMER_KINDS, KINDS, OPERATIONS, Fault, FaultPlan
from imagefleet.offline.services import registry
from imagefleet.offline.wording import unknown
from imagefleet.stack_yaml import StackFileError, read_mapping

_COMMON: Mapping[str, type] = {
    "kind": str,
    "operation": str,
    "type": str,
    "resource": str,
    "times": int,
    "after": int,
    "chance": float,
}
_FILE = ("seed", "faults")
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a mapping of property paths to values",
}


class FaultFileError(WorkspaceError):
    """A file of faults that cannot be used, with every mistake in it."""


def read_plan(path: Path) -> FaultPlan:
    """Return the plan in a YAML or JSON file; raises `FaultFileError` with every mistake."""
    try:
        return parse_plan(read_mapping(path), where=str(path))
    except StackFileError as error:
        lines = (f"{each.line}:{each.column}: {each.message}" for each in error.faults)
        raise _unusable(str(path), lines) from None


def parse_plan(document: Mapping[str, Any], *, where: str = "faults") -> FaultPlan:
    """Return the plan that plain values describe; raises `FaultFileError` with every mistake."""
    mistakes = [f"{key}: {unknown(key, _FILE)}" for key in document if key not in _FILE]
    seed = document.get("seed", 0)
    if not _is(seed, int):
        mistakes.append(f"seed: must be {_WORDS[int]}, got {seed!r}")
    listed = document.get("faults")
    if not isinstance(listed, list) or not listed:
        mistakes.append("faults: must be a list of at least one fault")
        listed = []
    faults = [_fault(item, f"faults[{index}]", mistakes) for index, item in enumerate(listed)]
    if mistakes:
        raise _unusable(where, mistakes)
    return FaultPlan(faults=tuple(fault for fault in faults if fault is not None), seed=seed)


def _fault(item: object, where: str, mistakes: list[str]) -> Fault | None:
    if not isinstance(item, dict) or "kind" not in item:
        mistakes.append(f"{where}: must be a mapping with a 'kind', one of {', '.join(KINDS)}")
        return None
    kind = item["kind"]
    if not isinstance(kind, str):
        mistakes.append(f"{where}.kind: must be a text, got {kind!r}")
        return None
    if kind in FORMER_KINDS:
        told = f"quotas are told with --outside FILE: {FORMER_KINDS[kind]}"
        mistakes.append(f"{where}.kind: '{kind}' is no fault any more; {told}")
        return None
    if kind not in KINDS:
        mistakes.append(f"{where}.kind: {unknown(kind, KINDS)}")
        return None
    allowed = {**_COMMON, **KINDS[kind].keys}
    before = len(mistakes)
    for key, value in item.items():
        if key not in allowed:
            mistakes.append(f"{where}.{key}: {unknown(key, allowed)}")
        elif not _is(value, allowed[key]):
            mistakes.append(f"{where}.{key}: must be {_WORDS[allowed[key]]}, got {value!r}")
    missing = sorted(KINDS[kind].required - item.keys())
    mistakes += [f"{where}.{key}: is missing; {kind} cannot do without it" for key in missing]
    if len(mistakes) == before:
        mistakes += [f"{where}.{text}" for text in _wrong_values(kind, item)]
    if len(mistakes) > before:
        return None
    common = {key: item[key] for key in _COMMON if key in item}
    options = {key: value for key, value in item.items() if key not in _COMMON}
    return Fault(**common, options=options)


def _wrong_values(kind: str, item: Mapping[str, Any]) -> Iterable[str]:
    operations = KINDS[kind].operations
    operation = item.get("operation", "any")
    if operation not in ("any", *operations):
        if operation in OPERATIONS:
            yield f"operation: {kind} only meets {', '.join(operations)}, got '{operation}'"
        else:
            yield f"operation: {unknown(operation, ('any', *operations))}"
    pattern = item.get("type", "*")
    known = [f"{each.module}:{each.name}" for each in registry.TYPES]
    if not any(char in pattern for char in "*?[") and pattern not in known:
        yield f"type: {unknown(pattern, known)}"
    for key in item:
        if _is(item[key], float) and item[key] < 0:
            yield f"{key}: must not be negative, got {item[key]}"
    if item.get("chance", 1) > 1:
        yield f"chance: must be 0 to 1, got {item['chance']}"
    if kind == "changedBehind" and ("set" in item) == bool(item.get("remove")):
        yield "set: changedBehind needs either set or remove: true"
    if kind == "slow" and not ("seconds" in item or "minutes" in item):
        yield "seconds: slow needs seconds (real ones) or minutes (on the simulated clock)"


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


def _unusable(where: str, mistakes: Iterable[str]) -> FaultFileError:
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    return FaultFileError(f"{where} is no usable plan of faults:\n{lines}")
