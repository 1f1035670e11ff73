"""One check of a policy input: the pack's process is asked as the engine asks it.

Beside its answers the pack writes a record, one JSON line for each judgement, to the file that
`IMAGEFLEET_VERDICTS` names: the engine's protocol has no place for a verdict per resource of a
rule over the stack. Of a pack that writes none, the answers of the protocol are all there is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from imagefleet.domain.judgements import Result, Review, RuleFacts, Verdict
from imagefleet.offline.embedded.urns import ROOT_STACK_TYPE
from imagefleet.offline.pack.catalogue import rule_facts
from imagefleet.offline.pack.client import (
    AnalyzerResource,
    PolicyPackError,
    PolicyPackProcess,
    PolicyRun,
    Violation,
)
from imagefleet.offline.policy.record import read_record
from imagefleet.offline.policy.subjects import InputResource, PolicyInput

RECORD = "IMAGEFLEET_VERDICTS"
# The rule that carries the settings of our pack as a whole, and its setting for exemptions.
SETTINGS_RULE = "pack-settings"
EXEMPTIONS = "exemptions"

_ROOT = f"urn:pulumi:check::policy::{ROOT_STACK_TYPE}::stack"
_Key = tuple[str, str]  # rule id, URN


def check(
    policy_input: PolicyInput,
    pack_dir: Path,
    *,
    subject: str,
    policy_config: Mapping[str, Any] | None = None,
    exemptions: Path | None = None,
) -> Review:
    """Return the answer of every rule about every resource, in the order of rules, then file.

    Raises `PolicyPackError` for a pack that cannot be run or refuses the input, and
    `PolicyConfigError` for a configuration that the engine would refuse.
    """
    if not any(each.asked for each in policy_input.resources):
        policy_input = replace(policy_input, resources=(*policy_input.resources, _root()))
    with tempfile.TemporaryDirectory(prefix="imagefleet-") as folder:
        record = Path(folder) / "verdicts.jsonl"
        pack = PolicyPackProcess(
            pack_dir,
            project=policy_input.project,
            stack=policy_input.stack,
            dry_run=False,
            config={},
            policy_config=_with_exemptions(policy_config or {}, exemptions),
            environment={RECORD: str(record)},
        )
        with pack:
            if exemptions is not None and EXEMPTIONS not in _settings_of(pack, SETTINGS_RULE):
                message = f"policy pack {pack.name} knows no exemptions; leave --exemptions out"
                raise PolicyPackError(message)
            runs = _ask(pack, policy_input)
        facts = {name: rule_facts(rule) for name, rule in pack.rules.items()}
        answers = _Answers(policy_input, facts)
        recorded = read_record(record)
    if recorded:
        answers.take_record(recorded)
    answers.take_runs(runs, alone=not recorded)
    return Review(
        subject=subject,
        checker=pack.name,
        version=pack.version,
        rules=tuple(facts.values()),
        results=tuple(
            result
            for result in answers.in_order(fill=bool(recorded))
            if result.urn != _ROOT or result.verdict is Verdict.FAIL
        ),
    )


def _root() -> InputResource:
    """Return the resource of the stack itself, for an input in which nothing else can be asked.

    A rule about the pack's own settings answers on the first resource: there has to be one.
    """
    known = AnalyzerResource(urn=_ROOT, type=ROOT_STACK_TYPE, name="stack", properties={})
    return InputResource(shown="the stack", known=known)


def _with_exemptions(config: Mapping[str, Any], file: Path | None) -> Mapping[str, Any]:
    """Return the configuration with a file of exemptions in it, in place of one it names."""
    if file is None:
        return config
    entry = config.get(SETTINGS_RULE, {})
    entry = {"enforcementLevel": entry} if isinstance(entry, str) else entry
    return {**config, SETTINGS_RULE: {**entry, EXEMPTIONS: str(file.resolve())}}


def _settings_of(pack: PolicyPackProcess, rule: str) -> Mapping[str, Any]:
    info = pack.rules.get(rule)
    return info.schema if info is not None else {}


def _ask(pack: PolicyPackProcess, policy_input: PolicyInput) -> list[tuple[str, PolicyRun]]:
    """Return the pack's answers: about each resource by its URN, about the stack by ''."""
    runs = [
        (each.known.urn, pack.analyze(each.known)) for each in policy_input.resources if each.asked
    ]
    runs.append(("", pack.analyze_stack([_settled(each) for each in policy_input.resources])))
    return runs


def _settled(resource: InputResource) -> AnalyzerResource:
    """Return a resource by its outputs, as the engine shows the stack to a pack."""
    if resource.outputs is None:
        return resource.known
    return replace(resource.known, properties=resource.outputs)


class _Answers:
    """The results by rule and resource, collected from the record and from the protocol."""

    def __init__(self, policy_input: PolicyInput, rules: Mapping[str, RuleFacts]) -> None:
        self._rules = rules
        self._resources = {each.known.urn: each for each in policy_input.resources}
        self._found: dict[_Key, dict[tuple[str | None, ...], Result]] = {}

    def take_record(self, recorded: Iterable[Mapping[str, Any]]) -> None:
        """Take what the pack wrote down; lines about rules that are off say nothing."""
        for line in recorded:
            self._add(
                line["rule"],
                line["urn"],
                Verdict(line["verdict"]),
                path=_joined(line.get("inner"), line.get("path")),
                actual=_actual(line),
                needed=line.get("needed") or None,
                cause=_cause(line),
            )

    def take_runs(self, runs: Iterable[tuple[str, PolicyRun]], *, alone: bool) -> None:
        """Take the protocol's answers: all of them, or reports that the record lacks."""
        for urn, run in runs:
            for violation in run.violations:
                self._violation(urn or violation.urn, violation, alone=alone)
            if not alone:
                continue
            for rule, doubt in run.undecided.items():
                self._add(
                    rule,
                    urn,
                    Verdict.UNDECIDED,
                    path=doubt.path,
                    actual=doubt.detail,
                    cause=doubt.cause.value,
                )
            if urn:
                for rule in run.passed:
                    self._add(rule, urn, Verdict.PASS)
                for rule in run.not_applicable:
                    self._add(rule, urn, Verdict.NOT_APPLICABLE)

    def in_order(self, *, fill: bool) -> Iterator[Result]:
        """Yield the results; with `fill`, a rule without an answer was not about the resource."""
        for rule in self._rules.values():
            if rule.level == "disabled":
                continue
            for urn in ["", *self._resources]:
                results = self._found.get((rule.id, urn))
                if results:
                    yield from results.values()
                elif fill and urn:
                    yield self._result(rule, urn, Verdict.NOT_APPLICABLE)

    def _violation(self, urn: str, violation: Violation, *, alone: bool) -> None:
        # "n more findings are not shown" is about the stack as a whole: the record shows them all.
        elsewhere = urn not in self._resources
        if not alone and (elsewhere or (violation.policy_name, urn) in self._found):
            return
        finding = violation.finding
        self._add(
            violation.policy_name,
            "" if elsewhere else urn,
            Verdict.FAIL,
            path=finding.path if finding else None,
            actual=finding.actual if finding else violation.message,
            needed=finding.needed if finding else None,
        )

    def _add(self, rule: str, urn: str, verdict: Verdict, **more: str | None) -> None:
        facts = self._rules.get(rule)
        if facts is None:
            return
        result = self._result(facts, urn, verdict, **more)
        same = (verdict, *more.values())
        self._found.setdefault((rule, urn), {})[same] = result

    def _result(self, rule: RuleFacts, urn: str, verdict: Verdict, **more: Any) -> Result:
        resource = self._resources.get(urn)
        return Result(
            rule=rule,
            resource=resource.shown if resource else "the stack",
            urn=urn,
            verdict=verdict,
            place=resource.place if resource else None,
            **more,
        )


def _joined(inner: Any, path: Any) -> str | None:
    """Return the path of a finding in a resource within a template, behind that resource."""
    parts = [part for part in (inner, path) if isinstance(part, str) and part]
    return ": ".join(parts) or None


def _actual(line: Mapping[str, Any]) -> str | None:
    actual = line.get("actual") or None
    expired = line.get("exemption") if line["verdict"] == Verdict.FAIL else None
    if expired:
        ended = f"the exemption of ticket {expired['ticket']} expired on {expired['expires']}"
        return f"{actual} ({ended})"
    return actual


def _cause(line: Mapping[str, Any]) -> str | None:
    """Return why a rule is undecided, or by which exemption a finding is accepted."""
    waiver = line.get("exemption") if line["verdict"] == Verdict.WAIVED else None
    if not waiver:
        return line.get("cause") or None
    days = waiver["daysLeft"]
    left = f"{days} day{'' if days == 1 else 's'} left"
    return (
        f"{waiver['reason']} (ticket {waiver['ticket']}, owner {waiver['owner']}, "
        f"until {waiver['expires']}, {left})"
    )
