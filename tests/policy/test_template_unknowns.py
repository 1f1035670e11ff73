"""What a template leaves open is an open question, and nothing that Azure would take it for."""

from __future__ import annotations

import pytest

from rules.image import IMAGE_NO_TRUSTED_LAUNCH
from tests.policy.template_kit import FORMS, UNKNOWN, definition, deployment, trouble


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("[parameters('version')]", "undecided"),
        ("2025-03-03", "fail"),
        ("2024-03-03", "pass"),
    ],
)
def test_an_api_version_that_a_template_computes_is_not_taken_for_an_old_one(
    form, version, verdict, ask
):
    """From 2025-03-03 a definition of generation 2 without a security type is no standard one."""
    untyped = definition("Generalized", apiVersion=version)
    untyped["properties"] |= {"hyperVGeneration": "V2"}
    assert ask(IMAGE_NO_TRUSTED_LAUNCH, form(deployment(untyped))).verdict == verdict


@pytest.mark.parametrize("mark", [UNKNOWN, "[secret]"])
@pytest.mark.parametrize(
    ("resources", "path"),
    [
        (lambda mark: mark, "template.resources"),
        (lambda mark: [mark], "template.resources[0]"),
        (lambda mark: [definition(type=mark)], "template.resources[0].type"),
    ],
    ids=["all", "one", "its type"],
)
def test_a_mark_of_the_engine_in_a_template_is_an_open_question(mark, resources, path):
    """It is no text: as the text of a type or of resources it would be of no form, or harmless."""
    assert trouble(deployment(resources=resources(mark))) == [(path, "not known", True)]
