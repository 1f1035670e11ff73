"""What differs between the inputs of a resource before and after, property by property.

It is worked out from the inputs alone, so that every source of a change says it in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagefleet.review.redaction import SECRET

_PLAIN = re.compile(r"[\w$-]+")
ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyDiff:
    """One property: its path (`a.b[0].c`), `add`, `delete` or `update`, values without secrets."""

    path: str
    kind: str
    before: Any
    after: Any
    forces_replacement: bool = False

    @property
    def top(self) -> str:
        """The resource's own property that the path starts with."""
        return top_of(self.path)


def top_of(path: str) -> str:
    """Return the first name of a property path."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def property_diffs(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    named: Collection[str] = (),
    forced: Collection[str] = (),
) -> tuple[PropertyDiff, ...]:
    """Return the differences in the order of their paths; none where either side is missing.

    `named` are the paths that the engine names: of a secret both sides look alike, and only the
    engine knows that it changes. `forced` are the paths or names that force a replacement.
    """
    if before is None or after is None:
        return ()
    found = {path: (kind, one, other) for path, kind, one, other in _compared(before, after, "")}
    for path in named:
        value = _at(after, path)
        if path not in found and value == SECRET:
            found[path] = ("update", SECRET, SECRET)
    tops = {top_of(path) for path in forced}
    return tuple(
        PropertyDiff(
            path=path,
            kind=kind,
            before=None if one is ABSENT else one,
            after=None if other is ABSENT else other,
            forces_replacement=top_of(path) in tops,
        )
        for path, (kind, one, other) in sorted(found.items())
    )


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every plain value below `value` with its path; what is empty is a value itself."""
    if isinstance(value, Mapping) and value:
        for name in sorted(value):
            yield from leaves(value[name], _below(path, name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def _compared(before: Any, after: Any, path: str) -> Iterator[tuple[str, str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            pair = before.get(name, ABSENT), after.get(name, ABSENT)
            yield from _compared(*pair, _below(path, name))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            one = before[index] if index < len(before) else ABSENT
            other = after[index] if index < len(after) else ABSENT
            yield from _compared(one, other, f"{path}[{index}]")
    elif before is ABSENT:
        yield path, "add", before, after
    elif after is ABSENT:
        yield path, "delete", before, after
    elif before != after:
        yield path, "update", before, after


def _below(path: str, name: str) -> str:
    if not _PLAIN.fullmatch(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{name}" if path else name


def _at(value: Any, path: str) -> Any:
    for part in re.findall(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)', path):
        quoted, index, name = part
        if isinstance(value, Mapping):
            value = value.get(name or quoted)
        elif isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    return value
