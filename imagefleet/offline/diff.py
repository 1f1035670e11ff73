"""azure-native's `Diff`: a diff of inputs against inputs, and what forces a replacement.

Path parameters and the declared `force_new` properties force one; then the old resource is
deleted first, unless azure-native made its name up. Changes elsewhere are updates in place,
whatever the service will say to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imagefleet.offline.check import CREATE_BEFORE_DELETE
from imagefleet.offline.model import Difference, DiffKind
from imagefleet.offline.resource_types import ResourceType, region
from imagefleet.offline.values import Properties, holds_unknown

_REPLACING: Mapping[DiffKind, DiffKind] = {
    "add": "add-replace",
    "delete": "delete-replace",
    "update": "update-replace",
}
_STEP = re.compile(r"""\[(\d+|\*|"(?:[^"\\]|\\.)*")\]|([^.\[\]]+)""")
Path = tuple[str | int, ...]


def diff(
    kind: ResourceType,
    old_inputs: Properties,
    old_outputs: Properties,
    new_inputs: Properties,
    ignore_changes: Sequence[str] = (),
) -> Difference:
    """Return how `new_inputs` differ from `old_inputs`, an unknown counting as a change."""
    ignored = [_steps(path) for path in ignore_changes]
    detailed: dict[str, DiffKind] = {}
    changed: list[str] = []
    replaces: list[str] = []
    for path, found in _compared(old_inputs, new_inputs, ()):
        if any(_covers(prefix, path) for prefix in ignored):
            continue
        spelled = _spelled(path)
        kept = found == "add" and len(path) == 1 and _already(old_outputs, new_inputs, path[0])
        forces = _forces(kind, path) and not kept
        detailed[spelled] = _REPLACING[found] if forces else found
        if forces:
            replaces.append(spelled)
        if not kept:
            changed.append(spelled)
    if not changed:
        return Difference(changes=False)
    made_up = old_inputs.get(CREATE_BEFORE_DELETE) is True
    return Difference(
        changes=True,
        detailed=detailed,
        diffs=tuple(changed),
        replaces=tuple(replaces),
        delete_before_replace=bool(replaces) and not made_up,
    )


def _compared(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, DiffKind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _compared_objects(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compared_lists(old, new, path)
    elif old != new or holds_unknown(new):
        if path == ("location",) and region(old) == region(new):
            return
        yield path, "update"


def _compared_objects(
    old: Mapping[str, Any], new: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, DiffKind]]:
    for name in sorted({*old, *new}):
        if name.startswith("__"):
            continue
        at = (*path, name)
        if name not in old:
            yield at, "add"
        elif name not in new:
            yield at, "delete"
        else:
            yield from _compared(old[name], new[name], at)


def _compared_lists(old: list[Any], new: list[Any], path: Path) -> Iterator[tuple[Path, DiffKind]]:
    for index in range(max(len(old), len(new))):
        at = (*path, index)
        if index >= len(old):
            yield at, "add"
        elif index >= len(new):
            yield at, "delete"
        else:
            yield from _compared(old[index], new[index], at)


def _forces(kind: ResourceType, path: Path) -> bool:
    names = ".".join(str(step) for step in path if isinstance(step, str))
    return path[0] in kind.path_parameters or any(
        names == forced or names.startswith(f"{forced}.") for forced in kind.force_new
    )


def _already(old_outputs: Properties, new_inputs: Properties, name: str | int) -> bool:
    """Whether a property that is now written out has that value already, as a default."""
    return name in old_outputs and old_outputs[str(name)] == new_inputs[str(name)]


def _spelled(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w$-]+", step):
            text += f".{step}" if text else step
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


def _steps(text: str) -> Path:
    """Return the steps of a property path of `ignore_changes`, such as `tags["a.b"]`, `x[0].y`."""
    steps: list[str | int] = []
    for bracketed, name in _STEP.findall(text):
        if name:
            steps.append(name)
        elif bracketed.isdigit():
            steps.append(int(bracketed))
        else:
            steps.append(bracketed.strip('"').replace('\\"', '"').replace("\\\\", "\\"))
    return tuple(steps)


def _covers(prefix: Path, path: Path) -> bool:
    return len(prefix) <= len(path) and all(
        step in ("*", found) for step, found in zip(prefix, path, strict=False)
    )
