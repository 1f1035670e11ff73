"""`imagefleet policy`: the pack's own process over files, exit codes, reports, looking rules up."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from tests.cli.projects import Project

IMAGE = "azure-native:compute:GalleryImage"
GOOD = {"osState": "Generalized", "hyperVGeneration": "V1", "osType": "Linux"}
ACCOUNT = "azure-native:batch:BatchAccount"


def write(project: Project, document, name="input.json") -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    (project.folder / name).write_text(text, encoding="utf-8")
    return name


def image(name="ubuntu", **props):
    return {"type": IMAGE, "name": name, "props": GOOD | props}


def check(project: Project, *resources, more=()):
    file = write(project, {"resources": list(resources)})
    answer = project.run("policy", "check", file, "--format", "json", *more)
    results = json.loads(answer.out)["results"] if answer.out else []
    return answer, {
        (each["rule"], each["resource"]): each for each in results if each["rule"] != "undecided"
    }


@pytest.mark.parametrize("stack", ["dev", "prod", "china"])
def test_what_a_rehearsal_exports_passes(project: Project, stack: str) -> None:
    project.rehearse(stack)
    answer = project.run("policy", "check", "export.json")
    assert (answer.code, answer.err) == (0, "")
    assert "0 mandatory failures" in answer.out
    assert [line for line in answer.out.splitlines() if len(line) > 80] == []


def test_a_mandatory_failure_exits_with_1_and_says_everything(project: Project) -> None:
    answer, results = check(project, image(osState="Specialized"), image("debian"))
    assert answer.code == 1
    failed = results["image-generalized", "ubuntu"]
    assert set(failed) == {
        *("rule", "resource", "verdict", "level", "path", "actual", "needed"),
        *("remedy", "sentences"),
    }
    assert (failed["verdict"], failed["level"]) == ("fail", "mandatory")
    assert (failed["path"], failed["actual"]) == ("osState", "Specialized")
    assert failed["needed"] == "Generalized"
    assert failed["sentences"] == ["D37", "D38"]
    assert results["image-generalized", "debian"]["verdict"] == "pass"
    assert results["account-entra-only", "debian"]["verdict"] == "not-applicable"


def test_an_unknown_is_undecided_and_refused_only_where_configured(project: Project) -> None:
    unknown = image(osState="04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    answer, results = check(project, unknown)
    assert answer.code == 0
    assert results["image-generalized", "ubuntu"]["verdict"] == "undecided"
    config = write(project, {"undecided": "mandatory"}, "config.json")
    answer, _ = check(project, unknown, more=("--config", config))
    assert answer.code == 1


def test_a_ciphertext_is_undecided_and_never_shown(project: Project) -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "ciphertext": "v1:hidden",
    }
    answer, results = check(project, image(osState=secret))
    assert results["image-generalized", "ubuntu"]["verdict"] == "undecided"
    assert "hidden" not in answer.out + answer.err


def test_levels_come_from_the_configuration(project: Project) -> None:
    config = write(project, {"image-generalized": "advisory"}, "config.json")
    answer, results = check(project, image(osState="Specialized"), more=("--config", config))
    assert answer.code == 0
    assert results["image-generalized", "ubuntu"]["level"] == "advisory"


def test_an_exemption_waives_with_its_reason(project: Project) -> None:
    exemptions = {
        "exemptions": [
            {
                "rule": "account-entra-only",
                "resource": "old",
                "owner": "images team",
                "reason": "moved to the new account next quarter",
                "ticket": "OPS-12",
                "expires": "2999-12-31",
            }
        ]
    }
    file = write(project, exemptions, "exemptions.json")
    account = {
        "type": ACCOUNT,
        "name": "old",
        "props": {"allowedAuthenticationModes": ["SharedKey", "AAD"]},
    }
    more = ("--exemptions", file)
    answer, results = check(project, account, more=more)
    assert results["account-entra-only", "old"]["verdict"] == "waived"
    assert answer.code == 0
    text = project.run("policy", "check", "input.json", *more).out
    assert "WAIVED account-entra-only" in text
    assert "OPS-12" in text
    sarif = json.loads(project.run("policy", "check", "input.json", "--format", "sarif", *more).out)
    (waived,) = [each for each in sarif["runs"][0]["results"] if "suppressions" in each]
    assert waived["ruleId"] == "account-entra-only"


def test_every_format_is_about_the_same_findings(project: Project) -> None:
    file = write(project, {"resources": [image(osState="Specialized")]})
    text, sarif, junit = (
        project.run("policy", "check", file, "--format", kind)
        for kind in ("text", "sarif", "junit")
    )
    assert {text.code, sarif.code, junit.code} == {1}
    assert "FAIL image-generalized" in text.out
    run = json.loads(sarif.out)["runs"][0]
    assert "image-generalized" in {
        each["ruleId"] for each in run["results"] if each["level"] == "error"
    }
    root = ET.fromstring(junit.out)  # noqa: S314 our own text
    failed = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert "imagefleet.image-generalized" in {case.get("classname") for case in failed}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("resources:", "is not JSON"),
        ('{"resources": [', "cut off"),
        ("{}", "no key 'resources'"),
        ('{"resources": [{}]}', "resources[0].type is missing"),
        ("[]", "no JSON object"),
    ],
)
def test_unusable_input_is_one_error_and_exit_2(project: Project, content, complaint) -> None:
    answer = project.run("policy", "check", write(project, content))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: input.json")
    assert complaint in answer.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("check", "none.json"), "none.json does not exist"),
        (("check", "policy"), "policy is a folder"),
        (("check", "input.json", "--format", "yaml"), "'yaml'"),
        (("check", "input.json", "--config", "none.json"), "none.json does not exist"),
        (("check", "input.json", "--config", "bad.json"), "did you mean 'image-generalized'?"),
        (("check", "input.json", "--exemptions", "none.json"), "none.json is no file"),
        (("check", "input.json", "--exemptions", "bad.json"), "--exemptions bad.json is"),
        (("check", "input.json", "--pack", "components"), "PulumiPolicy.yaml is missing"),
        (("check-config", "none.json"), "none.json does not exist"),
        (("explain", "image-generalised"), "did you mean 'image-generalized'?"),
        (("lint", "none"), "none does not exist"),
        (("lint", "empty"), "holds no Python source"),
    ],
)
def test_wrong_arguments_are_one_message_and_exit_2(project: Project, arguments, complaint):
    write(project, {"resources": []})
    write(project, {"image-generalised": "advisory"}, "bad.json")
    (project.folder / "empty").mkdir()
    answer = project.run("policy", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert complaint in answer.err
    assert "Traceback" not in answer.err


def test_properties_nested_beyond_the_protocol_are_an_error_or_an_answer(project: Project) -> None:
    deep: dict = {}
    for _ in range(200):
        deep = {"a": deep}
    answer = project.run("policy", "check", write(project, {"resources": [image(tags=deep)]}))
    assert answer.code in (0, 2)
    assert "Traceback" not in answer.err


def test_outside_a_project_it_says_where_a_pack_comes_from(project: Project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input.json").write_text('{"resources": []}')
    answer = project.run("policy", "check", "input.json")
    assert answer.code == 2
    assert "--pack DIR" in answer.err
    answer = project.run("policy", "check", "input.json", "--pack", str(project.folder / "policy"))
    assert answer.code == 0


class TestRules:
    """`list`, `explain` and `check-config`."""

    def test_list_names_every_rule_with_level_severity_and_sentences(self, project: Project):
        rules = json.loads(project.run("policy", "list", "--json").out)["rules"]
        by_id = {rule["id"]: rule for rule in rules}
        assert by_id["image-generalized"]["level"] == "mandatory"
        assert by_id["image-generalized"]["severity"] == "critical"
        assert by_id["image-generalized"]["sentences"] == ["D37", "D38"]
        assert by_id["no-shared-key-invoke"]["kind"] == "program"
        text = project.run("policy", "list").out
        listed = [line.split()[0] for line in text.splitlines()[:-2] if not line.startswith(" ")]
        assert listed == list(by_id)
        assert [line for line in text.splitlines() if len(line) > 80] == []

    def test_explain_tells_why_what_and_how_with_examples(self, project: Project):
        text = project.run("policy", "explain", "image-generalized").out
        for heading in ("Requirement", "Why", "Remedy", "Source", "Passes", "Fails"):
            assert f"\n{heading}" in text
        assert "D37, D38" in text
        assert '"osState": "Specialized"' in text

    def test_every_example_of_explain_is_judged_as_it_says(self, project: Project):
        text = project.run("policy", "explain", "image-generalized").out
        passes, fails = (part[part.index("{") :] for part in text.split("Passes")[1].split("Fails"))
        for example, code in ((passes, 0), (fails, 1)):
            (project.folder / "example.json").write_text(example, encoding="utf-8")
            assert project.run("policy", "check", "example.json").code == code

    def test_explain_of_a_rule_with_settings_gives_their_defaults(self, project: Project):
        rules = json.loads(project.run("policy", "list", "--json").out)["rules"]
        rule = next(rule for rule in rules if rule["settings"])
        text = project.run("policy", "explain", rule["id"]).out
        assert "\nSettings" in text
        for name in rule["settings"]:
            assert f"  {name} (" in text
        assert "default " in text

    def test_explain_knows_the_rule_about_program_source(self, project: Project):
        text = project.run("policy", "explain", "no-shared-key-invoke").out
        assert "imagefleet policy lint" in text
        assert "list_batch_account_keys" in text

    def test_check_config_finds_every_fault(self, project: Project):
        config = {"image-generalised": "advisory", "image-generalized": {"x": 1}, "all": "loud"}
        answer = project.run("policy", "check-config", write(project, config))
        assert (answer.code, answer.out) == (2, "")
        for complaint in ("did you mean", "enforcementLevel", "image-generalized.x", "'loud'"):
            assert complaint in answer.err

    def test_check_config_is_silent_about_a_good_file(self, project: Project):
        file = write(project, {"all": "advisory", "image-generalized": "mandatory"})
        answer = project.run("policy", "check-config", file)
        assert (answer.code, answer.err) == (0, "")


class TestLint:
    """`lint`: program source, which no policy sees."""

    def test_the_programs_own_source_is_clean(self, project: Project):
        answer = project.run("policy", "lint", ".")
        assert (answer.code, answer.err) == (0, "")

    def test_a_use_of_keys_is_named_with_its_line(self, project: Project):
        project.add_to_program("\nbatch.list_batch_account_keys(account_name='a')\n")
        answer = project.run("policy", "lint", "__main__.py")
        assert answer.code == 1
        line = len((project.folder / "__main__.py").read_text().splitlines())
        assert f"__main__.py:{line}" in answer.out
        assert "list_batch_account_keys is used" in answer.out

    def test_sarif_gives_the_place(self, project: Project):
        (project.folder / "keys.py").write_text("\nx = b.list_batch_account_keys()\n")
        answer = project.run("policy", "lint", "keys.py", "--format", "sarif")
        (result,) = json.loads(answer.out)["runs"][0]["results"]
        assert result["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "keys.py"},
                    "region": {"startLine": 2, "startColumn": 5},
                }
            }
        ]

    def test_what_is_no_python_is_named_and_exits_with_2(self, project: Project):
        (project.folder / "broken").mkdir()
        (project.folder / "broken" / "a.py").write_text("def")
        (project.folder / "broken" / "b.py").write_text("batch.list_batch_account_keys()")
        answer = project.run("policy", "lint", "broken")
        assert answer.code == 2
        assert "a.py is not Python" in answer.err
        assert "b.py:1" in answer.out

    def test_installed_code_is_not_the_program(self, project: Project):
        for folder in (".venv2", "env", "node_modules"):
            (project.folder / "src" / folder).mkdir(parents=True)
            (project.folder / "src" / folder / "a.py").write_text("b.list_batch_account_keys()")
        (project.folder / "src" / "env" / "pyvenv.cfg").write_text("")
        (project.folder / "src" / "main.py").write_text("")
        assert project.run("policy", "lint", "src").code == 0
