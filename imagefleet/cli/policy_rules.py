"""`imagefleet policy list` and `explain`: the rules as the pack describes them."""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from imagefleet.domain.judgements import RuleFacts
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.pack.catalogue import RuleStory, find_pack, pack_rules, rule_story
from imagefleet.offline.pack.client import PolicyPackError
from imagefleet.review import shared_keys

_WIDTH = 80
_SCOPES = {
    "resource": "judges each resource by itself",
    "stack": "judges each resource among its stack",
    "program": "judges program source, with `imagefleet policy lint`",
}


def show_all(pack: Path | None, *, as_json: bool) -> None:
    """Print every rule of the pack, and the one that reads program source."""
    rules = _all_rules(find_pack(pack, Path.cwd()))
    if as_json:
        typer.echo(json.dumps({"rules": [_plain(rule) for rule in rules.values()]}, indent=2))
        return
    wide = max(len(rule) for rule in rules)
    for rule in rules.values():
        facts = f"{rule.id:{wide}}  {rule.level:9}  {rule.severity:8}  "
        typer.echo(f"{facts}{' '.join(rule.sentences)}".rstrip())
        typer.echo("\n".join(_wrapped(rule.summary, 4)))
    typer.echo(f"\n{len(rules)} rules; `imagefleet policy explain RULE` tells more of one.")


def explain(name: str, pack: Path | None) -> None:
    """Print everything about one rule; `WorkspaceError` names the nearest for an unknown one."""
    pack_dir = find_pack(pack, Path.cwd())
    rules = _all_rules(pack_dir)
    if name not in rules:
        near = difflib.get_close_matches(name, rules, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? " if near else ""
        message = f"no rule '{name}'; {hint}`imagefleet policy list` shows them all"
        raise WorkspaceError(message)
    if name == shared_keys.RULE.id:
        story = RuleStory(why=shared_keys.WHY)
        examples = [*_source("Passes", shared_keys.GOOD), *_source("Fails", shared_keys.BAD)]
    else:
        story = rule_story(pack_dir, name)
        examples = [*_resources("Passes", story.good), *_resources("Fails", story.bad)]
    typer.echo("\n".join([*_described(rules[name], story), *examples]))


def _all_rules(pack_dir: Path) -> dict[str, RuleFacts]:
    try:
        rules = pack_rules(pack_dir)
    except PolicyPackError as error:
        raise WorkspaceError(str(error)) from error
    return rules | {shared_keys.RULE.id: shared_keys.RULE}


def _plain(rule: RuleFacts) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "level": rule.level,
        "severity": rule.severity,
        "summary": rule.summary,
        "remedy": rule.remedy,
        "sentences": list(rule.sentences),
        "settings": dict(rule.settings),
    }


def _described(rule: RuleFacts, story: RuleStory) -> Iterator[str]:
    yield f"{rule.id} ({rule.level}, {rule.severity})"
    yield from _wrapped(_SCOPES.get(rule.kind, rule.kind), 2)
    source = ", ".join(rule.sentences) or "ours, no sentence of the document"
    parts = {
        "Requirement": rule.summary,
        "Why": story.why,
        "Remedy": rule.remedy,
        "Source": source,
    }
    for heading, text in parts.items():
        if text:
            yield from ("", heading, *_wrapped(text, 2))
    if rule.settings:
        yield from ("", "Settings")
    for name, schema in rule.settings.items():
        default = json.dumps(story.defaults.get(name, schema.get("default")))
        kind = json.dumps(schema["type"]) if "type" in schema else "any"
        words = f"{name} ({kind.replace(chr(34), '')}, default {default}): "
        yield from _wrapped(words + str(schema.get("description", "")), 2)


def _resources(heading: str, resources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if resources:
        yield from ("", f"{heading} (for `imagefleet policy check`)")
        yield textwrap.indent(json.dumps({"resources": list(resources)}, indent=2), "  ")


def _source(heading: str, source: str) -> Iterator[str]:
    yield from ("", heading, textwrap.indent(source.rstrip(), "  "))


def _wrapped(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
