"""Faults in a policy configuration file, which the engine would mostly pass over in silence.

The engine ignores rules that no pack has and settings that no rule has: a misspelt level or
setting then changes nothing, and nobody is told.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from imagefleet.domain.judgements import RuleFacts

LEVELS = ("advisory", "mandatory", "disabled")
_LEVEL = "enforcementLevel"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One fault. `usable`: the engine reads the entry, and as it was probably meant."""

    text: str
    usable: bool = False

    def __str__(self) -> str:
        return self.text


def config_faults(config: object, rules: Mapping[str, RuleFacts]) -> tuple[ConfigFault, ...]:
    """Return every fault of a policy configuration, given as its JSON value."""
    if not isinstance(config, Mapping):
        return (ConfigFault("must be an object of rules, each with a level or an object"),)
    return tuple(fault for key, entry in config.items() for fault in _entry(key, entry, rules))


def _entry(key: str, entry: object, rules: Mapping[str, RuleFacts]) -> Iterator[ConfigFault]:
    if key == "environments":
        if not (isinstance(entry, list) and all(isinstance(item, str) for item in entry)):
            yield ConfigFault("environments: must be a list of names of Pulumi ESC environments")
        return
    if key != "all" and key not in rules:
        yield ConfigFault(f"{key}: no rule of the pack{_near(key, [*rules, 'all'])}")
        return
    if isinstance(entry, str):
        yield from _level(key, entry)
    elif isinstance(entry, Mapping):
        if _LEVEL in entry:
            yield from _level(key, entry[_LEVEL])
        else:
            text = f"{key}: no {_LEVEL}; add one of {', '.join(LEVELS)}"
            yield ConfigFault(text, usable=key != "all")
        settings = {name: value for name, value in entry.items() if name != _LEVEL}
        yield from _settings(key, settings, rules[key].settings if key in rules else {})
    else:
        yield ConfigFault(f"{key}: must be a level ({', '.join(LEVELS)}) or an object")


def _level(key: str, level: object) -> Iterator[ConfigFault]:
    if level == "remediate":
        yield ConfigFault(f"{key}: level 'remediate': no rule of the pack changes resources")
    elif level not in LEVELS:
        shown = f"'{level}'" if isinstance(level, str) else "of another kind than text"
        near = _near(str(level).casefold(), LEVELS)
        yield ConfigFault(f"{key}: level {shown} is none of {', '.join(LEVELS)}{near}")


def _settings(
    key: str, settings: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[ConfigFault]:
    for name, value in settings.items():
        if name in schemas:
            for error in Draft202012Validator(schemas[name]).iter_errors(value):
                place = f"{key}.{name}{error.json_path.removeprefix('$')}"
                yield ConfigFault(f"{place}: {error.message[:_LONGEST]}")
        elif key == "all":
            yield ConfigFault(f"all.{name}: 'all' sets a level and no settings")
        else:
            known = _near(name, [*schemas, _LEVEL]) or (
                f"; it has {', '.join(schemas)}" if schemas else "; it has none"
            )
            yield ConfigFault(f"{key}.{name}: no setting of the rule{known}")


def _near(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
