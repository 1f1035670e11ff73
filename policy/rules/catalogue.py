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

Every rule of the policy pack: what it requires, why, and what to write instead. This page is
written from the rules by `python -m rules.catalogue > ../docs/policies.md` in `policy/`; a test
holds it to them.

## Using the pack

```sh
pulumi preview --policy-pack policy                        # with a Pulumi program
imagefleet policy check stack.json                         # with a file, see policy-check.md
imagefleet policy explain image-generalized                # one rule of this page, in the terminal
```

The pack judges any program that uses azure-native, with or without the components of this
repository: resources of the program, and those inside ARM templates and generic resources, whose
findings name their place: `template.resources[2] (Microsoft.Batch/batchAccounts/pools): ...`. What
it cannot look into is reported by `template-resources-checked`, `no-opaque-template` and
`not-covered`.

A *mandatory* rule that is not met stops the deployment, an *advisory* one is shown. Severity says
how much harm is done and stops nothing. D-numbers are the sentences of Microsoft's document on
custom-image pools, China edition, listed in [document-ledger.md](document-ledger.md); a rule
without one is ours.

## Reading a report

Each finding says where, what is there and what has to be there:

```text
osState is Specialized; needed: Generalized.
Remedy: Make a new definition with osState Generalized and put generalized sources into it; ...
(D37, D38, docs/policies.md#image-generalized)
```

A rule answers *pass*, *fail*, *undecided*, *not applicable* or *waived*.

- **Undecided** is never a pass. A value that is known only after deployment (*unknown*) or
  something outside the stack (*external*) leaves a rule open. `undecided` lists mandatory rules
  that an unknown value leaves open, and refuses the deployment where you configure it as
  mandatory; `undecided-noted` lists all other open questions, one for each property.
- **A property of the wrong kind** (a text where a list belongs) fails: what cannot be understood
  is no pass.
- **A rule that breaks** by a fault of its own is undecided and stops no deployment, whatever its
  level; `rules-sound` names rule and resource.
- **At most 50 findings** of a rule are shown, and how many more there are.
- **No value of a property is shown** unless it is a word of Azure's (an enumeration, region, VM
  size, role or image of a catalogue), a number or a day: a rule cannot tell a secret from a name.
  Resources are called by their logical names. Numbers are shown, secret or not.

## Configuring it

A policy configuration file (`--policy-pack-config`, or `--config` of `imagefleet policy check`)
sets levels and the settings that the sections below name:

```json
{"undecided": {"enforcementLevel": "mandatory"},
 "image-protect": {"enforcementLevel": "disabled"},
 "pack-settings": {"enforcementLevel": "mandatory", "edition": "global"}}
```

Always write a level with every entry. The engine passes over rules and settings that it does not
know; `imagefleet policy check-config FILE` finds them.

`edition` is `china` (the document) or `global` (the global text of 2024), which differ in this:

- **Trusted Launch, confidential machines, own UEFI keys.** china refuses them:
  NO_TRUSTED_LAUNCH. global allows them where the whole line of an image has the type
  ([image-security-type-agrees](#image-security-type-agrees)), and notes types that promise less
  ([image-trusted-launch-supported](#image-trusted-launch-supported)). It still refuses a builder
  whose disk is confidential. Any type of Azure's is a stated one there: STATED.
- **Purchase plans.** china refuses them ([image-no-purchase-plan](#image-no-purchase-plan),
  [builder-no-plan](#builder-no-plan)), global notes them
  ([image-purchase-plan-noted](#image-purchase-plan-noted),
  [builder-licence-noted](#builder-licence-noted)).
- **Confidential encryption of a version's OS disk.** china refuses it
  ([version-os-disk-unencrypted](#version-os-disk-unencrypted)), global notes it
  ([version-os-disk-platform-key](#version-os-disk-platform-key)).

## Accepting a finding for a time

A file of exemptions, named by the setting `exemptions` of `pack-settings` or by `--exemptions`:

```yaml
- rule: snapshot-full
  resource: "*::legacy-*"     # a URN or logical name; * and ? are wildcards
  owner: images team
  reason: replaced with the new builder in March
  ticket: OPS-12
  expires: 2027-03-31         # the last day
```

While it holds, the finding is not reported; `exemptions` lists it with the days left, and warns in
its last 14 days. After that the finding is back and says so. `exemptions` also lists entries that
waive nothing or name no rule. The reason has 15 characters or more. An entry that is not complete
waives nothing: `pack-settings` fails, and `imagefleet policy check --exemptions` ends with exit
code 2. These rules cannot be waived: NEVER.

## All rules
"""
_NO_TRUSTED_LAUNCH = (
    "image-no-trusted-launch",
    "snapshot-no-trusted-launch",
    "builder-no-trusted-launch",
    "builder-no-confidential-disk",
    "pool-no-trusted-launch",
    "version-no-uefi-keys",
)
_STATED = ("image-security-type-explicit", "image-security-type-gen")


def render(rules: Sequence[Rule | StackRule]) -> str:
    """Return the page: a table of all rules, then one section for each, headed by its id."""
    table = ["| rule | level | severity | requirement |", "|---|---|---|---|"]
    table += [
        f"| [{rule.id}](#{rule.id}) | {rule.level.value} | {rule.severity.value} | {rule.summary} |"
        for rule in rules
    ]
    head = _HEAD.replace("NEVER", _linked(sorted(NEVER_WAIVED)))
    head = head.replace("NO_TRUSTED_LAUNCH", _linked(_NO_TRUSTED_LAUNCH))
    head = head.replace("STATED", _linked(_STATED))
    return "\n".join([head, *table, "", *(_section(rule) for rule in rules)])


def _linked(names: Sequence[str]) -> str:
    return ", ".join(f"[{name}](#{name})" for name in names)


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
