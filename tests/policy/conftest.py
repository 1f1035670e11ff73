"""Rules asked as the engine asks them: struct, SDK decoding and unknown-checking proxy between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi_policy as sdk
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import unknown_checking_proxy

from imagefleet.offline.values import to_struct
from rules import Rule, StackRule
from rules.honesty import NOT_COVERED
from rules.kit import policies
from rules.verdicts import Sample

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def urn(kind: str, name: str, parents: str = "") -> str:
    return f"urn:pulumi:dev::fleet::{parents}{kind}::{name}"


def decoded(props: Mapping[str, Any]) -> Any:
    """Properties the way a rule gets them: over the wire and behind the SDK's proxy."""
    struct = struct_pb2.Struct()
    struct.ParseFromString(to_struct(props).SerializeToString())
    return unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(struct)))


def options(ignore_changes: tuple[str, ...] = ()) -> sdk.PolicyResourceOptions:
    return sdk.PolicyResourceOptions(
        False, list(ignore_changes), None, [], sdk.PolicyCustomTimeouts(0, 0, 0), []
    )


@dataclass
class Answer:
    """What came back for one rule: reports with their URNs, or why it is not applicable."""

    reports: list[tuple[str, str | None]] = field(default_factory=list)
    reason: str | None = None

    @property
    def verdict(self) -> str:
        if self.reports:
            return "fail"
        if self.reason is None:
            return "pass"
        return "undecided" if self.reason.startswith("undecided") else "not-applicable"

    @property
    def findings(self) -> list[str]:
        """The first line of each report: place, actual, needed."""
        return [text.splitlines()[0] for text, _ in self.reports]

    @property
    def text(self) -> str:
        return "\n".join([*(text for text, _ in self.reports), self.reason or ""])

    def ask(self, policy: sdk.Policy, args: Any) -> Answer:
        try:
            policy.validate(args, lambda text, place=None: self.reports.append((text, place)))
        except _NotApplicableError as error:
            self.reason = error.reason
        return self


def provider_of(sample: Sample, samples: tuple[Sample, ...]) -> sdk.PolicyProviderResource | None:
    """The explicit provider of a sample, as the engine hands it out with the resource."""
    for other in samples:
        if sample.provider == other.name:
            place = urn(other.type, other.name)
            return sdk.PolicyProviderResource(other.type, decoded(other.props), place, other.name)
    return None


def resource_args(
    sample: Sample,
    config: Mapping[str, Any] | None = None,
    parents: str = "",
    samples: tuple[Sample, ...] = (),
) -> sdk.ResourceValidationArgs:
    return sdk.ResourceValidationArgs(
        sample.type,
        decoded(sample.props),
        urn(sample.type, sample.name, parents),
        sample.name,
        options(sample.ignore_changes),
        provider_of(sample, samples),
        config,
    )


def stack_args(
    samples: tuple[Sample, ...],
    config: Mapping[str, Any] | None,
    parents: str,
    *,
    outputs: bool = False,
) -> sdk.StackValidationArgs:
    """A stack whose outputs are its inputs, or empty as those of new resources nearly are."""
    resources = {
        sample.name: sdk.PolicyResource(
            sample.type,
            decoded(sample.props if outputs else {}),
            urn(sample.type, sample.name, parents),
            sample.name,
            options(sample.ignore_changes),
            provider_of(sample, samples),
            None,
            [],
            {},
        )
        for sample in samples
    }
    for sample in samples:
        resources[sample.name].property_dependencies = {
            key: [resources[name] for name in names] for key, names in sample.depends.items()
        }
    return sdk.StackValidationArgs(list(resources.values()), config)


Ask = Callable[..., Answer]


@pytest.fixture
def ask() -> Ask:
    """Ask one rule about samples; with `only_read` the engine shows their outputs alone."""

    def asked(
        rule: Rule | StackRule,
        *samples: Sample,
        config: Mapping[str, Any] | None = None,
        parents: str = "",
        only_read: bool = False,
    ) -> Answer:
        if isinstance(rule, Rule):
            (policy,) = policies((rule,))
            (sample,) = samples
            return Answer().ask(policy, resource_args(sample, config, parents))
        first, policy = policies((NOT_COVERED, rule))
        for sample in () if only_read else samples:
            Answer().ask(first, resource_args(sample, parents=parents, samples=samples))
        return Answer().ask(policy, stack_args(samples, config, parents, outputs=only_read))

    return asked


@pytest.fixture
def ask_run() -> Callable[..., dict[str, Answer]]:
    """Run a pack's policies as the SDK does: per resource in order, then over the stack."""

    def run(
        pack: tuple[sdk.Policy, ...],
        samples: tuple[Sample, ...],
        config: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Answer]:
        answers: dict[str, Answer] = {policy.name: Answer() for policy in pack}
        settings = config or {}
        for sample in samples:
            for policy in pack:
                if isinstance(policy, sdk.ResourceValidationPolicy) and policy.has_validation():
                    of_rule = settings.get(policy.name)
                    answers[policy.name].ask(
                        policy, resource_args(sample, of_rule, samples=samples)
                    )
        for policy in pack:
            if isinstance(policy, sdk.StackValidationPolicy):
                answers[policy.name].ask(policy, stack_args(samples, settings.get(policy.name), ""))
        return answers

    return run


@pytest.fixture
def ask_policy() -> Callable[[sdk.Policy, Sample], Answer]:
    """Ask one of the SDK's policies about a sample, without asking first whether it wants it."""
    return lambda policy, sample: Answer().ask(policy, resource_args(sample))
