"""Values in ARM templates: literals stay, expressions are unknown unless they name a literal.

An expression is a text in square brackets; `[[` at its start stands for a bracket. Only a plain
`[parameters('x')]` or `[variables('x')]` is followed, to a value that is written down; whatever
would have to be computed is `UNKNOWN`, as a value of the engine that is not known yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.canonical import UNKNOWN, UNKNOWN_TEXTS

_REFERENCE = re.compile(r"\[\s*(parameters|variables)\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)
# A template deeper or larger than this is nobody's; what lies beyond is taken for unknown, so that
# variables made of each other end somewhere.
_DEEPEST = 100
_MOST_VALUES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What `parameters()` and `variables()` give in a template, by name in lower case."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    counter: list[int] = field(default_factory=lambda: [0])

    def value(self, raw: Any, depth: int = 0) -> Any:
        """Return `raw` with every expression in it replaced by its value, or by `UNKNOWN`."""
        self.counter[0] += 1
        if depth > _DEEPEST or self.counter[0] > _MOST_VALUES:
            return UNKNOWN
        if isinstance(raw, str):
            return self._text(raw, depth)
        if isinstance(raw, Mapping):
            plain = {key: self.value(item, depth + 1) for key, item in raw.items()}
            return _with_loops(plain)
        if isinstance(raw, list | tuple):
            return [self.value(item, depth + 1) for item in raw]
        return raw

    def _text(self, raw: str, depth: int) -> Any:
        if raw in UNKNOWN_TEXTS:
            return UNKNOWN
        if not (raw.startswith("[") and raw.endswith("]")):
            return raw
        if raw.startswith("[["):
            return raw[1:]
        match = _REFERENCE.fullmatch(raw)
        if match is None:
            return UNKNOWN
        of_parameter = match[1].casefold() == "parameters"
        known = self.parameters if of_parameter else self.variables
        if match[2].casefold() not in known:
            return UNKNOWN
        found = known[match[2].casefold()]
        # Parameters are values already; a variable may be made of expressions.
        return found if of_parameter else self.value(found, depth + 1)


def _with_loops(plain: dict[str, Any]) -> dict[str, Any]:
    """Mark properties that a `copy` list makes: how many items there will be is not known."""
    loops = plain.get("copy")
    if not isinstance(loops, list):
        return plain
    made = {
        loop["name"]: UNKNOWN
        for loop in loops
        if isinstance(loop, Mapping) and isinstance(loop.get("name"), str) and "input" in loop
    }
    return {key: item for key, item in plain.items() if key != "copy"} | made


def scope_of(template: Mapping[str, Any], given: Any) -> Scope:
    """Return the scope of a template, with the parameter values `given` over its defaults.

    `given` is the `parameters` object of a deployment, its values known or `UNKNOWN`.
    """
    declared = template.get("parameters")
    parameters: dict[str, Any] = {}
    empty = Scope()
    for name, entry in declared.items() if isinstance(declared, Mapping) else ():
        default = entry.get("defaultValue") if isinstance(entry, Mapping) else None
        parameters[str(name).casefold()] = UNKNOWN if default is None else empty.value(default)
    if given is UNKNOWN:
        parameters = dict.fromkeys(parameters, UNKNOWN)
    for name, entry in given.items() if isinstance(given, Mapping) else ():
        known = isinstance(entry, Mapping) and entry.get("value") is not None
        parameters[str(name).casefold()] = entry["value"] if known else UNKNOWN
    variables = template.get("variables")
    return Scope(
        parameters=parameters,
        variables={str(name).casefold(): item for name, item in variables.items()}
        if isinstance(variables, Mapping)
        else {},
    )
