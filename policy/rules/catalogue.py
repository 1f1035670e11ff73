"""docs/policies.md, written from the rules: `python -m rules.catalogue` in the pack's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rules import ALL_RULES, Rule, StackRule
from rules.exemptions import NEVER_WAIVED
from rules.verdicts import Sample

_HEAD = """\
# Policies

Every rule of the policy pack, in the order of the pack. This page is written from the rules by
`python -m rules.catalogue > ../docs/policies.md` in `policy/`; a test holds it to them.

A rule answers *pass*, *fail*, *undecided* or *not applicable*. A value that is known only after
deployment makes it undecided, never passed: `undecided` and `undecided-noted` list such answers.
A property of the wrong kind fails. A rule that breaks by a fault of its own fails too, with its
id and the resource, so that nothing is deployed unjudged; lower its level in the stack's policy
configuration to go on without it.

Levels can be changed per stack with a policy configuration file (`--policy-pack-config`); always
write a level with every entry, for example
`{"undecided": {"enforcementLevel": "mandatory"}}`. D-numbers are the sentences of Microsoft's
document on custom-image pools, China edition, whose reading the rules follow. The setting
`edition` of `pack-settings` chooses the global text where the two differ.

Resources inside ARM templates and generic resources are judged by the same rules; a finding about
one names its place: `template.resources[2] (Microsoft.Batch/batchAccounts/pools p): ...`.

A finding that is accepted for a time goes into a file of exemptions, named by the setting
`exemptions` of `pack-settings`: a list of entries with `rule`, `resource` (a URN or logical name,
`*` and `?` as wildcards), `owner`, `reason` (15 characters or more), `ticket` and `expires` (the
last day). While it holds, the finding is not reported but listed by `exemptions` with the days
left; after it the finding is back and says so. An entry that is not complete waives nothing. These
rules cannot be waived: NEVER.
"""


def render(rules: Sequence[Rule | StackRule]) -> str:
    """Return the page: a table of all rules, then one section for each, headed by its id."""
    table = ["| rule | level | severity | requirement |", "|---|---|---|---|"]
    table += [
        f"| [{rule.id}](#{rule.id}) | {rule.level.value} | {rule.severity.value} | {rule.summary} |"
        for rule in rules
    ]
    head = _HEAD.replace("NEVER", ", ".join(f"`{rule}`" for rule in sorted(NEVER_WAIVED)))
    return "\n".join([head, *table, "", *(_section(rule) for rule in rules)])


def _section(rule: Rule | StackRule) -> str:
    scope = "a resource among its stack" if isinstance(rule, StackRule) else "a single resource"
    types = ", ".join(f"`{kind}`" for kind in sorted(rule.types)) if rule.types else "every type"
    facts = [
        f"Level {rule.level.value}, severity {rule.severity.value}; judges {scope}; {types}.",
        f"Source: {', '.join(rule.sentences)}." if rule.sentences else "Source: ours.",
    ]
    parts = [
        f"## {rule.id}",
        rule.summary,
        " ".join(facts),
        f"**Why.** {rule.why}",
        f"**Remedy.** {rule.remedy}",
    ]
    parts += [
        f"**Setting `{option.name}`** ({option.schema['type']}, default "
        f"`{json.dumps(option.default)}`): {option.schema['description']}"
        for option in rule.options
    ]
    parts += _examples("Passes", rule.good) + _examples("Fails", rule.bad)
    return "\n\n".join(parts) + "\n"


def _examples(title: str, samples: Sequence[Sample]) -> list[str]:
    if not samples:
        return []
    lines = ",\n".join(json.dumps(_example(sample)) for sample in samples)
    return [f"{title}:\n\n```json\n{lines}\n```"]


def _example(sample: Sample) -> dict[str, Any]:
    """Return a sample in the form that `imagefleet policy check` reads."""
    resource: dict[str, Any] = {"type": sample.type, "name": sample.name, "props": sample.props}
    depends = {"propertyDependencies": sample.depends} if sample.depends else {}
    options = {"options": {"provider": sample.provider}} if sample.provider else {}
    return resource | depends | options


def as_json(rules: Sequence[Rule | StackRule]) -> str:
    """Return what no policy engine hands on: why, types, defaults of settings, examples."""
    described = [
        {
            "id": rule.id,
            "why": rule.why,
            "types": sorted(rule.types) if rule.types else None,
            "settings": {option.name: option.default for option in rule.options},
            "good": [_example(sample) for sample in rule.good],
            "bad": [_example(sample) for sample in rule.bad],
        }
        for rule in rules
    ]
    return json.dumps({"rules": described}, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_json(ALL_RULES) if "--json" in sys.argv[1:] else render(ALL_RULES))
