"""A policy pack as the engine runs it: its own process, spoken to over gRPC.

`PolicyPackProcess` starts the pack with the command, folder and environment that the engine's
language host uses, configures it, and asks it about one resource or the whole stack. It plays
the engine's part in what the engine adds: internal keys stripped, levels and versions filled in.
Packs that change resources (remediation) are refused by name.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from imagefleet.domain.findings import Doubt, Finding, find_doubt, find_finding
from imagefleet.offline.pack import config as pack_config
from imagefleet.offline.pack.config import RuleConfig
from imagefleet.offline.pack.process import PackServer, PolicyPackError
from imagefleet.offline.pack.wire import (
    AnalyzerOptions,
    AnalyzerProvider,
    AnalyzerResource,
    analyze_request,
    stack_request,
)
from imagefleet.offline.values import to_struct

__all__ = [
    "AnalyzerOptions",
    "AnalyzerProvider",
    "AnalyzerResource",
    "PolicyPackError",
    "PolicyPackProcess",
    "PolicyRun",
    "RuleInfo",
    "Violation",
]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from google.protobuf.message import Message

# The engine's own limit for messages to and from a plugin.
_MESSAGE_BYTES = 400 * 1024 * 1024
_CHANNEL = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """What a pack says about one of its rules; `level` is the configured one."""

    name: str
    description: str
    kind: str  # resource or stack
    level: str
    severity: str
    sentences: tuple[str, ...]
    remedy: str
    url: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A report of a rule; `message` starts with the rule's description, as the engine shows it."""

    policy_name: str
    pack_name: str
    pack_version: str
    level: str  # advisory, mandatory or disabled
    severity: str
    message: str
    urn: str
    description: str

    @property
    def mandatory(self) -> bool:
        """Whether the report stops the run."""
        return self.level == "mandatory"

    @property
    def finding(self) -> Finding | None:
        """Place, actual value and needed value, where the rule worded its report in our form."""
        return find_finding(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRun:
    """The answers of a pack to one question; rules by name, each in one of the tuples.

    `undecided` holds, per rule, what it could not decide; the engine counts such a rule as not
    applicable.
    """

    violations: tuple[Violation, ...]
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    not_applicable: tuple[str, ...]
    undecided: Mapping[str, Doubt]


class PolicyPackProcess:
    """A policy pack in a process of its own, from entering the context to leaving it.

    Raises `PolicyPackError` when the pack cannot be started, ends early or refuses a call, and
    `PolicyConfigError` for a `policy_config` that is none. `config` is the stack's configuration,
    by full key; `policy_config` the object of a policy configuration file; `environment` holds
    variables for the pack beside those that the engine sets.
    """

    def __init__(  # noqa: PLR0913 the facts of one run, all of them from its caller
        self,
        pack_dir: Path,
        *,
        project: str,
        stack: str,
        organization: str = "organization",
        dry_run: bool,
        config: Mapping[str, str],
        policy_config: Mapping[str, Any] | None = None,
        python: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._user_config = pack_config.parse(policy_config or {})
        self._root_urn = f"urn:pulumi:{stack}::{project}::pulumi:pulumi:Stack::{project}-{stack}"
        self._request = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=stack,
            project=project,
            organization=organization,
            dry_run=dry_run,
            config=dict(config),
        )
        self._server = PackServer(
            pack_dir,
            project=project,
            stack=stack,
            organization=organization,
            dry_run=dry_run,
            config=config,
            python=python,
            environment=environment,
        )
        self._channel: grpc.Channel | None = None
        self.name = ""
        self.version = ""
        self.sdk_version = ""
        self.rules: Mapping[str, RuleInfo] = {}

    def __enter__(self) -> Self:
        try:
            self._channel = grpc.insecure_channel(
                f"127.0.0.1:{self._server.start()}", options=_CHANNEL
            )
            self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
            self._configure()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the pack's process; harmless when it has ended."""
        if self._channel is not None:
            # Python packs do not answer this call; the engine makes it all the same.
            with contextlib.suppress(grpc.RpcError):
                self._stub.Cancel(empty_pb2.Empty(), timeout=1)
            self._channel.close()
            self._channel = None
        self._server.stop()

    def analyze(self, resource: AnalyzerResource) -> PolicyRun:
        """Ask every resource rule about one resource, by its inputs after the provider's check."""
        response = self._call("Analyze", analyze_request(resource), resource.urn)
        return self._run(response, "resource", lambda _: resource.urn)

    def analyze_stack(self, resources: Sequence[AnalyzerResource]) -> PolicyRun:
        """Ask every stack rule about all resources, by their outputs."""
        response = self._call("AnalyzeStack", stack_request(resources), self._root_urn)
        urns = {resource.urn for resource in resources}
        return self._run(response, "stack", lambda urn: urn if urn in urns else self._root_urn)

    def _configure(self) -> None:
        self._call("ConfigureStack", self._request)
        self.sdk_version = self._call("GetPluginInfo", empty_pb2.Empty()).version
        info = self._call("GetAnalyzerInfo", empty_pb2.Empty())
        self.name = info.name
        self.version = self._server.settings.version or info.version
        config = pack_config.layered(
            {policy.name: _defaults(policy) for policy in info.policies},
            {name: _initial(entry) for name, entry in info.initialConfig.items()},
            self._user_config,
        )
        self.rules = {
            policy.name: _rule_info(policy, config[policy.name]) for policy in info.policies
        }
        self._refuse_remediation()
        self._call(
            "Configure",
            analyzer_pb2.ConfigureAnalyzerRequest(
                policyConfig={name: _policy_config(entry) for name, entry in config.items()}
            ),
        )

    def _refuse_remediation(self) -> None:
        # A pack answers a Remediate call only for rules at this level, so none is ever sent.
        changing = sorted(name for name, rule in self.rules.items() if rule.level == "remediate")
        if changing:
            text = (
                f"policy pack {self.name}: {', '.join(changing)} would change resources, which "
                "only the Pulumi command does; set the level to mandatory or advisory"
            )
            raise PolicyPackError(text)

    def _call(self, method: str, request: Message, about: str = "") -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            details = getattr(error, "details", str)() or type(error).__name__
            raise self._server.failure(method, about, details) from error

    def _run(
        self, response: analyzer_pb2.AnalyzeResponse, kind: str, urn_of: Callable[[str], str]
    ) -> PolicyRun:
        violations = tuple(self._violation(item, urn_of) for item in response.diagnostics)
        failed = {violation.policy_name for violation in violations}
        reasons = {item.policy_name: item.reason for item in response.not_applicable}
        undecided = {name: doubt for name, text in reasons.items() if (doubt := find_doubt(text))}
        asked = {
            name
            for name, rule in self.rules.items()
            if rule.kind == kind and rule.level != "disabled"
        }
        return PolicyRun(
            violations=violations,
            failed=tuple(sorted(failed)),
            passed=tuple(sorted(asked - failed - set(reasons))),
            not_applicable=tuple(sorted(set(reasons) - set(undecided) - failed)),
            undecided=undecided,
        )

    def _violation(
        self, item: analyzer_pb2.AnalyzeDiagnostic, urn_of: Callable[[str], str]
    ) -> Violation:
        level = _level(item.enforcementLevel)
        rule = self.rules.get(item.policyName)
        return Violation(
            policy_name=item.policyName,
            pack_name=item.policyPackName,
            pack_version=self.version,
            level="mandatory" if level == "remediate" else level,
            severity=_severity(item.severity) or (rule.severity if rule else ""),
            message=item.message,
            urn=urn_of(item.urn),
            description=item.description,
        )


def _level(number: analyzer_pb2.EnforcementLevel.ValueType) -> str:
    return analyzer_pb2.EnforcementLevel.Name(number).lower()


def _severity(number: analyzer_pb2.PolicySeverity.ValueType) -> str:
    name = analyzer_pb2.PolicySeverity.Name(number).removeprefix("POLICY_SEVERITY_").lower()
    return "" if name == "unspecified" else name


def _kind(number: analyzer_pb2.PolicyType.ValueType) -> str:
    return analyzer_pb2.PolicyType.Name(number).removeprefix("POLICY_TYPE_").lower()


def _defaults(policy: analyzer_pb2.PolicyInfo) -> RuleConfig:
    schema = json_format.MessageToDict(policy.configSchema.properties)
    return RuleConfig(
        level=_level(policy.enforcementLevel),
        properties={key: entry["default"] for key, entry in schema.items() if "default" in entry},
    )


def _initial(entry: analyzer_pb2.PolicyConfig) -> RuleConfig:
    return RuleConfig(
        level=_level(entry.enforcementLevel),
        properties=json_format.MessageToDict(entry.properties),
    )


def _policy_config(entry: RuleConfig) -> analyzer_pb2.PolicyConfig:
    return analyzer_pb2.PolicyConfig(
        enforcementLevel=analyzer_pb2.EnforcementLevel.Value((entry.level or "advisory").upper()),
        properties=to_struct(entry.properties),
    )


def _rule_info(policy: analyzer_pb2.PolicyInfo, config: RuleConfig) -> RuleInfo:
    return RuleInfo(
        name=policy.name,
        description=policy.description,
        kind=_kind(policy.policy_type),
        level=config.level or "advisory",
        severity=_severity(policy.severity),
        sentences=tuple(policy.tags),
        remedy=policy.remediation_steps,
        url=policy.url,
        schema=json_format.MessageToDict(policy.configSchema.properties),
    )
