"""docs/policies.md, written from the rules: `python -m rules.catalogue` in the pack's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rules import ALL_RULES, Rule, StackRule
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
document on custom-image pools, China edition, whose reading the rules follow.
"""


def render(rules: Sequence[Rule | StackRule]) -> str:
    """Return the page: a table of all rules, then one section for each, headed by its id."""
    table = ["| rule | level | severity | requirement |", "|---|---|---|---|"]
    table += [
        f"| [{rule.id}](#{rule.id}) | {rule.level.value} | {rule.severity.value} | {rule.summary} |"
        for rule in rules
    ]
    return "\n".join([_HEAD, *table, "", *(_section(rule) for rule in rules)])


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
    resources = [
        {"type": sample.type, "name": sample.name, "props": sample.props}
        | ({"propertyDependencies": sample.depends} if sample.depends else {})
        for sample in samples
    ]
    lines = ",\n".join(json.dumps(resource) for resource in resources)
    return [f"{title}:\n\n```json\n{lines}\n```"]


if __name__ == "__main__":
    sys.stdout.write(render(ALL_RULES))
