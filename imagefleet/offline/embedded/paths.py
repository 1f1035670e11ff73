"""Property paths as Pulumi writes them, such as `a.b[0]["c.d"]` or `tags[*]`."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from imagefleet.offline.model import Difference, DiffKind
from imagefleet.offline.values import Properties, Secret

Key = str | int
_TOKEN = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]')

_REPLACING: dict[DiffKind, DiffKind] = {
    "add": "add-replace",
    "delete": "delete-replace",
    "update": "update-replace",
}
_INVERSE: dict[DiffKind, DiffKind] = {
    "add": "delete",
    "delete": "add",
    "add-replace": "delete-replace",
    "delete-replace": "add-replace",
}


@cache
def parse(path: str) -> tuple[Key, ...]:
    """Return the keys and indexes of a path; `*` stands for any."""
    keys: list[Key] = []
    for name, index, quoted, star in _TOKEN.findall(path):
        keys.append(int(index) if index else name or star or quoted.replace('\\"', '"'))
    return tuple(keys)


def contains(path: Sequence[Key], other: Sequence[Key]) -> bool:
    """Whether `other` is at or below `path`."""
    return len(path) <= len(other) and all(
        one in ("*", two) for one, two in zip(path, other, strict=False)
    )


def with_replacements(found: Difference, replace_on_changes: Sequence[str]) -> Difference:
    """Return a difference in which the changes below these paths force a replacement."""
    if not found.changes or not replace_on_changes:
        return found
    asked = [parse(path) for path in replace_on_changes]

    def forced(path: str) -> bool:
        return any(contains(one, parse(path)) for one in asked)

    detailed = {
        path: _REPLACING.get(kind, kind) if forced(path) else kind
        for path, kind in found.detailed.items()
    }
    keys = {*found.replaces, *(key for key in found.diffs if forced(key))}
    return Difference(
        changes=True,
        detailed=detailed,
        diffs=found.diffs,
        replaces=tuple(sorted(keys)),
        delete_before_replace=found.delete_before_replace,
    )


def replaces(found: Difference) -> bool:
    """Whether a difference asks for a replacement."""
    return bool(found.replaces) or any(
        kind.endswith("-replace") for kind in found.detailed.values()
    )


def inverted(found: Difference) -> Difference:
    """Return a difference seen from the other side: what is added there is deleted here."""
    return Difference(
        changes=found.changes,
        detailed={path: _INVERSE.get(kind, kind) for path, kind in found.detailed.items()},
        diffs=found.diffs,
        replaces=found.replaces,
        delete_before_replace=found.delete_before_replace,
    )


def with_ignored(
    inputs: Properties, old_inputs: Properties, ignored: Sequence[str]
) -> tuple[Properties, list[str]]:
    """Return inputs with the old value at each ignored path, and the paths that had no place.

    A path that the old inputs lack is taken out of the new ones.
    """
    if not ignored:
        return inputs, []
    changed = copy.deepcopy(inputs)
    lost = [path for path in ignored if not _reset(changed, old_inputs, parse(path))]
    return changed, lost


def _reset(new: Any, old: Any, keys: Sequence[Key]) -> bool:
    if not keys:
        return False
    key, rest = keys[0], keys[1:]
    new, old = _bare(new), _bare(old)
    if key == "*":
        # Every key is to be reset, so the answers are collected before they are judged.
        done = [_reset(new, old, [one, *rest]) for one in _keys(new, old)]
        return all(done)
    if rest:
        return _reset_below(new, old, key, rest)
    if isinstance(new, dict) and isinstance(key, str):
        if isinstance(old, dict) and key in old:
            new[key] = old[key]
        else:
            new.pop(key, None)
        return True
    in_both = isinstance(key, int) and _has(new, key) and _has(old, key)
    if in_both:
        new[key] = old[key]
    return in_both


def _reset_below(new: Any, old: Any, key: Key, rest: Sequence[Key]) -> bool:
    if not _has(new, key):
        return not _has(old, key)
    return _reset(new[key], old[key] if _has(old, key) else {}, rest)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value


def _has(value: Any, key: Key) -> bool:
    if isinstance(value, dict):
        return key in value
    return isinstance(value, list) and isinstance(key, int) and key < len(value)


def _keys(new: Any, old: Any) -> list[Key]:
    if isinstance(new, dict):
        return [*new, *(key for key in (old if isinstance(old, dict) else ()) if key not in new)]
    return list(range(len(new))) if isinstance(new, list) else []
