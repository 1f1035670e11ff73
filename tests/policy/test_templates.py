"""Resources inside ARM templates and generic resources are judged like all others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.domain.findings import Finding, find_finding
from rules import ALL_RULES, Rule, tokens
from rules.account import ACCOUNT_ENTRA_ONLY
from rules.arm_names import NAMINGS
from rules.canonical import UNKNOWN as MARK
from rules.honesty import NOT_COVERED, UNDECIDED
from rules.image import IMAGE_GENERALIZED
from rules.kit import MOST_FINDINGS, policies
from rules.settings_rule import PACK_SETTINGS
from rules.template_rules import NO_OPAQUE_TEMPLATE, TEMPLATE_RESOURCES_CHECKED
from rules.templates import MOST_RESOURCES, dependencies, expand, troubles
from rules.verdicts import Sample
from tests.policy.template_kit import (
    CLASSIC,
    FORMS,
    IMAGES,
    UNKNOWN,
    definition,
    deployment,
    host,
    inner,
    trouble,
)


def test_a_finding_names_the_outer_resource_and_the_place_inside(ask):
    answer = ask(IMAGE_GENERALIZED, deployment({"type": "x/y", "name": "z"}, definition()))
    ((text, place),) = answer.reports
    assert text.splitlines()[0] == (
        "template.resources[1] (Microsoft.Compute/galleries/images): osState is Specialized; "
        "needed: Generalized."
    )
    assert place.endswith("::t")


def test_a_report_from_a_template_can_be_read_back():
    found = Finding(path="a.b", actual="x", needed="y", place="template.resources[1] (T/u n)")
    assert find_finding(f"Summary.\n{found}\nRemedy: z") == found


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_a_deployment_is_looked_into(form, ask):
    (line,) = ask(IMAGE_GENERALIZED, form(deployment(definition()))).findings
    assert line.endswith("osState is Specialized; needed: Generalized.")
    assert ask(IMAGE_GENERALIZED, form(deployment(definition("Generalized")))).verdict == "pass"


def test_a_generic_resource_is_looked_into(ask):
    props = {
        "resourceProviderNamespace": "microsoft.compute",
        "parentResourcePath": "galleries/render",
        "resourceType": "images",
        "resourceName": "linux",
        "apiVersion": "2024-03-03",
        "resourceGroupName": "rg",
        "properties": {"osState": "Specialized"},
    }
    sample = Sample(type=tokens.GENERIC_RESOURCE, props=props)
    (line,) = ask(IMAGE_GENERALIZED, sample).findings
    assert line == (
        "properties (Microsoft.Compute/galleries/images): osState is Specialized; "
        "needed: Generalized."
    )
    (view,) = inner(sample)
    assert view.props["galleryName"] == "render"
    assert view.props["galleryImageName"] == "linux"
    assert view.api_version == "2024-03-03"
    hidden = Sample(type=tokens.GENERIC_RESOURCE, props=props | {"properties": UNKNOWN})
    assert ask(IMAGE_GENERALIZED, hidden).verdict == "undecided"
    unknown = Sample(type=tokens.GENERIC_RESOURCE, props=props | {"resourceType": UNKNOWN})
    assert ask(TEMPLATE_RESOURCES_CHECKED, unknown).verdict == "undecided"


@pytest.mark.parametrize(
    ("state", "given", "more", "verdict"),
    [
        ("[parameters('s')]", {"s": {"value": "Specialized"}}, {}, "fail"),
        ("[ Parameters( 'S' ) ]", {"s": {"value": "Generalized"}}, {}, "pass"),
        ("[parameters('s')]", {"s": {"reference": {"keyVault": {}}}}, {}, "undecided"),
        ("[parameters('s')]", None, {}, "undecided"),
        ("[parameters('s')]", UNKNOWN, {}, "undecided"),
        ("[parameters('s')]", None, {"parameters": {"s": {"defaultValue": "Generalized"}}}, "pass"),
        (
            "[parameters('s')]",
            {"s": {"value": "Specialized"}},
            {"parameters": {"s": {"defaultValue": "Generalized"}}},
            "fail",
        ),
        ("[variables('v')]", None, {"variables": {"v": "Specialized"}}, "fail"),
        (
            "[variables('v')]",
            {"s": {"value": "Generalized"}},
            {"variables": {"v": "[parameters('s')]"}},
            "pass",
        ),
        ("[variables('v')]", None, {"variables": {"v": "[variables('v')]"}}, "undecided"),
        ("[concat('Gener', 'alized')]", None, {}, "undecided"),
        ("[[Generalized]", None, {}, "fail"),  # a literal text in brackets
        (UNKNOWN, None, {}, "undecided"),
        (None, None, {}, "fail"),
        (7, None, {}, "fail"),
    ],
)
def test_an_expression_is_unknown_unless_it_names_a_literal(state, given, more, verdict, ask):
    sample = deployment(definition(state), given=given, **more)
    assert ask(IMAGE_GENERALIZED, sample).verdict == verdict


def test_symbolic_names_existing_resources_and_conditions():
    sample = deployment(
        languageVersion="2.0",
        resources={
            "image": definition(),
            "other": definition(existing=True),
            "never": definition(condition=False),
            "perhaps": definition(condition="[parameters('x')]"),
        },
    )
    assert [one.place.split(" ")[0] for one in inner(sample)] == [
        "template.resources.image",
        "template.resources.perhaps",
    ]


def test_nested_resources_have_the_names_and_types_of_their_parents():
    pool = {"type": "pools", "name": "p", "properties": {"vmSize": "x"}}
    account = {"type": "Microsoft.Batch/batchAccounts", "name": "a", "resources": [pool]}
    outer, nested = inner(deployment(account))
    assert (outer.type, nested.type) == (tokens.BATCH_ACCOUNT, tokens.BATCH_POOL)
    assert (nested.props["accountName"], nested.props["poolName"]) == ("a", "p")
    assert nested.props["resourceGroupName"] == "rg"


def test_a_nested_resource_belongs_to_its_parent_even_without_known_names():
    pool = {"type": "pools", "name": "p"}
    account = {
        "type": "Microsoft.Batch/batchAccounts",
        "name": "[uniqueString('x')]",
        "resources": [pool],
    }
    outer = host(deployment(account))
    outer = replace(outer, inner=expand(outer))
    found = dependencies(outer, outer.inner[1], {"properties": ["version"]})
    assert found["accountName"] == [outer.inner[0].urn]
    assert found["poolName"] == ["version"]
    assert outer.inner[0].props["accountName"] is MARK


def nested_deployment(scope, state="[parameters('s')]"):
    return {
        "type": "microsoft.resources/DEPLOYMENTS",
        "name": "n",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": scope},
            "parameters": {"s": {"value": "[parameters('inner')]"}},
            "template": {"resources": [definition(state)]},
        },
    }


@pytest.mark.parametrize(("scope", "verdict"), [("inner", "pass"), ("outer", "fail")])
def test_a_nested_template_has_its_own_parameters_or_the_outer_ones(scope, verdict, ask):
    parameters = {"s": {"value": "Specialized"}, "inner": {"value": "Generalized"}}
    sample = deployment(nested_deployment(scope), given=parameters)
    assert ask(IMAGE_GENERALIZED, sample).verdict == verdict


def test_a_linked_template_is_refused_wherever_it_stands(ask):
    link = {"type": "Microsoft.Resources/deployments", "name": "n"}
    link["properties"] = {"templateLink": {"uri": "https://x/?sig=s3cret"}}
    answer = ask(NO_OPAQUE_TEMPLATE, deployment(link))
    (line,) = answer.findings
    assert line.startswith(
        "template.resources[0] (Microsoft.Resources/deployments): properties.templateLink is set"
    )
    assert "s3cret" not in answer.text
    outer = Sample(type=tokens.DEPLOYMENT, props={"properties": {"parametersLink": {"uri": "x"}}})
    assert ask(NO_OPAQUE_TEMPLATE, outer).verdict == "fail"
    spec = Sample(type=CLASSIC, props={"templateSpecVersionId": "/subscriptions/x"})
    assert ask(NO_OPAQUE_TEMPLATE, spec).verdict == "fail"
    unknown = Sample(type=tokens.DEPLOYMENT, props={"properties": {"templateLink": UNKNOWN}})
    assert ask(NO_OPAQUE_TEMPLATE, unknown).verdict == "undecided"


def test_loops_are_looked_at_once_with_their_index_unknown(ask):
    loop = definition(name="[concat('render/i', copyIndex())]", copy={"name": "c", "count": 3})
    (line,) = ask(IMAGE_GENERALIZED, deployment(loop)).findings
    assert "(Microsoft.Compute/galleries/images): osState" in line
    made = definition()
    made["properties"] = {
        "osState": "Generalized",
        "copy": [{"name": "features", "count": 2, "input": {"name": "SecurityType"}}],
    }
    (view,) = inner(deployment(made))
    assert view.props["features"] is MARK
    assert "copy" not in view.props


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"template": "{"}, ("template", "a text that is not JSON", False)),
        ({"template": "[]"}, ("template", "not an object", False)),
        ({"template": 5}, ("template", "not an object", False)),
        ({"template": UNKNOWN}, ("template", "not known", True)),
        (
            {"template": {"resources": 5}},
            ("template.resources", "neither a list nor an object", False),
        ),
        ({"template": {"resources": UNKNOWN}}, ("template.resources[0]", "", True)),
        ({"template": {"resources": [5]}}, ("template.resources[0]", "not an object", False)),
        ({"template": {"resources": [{}]}}, ("template.resources[0].type", "no text", False)),
        ({"template": {"resources": ["[x()]"]}}, ("template.resources[0]", "not known", True)),
    ],
)
def test_what_cannot_be_read_is_said(props, expected, ask):
    sample = Sample(type=tokens.DEPLOYMENT, props={"properties": props})
    answer = ask(TEMPLATE_RESOURCES_CHECKED, sample)
    assert answer.verdict == ("undecided" if expected[2] else "fail")
    if not expected[2]:
        assert answer.findings[0].startswith(f"{expected[0]} is {expected[1]}; needed: ")


@pytest.mark.parametrize("props", [{}, {"properties": None}, {"properties": {"template": None}}])
def test_a_deployment_without_a_template_holds_nothing(props, ask):
    sample = Sample(type=tokens.DEPLOYMENT, props=props)
    assert ask(TEMPLATE_RESOURCES_CHECKED, sample).verdict == "pass"
    assert inner(sample) == ()


def test_too_many_resources_and_too_deep_templates_are_said():
    many = deployment(*[{"type": "a/b", "name": "c"}] * (MOST_RESOURCES + 5))
    assert len(inner(many)) == MOST_RESOURCES
    assert trouble(many) == [("template", f"of more than {MOST_RESOURCES} resources", False)]
    deep = {"resources": []}
    for _ in range(20):
        deep = {
            "resources": [
                {
                    "type": "Microsoft.Resources/deployments",
                    "name": "n",
                    "properties": {"template": deep},
                }
            ]
        }
    assert "nested too deeply" in trouble(deployment(**deep))[0][1]


def test_variables_made_of_each_other_end_somewhere():
    variables = {f"v{n}": [f"[variables('v{n + 1}')]"] * 10 for n in range(50)}
    sample = deployment(definition("[variables('v0')]"), variables=variables)
    assert len(inner(sample)) == 1


def test_an_unknown_batch_or_gallery_type_in_a_template_is_named(ask):
    sample = deployment(
        {"type": "Microsoft.Batch/batchAccounts/novelties", "name": "a/b"},
        {"type": "Microsoft.Batch/batchAccounts/applications", "name": "a/b"},
        {"type": "Microsoft.Storage/storageAccounts", "name": "s"},
    )
    (line,) = ask(NOT_COVERED, sample).findings
    assert line.startswith("template.resources[0] (Microsoft.Batch/?): ")


def test_findings_in_a_template_are_capped_like_all_others(ask):
    sample = deployment(*[definition(name=f"render/i{n}") for n in range(MOST_FINDINGS + 3)])
    reports = ask(IMAGE_GENERALIZED, sample).reports
    assert len(reports) == MOST_FINDINGS + 1
    assert reports[-1][0] == "3 more findings of image-generalized are not shown."


def test_open_questions_inside_a_template_are_listed_with_their_place(ask_run):
    account = {
        "type": "Microsoft.Batch/batchAccounts",
        "name": "a",
        "properties": {"allowedAuthenticationModes": "[parameters('modes')]"},
    }
    pack = policies((PACK_SETTINGS, ACCOUNT_ENTRA_ONLY, UNDECIDED))
    ((text, place),) = ask_run(pack, (deployment(account),))[UNDECIDED.id].reports
    assert text.startswith(
        "template.resources[0] (Microsoft.Batch/batchAccounts): allowedAuthenticationModes is "
        "not known"
    )
    assert place.endswith("::t")


@pytest.mark.parametrize("kind", sorted(NAMINGS))
def test_a_name_in_segments_becomes_the_path_parameters(kind):
    naming = NAMINGS[kind]
    names = [f"n{index}" for index, _ in enumerate(naming.parameters)]
    (view,) = inner(deployment({"type": naming.arm_type.upper(), "name": "/".join(names)}))
    assert view.type == kind
    assert [view.props[parameter] for parameter in naming.parameters] == names


NODE = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([UNKNOWN, "[parameters('x')]", "[[", "[", "", IMAGES, "a/b/c", "pools"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "name", "properties", "resources", "template", "parameters", "copy"]
            ),
            below,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(NODE, st.sampled_from([tokens.DEPLOYMENT, tokens.GENERIC_RESOURCE, CLASSIC]))
def test_no_template_breaks_the_walk(value, kind):
    props = {
        "properties": {"template": value, "parameters": value},
        "templateContent": value,
        "resourceType": value,
        "parentResourcePath": value,
    }
    troubles(host(Sample(type=kind, props=props)))


RESOURCE_RULES = tuple(rule for rule in ALL_RULES if isinstance(rule, Rule))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(NODE, NODE)
def test_no_template_breaks_a_rule(ask_run, value, properties):
    sample = deployment(definition(properties=properties), value)
    for name, answer in ask_run(policies(RESOURCE_RULES), (sample,)).items():
        assert "broken" not in answer.text, name
