"""Where the policy pack is, and what it tells of its rules without being asked about a stack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagefleet.domain.judgements import RuleFacts
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.pack.client import PolicyPackProcess, RuleInfo
from imagefleet.offline.pack.process import interpreter, read_settings

_PACK_FILE = "PulumiPolicy.yaml"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStory:
    """What only the pack's own catalogue tells of a rule; examples as policy input."""

    why: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    good: Sequence[Mapping[str, Any]] = ()
    bad: Sequence[Mapping[str, Any]] = ()


def find_pack(named: Path | None, start: Path) -> Path:
    """Return the folder of the pack: `named`, else the one of the project around `start`.

    Raises `WorkspaceError` where there is none.
    """
    if named is not None:
        if (named / _PACK_FILE).is_file():
            return named
        message = f"--pack {named} is no policy pack: {_PACK_FILE} is missing there"
        raise WorkspaceError(message)
    for folder in (start, *start.parents):
        for pack in (folder, folder / "policy"):
            if (pack / _PACK_FILE).is_file():
                return pack
    message = (
        f"no policy pack in {start} or a folder above it; the installed imagefleet brings none. "
        "Get the folder 'policy' of the imagefleet repository, install its requirements.txt, "
        "and name it with --pack DIR"
    )
    raise WorkspaceError(message)


def pack_rules(pack_dir: Path) -> dict[str, RuleFacts]:
    """Return the rules of a pack by id, at its own levels; raises `PolicyPackError`."""
    with PolicyPackProcess(
        pack_dir, project="policy", stack="check", dry_run=True, config={}
    ) as pack:
        return {name: rule_facts(rule) for name, rule in pack.rules.items()}


def rule_facts(rule: RuleInfo) -> RuleFacts:
    """Return what a pack says about a rule, in the words of reports."""
    return RuleFacts(
        id=rule.name,
        summary=rule.description,
        kind=rule.kind,
        level=rule.level,
        severity=rule.severity,
        sentences=rule.sentences,
        remedy=rule.remedy,
        url=rule.url,
        settings=rule.schema,
    )


def rule_story(pack_dir: Path, rule: str) -> RuleStory:
    """Return what the pack's catalogue tells of a rule; an empty story where it has none."""
    entry = _catalogue(pack_dir).get(rule)
    if entry is None:
        return RuleStory()
    return RuleStory(
        why=entry["why"], defaults=entry["settings"], good=entry["good"], bad=entry["bad"]
    )


def _catalogue(pack_dir: Path) -> dict[str, Any]:
    folder = pack_dir.resolve()
    command = [interpreter(read_settings(folder)), "-m", "rules.catalogue", "--json"]
    try:
        run = subprocess.run(  # noqa: S603 the pack's interpreter, in the pack's folder
            command, cwd=folder, capture_output=True, timeout=_SECONDS, check=True
        )
        return {rule["id"]: rule for rule in json.loads(run.stdout)["rules"]}
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return {}  # another pack: what GetAnalyzerInfo says is all there is
