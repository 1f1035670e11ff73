"""The pack as the engine runs it: a process of its own, spoken to over gRPC."""

from __future__ import annotations

import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.offline.pack.client import (
    AnalyzerOptions,
    AnalyzerProvider,
    AnalyzerResource,
    PolicyPackError,
    PolicyPackProcess,
)
from imagefleet.offline.pack.process import PackServer
from imagefleet.offline.values import UNKNOWN, Secret
from rules import ALL_RULES, StackRule
from tests.policy.pack_faults import faults

PACK = Path(__file__).parents[2] / "policy"
TYPES = {
    "account": "azure-native:batch:BatchAccount",
    "definition": "azure-native:compute:GalleryImage",
    "image": "azure-native:compute:Image",
    "machine": "azure-native:compute:VirtualMachine",
}


def started(pack_dir: Path = PACK, **more) -> PolicyPackProcess:
    return PolicyPackProcess(
        pack_dir,
        project="fleet",
        stack="dev",
        dry_run=True,
        config={"imagefleet:fleet": "{}"},
        **more,
    )


@pytest.fixture(scope="module")
def pack():
    with started() as process:
        yield process


def resource(kind: str, name: str = "it", **more) -> AnalyzerResource:
    token = TYPES.get(kind, kind)
    more.setdefault("properties", {})
    return AnalyzerResource(
        urn=f"urn:pulumi:dev::fleet::{token}::{name}", type=token, name=name, **more
    )


def test_the_pack_tells_name_version_and_every_rule(pack):
    assert (pack.name, pack.version) == ("imagefleet", "0.1.0")
    assert list(pack.rules) == [rule.id for rule in ALL_RULES]
    for rule in ALL_RULES:
        info = pack.rules[rule.id]
        assert info.level == rule.level.value
        assert info.severity == rule.severity.value
        assert info.kind == ("stack" if isinstance(rule, StackRule) else "resource")
        assert (info.description, info.remedy) == (rule.summary, rule.remedy)
        assert info.sentences == rule.sentences
        assert info.url == f"docs/policies.md#{rule.id}"


def test_a_shared_key_account_is_refused_with_rule_resource_value_and_remedy(pack):
    account = resource("account", properties={"allowedAuthenticationModes": ["AAD", "SharedKey"]})
    answer = pack.analyze(account)
    (violation,) = answer.violations
    assert violation.policy_name == "account-entra-only"
    assert (violation.level, violation.severity) == ("mandatory", "high")
    assert violation.mandatory
    assert violation.urn == account.urn
    assert violation.finding == Finding(
        path="allowedAuthenticationModes[1]",
        actual="SharedKey",
        needed="a list with AAD and without SharedKey",
    )
    assert 'Remedy: Set allowedAuthenticationModes to ["AAD"]' in violation.message
    assert "D21, D22" in violation.message
    assert answer.failed == ("account-entra-only",)


def test_a_compliant_resource_passes_its_rules_and_is_nothing_to_the_others(pack):
    answer = pack.analyze(resource("account", properties={"allowedAuthenticationModes": ["AAD"]}))
    assert answer.violations == ()
    assert "account-entra-only" in answer.passed
    assert "image-generalized" in answer.not_applicable


def test_an_unknown_is_undecided_and_reported_once_for_the_stack(pack):
    definition = resource(
        "definition",
        properties={"osState": UNKNOWN, "features": [{"name": "SecurityType", "value": UNKNOWN}]},
    )
    answer = pack.analyze(definition)
    assert answer.violations == ()
    assert not {"image-generalized", "image-no-trusted-launch"} & set(answer.passed)
    assert {
        name: answer.undecided[name] for name in ("image-generalized", "image-no-trusted-launch")
    } == {
        "image-generalized": Doubt(
            path="osState", cause=Cause.UNKNOWN, detail="is not known before deployment"
        ),
        "image-no-trusted-launch": Doubt(
            path="features[0].value", cause=Cause.UNKNOWN, detail="is not known before deployment"
        ),
    }
    stack = pack.analyze_stack([resource("definition")])
    assert [
        (item.policy_name, item.level, item.urn, item.finding.path)
        for item in stack.violations
        if item.policy_name == "undecided"
    ][:2] == [
        ("undecided", "advisory", definition.urn, "osState"),
        ("undecided", "advisory", definition.urn, "features[0].value"),
    ]


def test_a_secret_is_judged_and_never_said(pack):
    definition = resource("definition", properties={"osState": Secret("s3cret")})
    (violation,) = pack.analyze(definition).violations[:1]
    assert "s3cret" not in violation.message
    account = resource("account", properties={"allowedAuthenticationModes": Secret(["AAD"])})
    assert "account-entra-only" in pack.analyze(account).passed


def test_stack_rules_join_over_dependencies_and_remembered_inputs(pack):
    machine = resource(
        "machine", "vm", properties={"securityProfile": {"securityType": "TrustedLaunch"}}
    )
    image = resource(
        "image",
        "image",
        properties={"storageProfile": {"osDisk": {"osState": "Generalized"}}},
    )
    pack.analyze(machine)
    pack.analyze(image)
    answer = pack.analyze_stack(
        [
            resource("machine", "vm"),
            resource(
                "image",
                "image",
                parent=machine.urn,
                dependencies=[machine.urn],
                property_dependencies={"sourceVirtualMachine": [machine.urn], "tags": []},
            ),
        ]
    )
    assert ("builder-no-trusted-launch", machine.urn) in [
        (item.policy_name, item.urn) for item in answer.violations
    ]


def test_options_and_provider_travel_along(pack):
    answer = pack.analyze(
        resource(
            "account",
            properties={"allowedAuthenticationModes": ["AAD"], "__internal": "x", "__defaults": []},
            options=AnalyzerOptions(
                protect=True,
                ignore_changes=["tags"],
                delete_before_replace=True,
                aliases=["urn:pulumi:dev::fleet::a:b:C::old"],
                create_timeout=3600,
                additional_secret_outputs=["keys"],
            ),
            provider=AnalyzerProvider(
                urn="urn:pulumi:dev::fleet::pulumi:providers:azure-native::default",
                type="pulumi:providers:azure-native",
                name="default",
                properties={"environment": "china", "clientSecret": Secret("s3cret")},
            ),
        )
    )
    assert answer.violations == ()


def test_a_ready_struct_is_taken_as_it_is(pack):
    struct = struct_pb2.Struct()
    struct.update({"allowedAuthenticationModes": ["SharedKey"], "__defaults": []})
    assert len(pack.analyze(resource("account", properties=struct)).violations) == 2
    assert "__defaults" in struct.fields  # the caller's value is not touched


def test_a_report_about_the_whole_stack_is_at_the_stack(pack):
    assert pack.analyze_stack([]).violations == ()


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ({"account-entra-only": "advisory"}, "advisory"),
        ({"all": "advisory"}, "advisory"),
        ({"account-entra-only": {"enforcementLevel": "mandatory"}}, "mandatory"),
    ],
)
def test_levels_are_configured_as_with_the_engine(config, level):
    with started(policy_config=config) as process:
        (violation,) = process.analyze(resource("account")).violations
        assert violation.level == level
        assert process.rules["account-entra-only"].level == level


def test_a_disabled_rule_is_silent_and_counts_nowhere():
    config = {"account-entra-only": "disabled", "not-covered": "disabled"}
    with started(policy_config=config) as process:
        answer = process.analyze(resource("account"))
        assert answer.violations == ()
        assert "account-entra-only" not in (*answer.passed, *answer.not_applicable)


def test_open_questions_can_be_made_to_stop_a_run():
    with started(policy_config={"undecided": "mandatory"}) as process:
        process.analyze(resource("account", properties={"allowedAuthenticationModes": UNKNOWN}))
        (violation,) = process.analyze_stack([resource("account")]).violations
        assert (violation.policy_name, violation.level) == ("undecided", "mandatory")


def test_a_rules_settings_reach_its_check():
    config = {"builder-no-trusted-launch": {"builders": ["vm*"]}}
    machine = resource(
        "machine", "vm1", properties={"securityProfile": {"securityType": "TrustedLaunch"}}
    )
    with started(policy_config=config) as process:
        process.analyze(machine)
        (violation,) = process.analyze_stack([machine]).violations
        assert violation.mandatory


def test_a_level_that_changes_resources_is_refused():
    with (
        pytest.raises(PolicyPackError, match="account-entra-only would change resources"),
        started(policy_config={"account-entra-only": "remediate"}),
    ):
        pass


def deep(levels: int) -> dict[str, object]:
    value: dict[str, object] = {"end": UNKNOWN}
    for _ in range(levels):
        value = {"in": value}
    return value


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"osState": None, "features": None},
        {"features": [None, [], {}, 1.5, "x", {"name": None, "value": {}}]},
        {"osState": {"deep": deep(200)}, "features": deep(200)},
        {"tags": {f"key{number}": "x" * 1000 for number in range(10_000)}, "osState": 3},
        {"storageProfile": "x", "securityProfile": [], "deploymentConfiguration": 7},
    ],
    ids=["empty", "nulls", "odd items", "deep", "ten megabytes", "wrong kinds"],
)
@pytest.mark.parametrize("kind", sorted({kind for r in ALL_RULES for kind in r.types or ()}))
def test_no_input_ends_in_an_error_of_the_call(pack, kind, properties):
    assert faults(pack.analyze(resource(kind, properties=properties))) == {}
    assert faults(pack.analyze_stack([resource(kind, properties=properties)])) == {}


def test_the_bare_protocol_answers_without_a_configure_call():
    server = PackServer(PACK, project="p", stack="s", organization="o", dry_run=True, config={})
    port = server.start()
    try:
        with grpc.insecure_channel(
            f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]
        ) as channel:
            stub = analyzer_pb2_grpc.AnalyzerStub(channel)
            response = stub.Analyze(
                analyzer_pb2.AnalyzeRequest(type=TYPES["account"], urn="urn:a", name="a")
            )
        assert [item.policyName for item in response.diagnostics] == ["account-entra-only"]
        assert response.diagnostics[0].enforcementLevel == analyzer_pb2.MANDATORY
    finally:
        server.stop()
    assert list(server.printed) == []


def folder(tmp_path: Path, code: str, project: str = "runtime: python\n") -> Path:
    (tmp_path / "PulumiPolicy.yaml").write_text(project, encoding="utf-8")
    (tmp_path / "__main__.py").write_text(code, encoding="utf-8")
    return tmp_path


SERVE = """
import os
from pulumi_policy import *
def check(args, report):
    {body}
PolicyPack("p", [ResourceValidationPolicy("r", "d", check)])
"""


@pytest.mark.parametrize(
    ("code", "messages"),
    [
        ("import nothing_of_the_kind", ["ended with exit code 1", "No module named"]),
        ("", ["ended without serving: its __main__.py makes no PolicyPack"]),
        ("print('hello')\n" + SERVE.format(body="pass"), ["printed 'hello' where its port"]),
    ],
)
def test_a_pack_that_does_not_start_is_one_clear_error(tmp_path, code, messages):
    with pytest.raises(PolicyPackError) as caught, started(folder(tmp_path, code)):
        pass
    for message in (str(tmp_path), *messages):
        assert message in str(caught.value)


def test_a_pack_that_dies_under_a_call_is_one_clear_error(tmp_path):
    body = "os.write(2, b'last words\\n'); os._exit(3)"
    with (
        pytest.raises(PolicyPackError) as caught,
        started(folder(tmp_path, SERVE.format(body=body))) as process,
    ):
        process.analyze(resource("account"))
    for message in ("ended with exit code 3 during Analyze for urn:pulumi:dev", "last words"):
        assert message in str(caught.value)


def test_a_rule_of_another_pack_that_throws_is_one_clear_error(tmp_path):
    code = SERVE.format(body="raise KeyError('boom')")
    with started(folder(tmp_path, code)) as process, pytest.raises(PolicyPackError) as caught:
        process.analyze(resource("account"))
    assert "refused Analyze for urn:pulumi:dev" in str(caught.value)


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("runtime: nodejs\n", "runtime is 'nodejs', only python packs"),
        ("version: 1.0.0\n", "runtime is None"),
        ("- a\n", "runtime is None"),
        ("runtime: [\n", "cannot be read"),
    ],
)
def test_a_project_file_that_is_none_of_ours_is_refused(tmp_path, project, message):
    with pytest.raises(PolicyPackError, match=message):
        started(folder(tmp_path, "", project))


def test_a_folder_without_a_pack_is_refused(tmp_path):
    with pytest.raises(PolicyPackError, match=r"PulumiPolicy\.yaml is missing"):
        started(tmp_path)


def test_an_interpreter_that_is_not_there_is_refused():
    with (
        pytest.raises(PolicyPackError, match="cannot be started with"),
        started(python="/nonexistent/python"),
    ):
        pass


def test_the_environment_of_the_project_file_is_used_where_it_exists(tmp_path):
    from imagefleet.offline.pack.process import PackSettings, interpreter

    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    assert interpreter(PackSettings(version="", virtualenv=tmp_path)) == sys.executable
    python.touch()
    assert interpreter(PackSettings(version="", virtualenv=tmp_path)) == str(python)
    assert interpreter(PackSettings(version="", virtualenv=None)) == sys.executable
