"""What differs between the inputs of a resource before and after, property by property.

It is worked out from the inputs alone, so that every source of a change says it in the same way.
Inputs are compared as they are and shown without secrets: a changed credential is a change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagefleet.review.redaction import SECRET, UNKNOWN, redacted

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

    `before` and `after` are the inputs with their secrets. `named` are the paths that the engine
    names: of a secret that the events hide, and of all below it, only the engine knows that it
    changes. `forced` are the paths or names that force a replacement.
    """
    if before is None or after is None:
        return ()
    if before == after and not named:
        return ()
    shown = redacted(after)
    sides = _Side(raw=before, shown=redacted(before)), _Side(raw=after, shown=shown)
    found = {path: (kind, one, other) for path, kind, one, other in _compared(*sides, "")}
    for path in named:
        hidden = _secret_at(shown, path)
        if hidden is not None:
            found.setdefault(hidden, ("update", SECRET, SECRET))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A value as it is, to be compared, and as it may be shown; `ABSENT` for none."""

    raw: Any
    shown: Any

    def at(self, key: Any) -> _Side:
        """Return the side of a part, by its name or position."""
        try:
            return _Side(raw=self.raw[key], shown=self.shown[key])
        except LookupError:
            return _Side(raw=ABSENT, shown=ABSENT)

    def both(self, kind: type) -> bool:
        """Whether the value is of a kind and may be looked into."""
        return isinstance(self.raw, kind) and isinstance(self.shown, kind)


def _compared(before: _Side, after: _Side, path: str) -> Iterator[tuple[str, str, Any, Any]]:
    if before.both(Mapping) and after.both(Mapping):
        for name in sorted({*before.raw, *after.raw}):
            yield from _compared(before.at(name), after.at(name), _below(path, name))
    elif before.both(list) and after.both(list):
        for index in range(max(len(before.raw), len(after.raw))):
            yield from _compared(before.at(index), after.at(index), f"{path}[{index}]")
    elif before.raw is ABSENT:
        yield path, "add", before.shown, after.shown
    elif after.raw is ABSENT:
        yield path, "delete", before.shown, after.shown
    elif before.raw != after.raw:
        one, other = before.shown, after.shown
        yield path, "update", _beside(one, other), _beside(other, one)


def _beside(value: Any, other: Any) -> Any:
    """Return a value as it may be shown beside another: what was or becomes secret is hidden."""
    return SECRET if other == SECRET and value not in (None, "", UNKNOWN) else value


def _below(path: str, name: str) -> str:
    if not _PLAIN.fullmatch(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{name}" if path else name


def _secret_at(value: Any, path: str) -> str | None:
    """Return the path of the secret that a path leads to or into, None where it leads to none."""
    for part in re.finditer(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)', path):
        quoted, index, name = part.groups()
        if isinstance(value, Mapping):
            value = value.get(name or re.sub(r"\\(.)", r"\1", quoted or ""))
        elif isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
        if value == SECRET:
            return path[: part.end()]
    return None
