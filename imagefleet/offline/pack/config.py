"""Policy configuration as the engine reads it: levels and settings per rule, layered.

The layers are the pack's own levels and defaults, its initial configuration, and the user's file,
in which `all` sets the level of every rule. Whether settings fit a rule's schema, and whether a
rule exists, is left to `imagefleet policy check-config`, as the engine lets unknown names pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("advisory", "mandatory", "disabled", "remediate")


class PolicyConfigError(ValueError):
    """A policy configuration that the engine would refuse; the text names rule and level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleConfig:
    """The level of a rule, None to leave it as it is, and its settings."""

    level: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


def parse(config: Mapping[str, Any]) -> dict[str, RuleConfig]:
    """Return the entries of a policy configuration file, given as its JSON object."""
    return {rule: _entry(rule, entry) for rule, entry in config.items() if rule != "environments"}


def _entry(rule: str, entry: object) -> RuleConfig:
    if isinstance(entry, str):
        return RuleConfig(level=_level(rule, entry))
    if not isinstance(entry, Mapping):
        text = f"policy configuration of {rule}: expected a level or an object, got {entry!r}"
        raise PolicyConfigError(text)
    properties = {key: value for key, value in entry.items() if key != "enforcementLevel"}
    level = _level(rule, entry["enforcementLevel"]) if "enforcementLevel" in entry else None
    return RuleConfig(level=level, properties=properties)


def _level(rule: str, level: object) -> str:
    if level not in LEVELS:
        text = f"policy configuration of {rule}: level {level!r} is not one of {', '.join(LEVELS)}"
        raise PolicyConfigError(text)
    return str(level)


def layered(
    defaults: Mapping[str, RuleConfig], *layers: Mapping[str, RuleConfig]
) -> dict[str, RuleConfig]:
    """Return `defaults` (one entry per rule of the pack, levels set) under each layer in turn."""
    result = dict(defaults)
    for layer in layers:
        everywhere = layer["all"].level if "all" in layer else None
        if everywhere:
            result = {
                rule: RuleConfig(level=everywhere, properties=entry.properties)
                for rule, entry in result.items()
            }
        for rule, entry in layer.items():
            if rule in result:
                under = result[rule]
                result[rule] = RuleConfig(
                    level=entry.level or under.level,
                    properties={**under.properties, **entry.properties},
                )
    return result
