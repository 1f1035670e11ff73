"""Who gets the roles: applications that say so, and one for every pool's image."""

from __future__ import annotations

import pytest

from rules import tokens
from rules.pool_access import ROLE_EXISTS_FOR_POOL_IDENTITY, ROLE_PRINCIPAL_TYPE
from rules.verdicts import Sample
from tests.policy.neighbours import (
    ABROAD,
    EXTERNAL_VERSION,
    GALLERY,
    GROUP,
    GUID,
    UNKNOWN,
    assignment,
    doubts,
    findings,
    pool,
    role,
    verdict,
    version,
)

BACKUP = "3e5e47e6-65f7-47ef-90b5-e5dd4d455f24"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BEGIN = {"actions": ["Microsoft.Compute/disks/beginGetAccess/action"]}
EXISTS = ROLE_EXISTS_FOR_POOL_IDENTITY


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("ServicePrincipal", "pass"),
        ("servicePrincipal", "pass"),
        ("AgentServicePrincipal", "pass"),
        ("User", "fail"),
        (None, "fail"),
        ("Group", "not-applicable"),
        ("ForeignGroup", "not-applicable"),
        (UNKNOWN, "undecided"),
        (3, "fail"),
    ],
)
def test_at_an_image_an_application_says_that_it_is_one(stated, expected):
    assert verdict(ROLE_PRINCIPAL_TYPE, assignment(BACKUP, principalType=stated)) == expected


@pytest.mark.parametrize(
    "kind",
    [
        tokens.USER_ASSIGNED_IDENTITY,
        tokens.BATCH_ACCOUNT,
        "azuread:index/servicePrincipal:ServicePrincipal",
    ],
)
@pytest.mark.parametrize("stated", ["User", "Group", None])
def test_an_identity_of_the_stack_is_an_application_at_every_scope(kind, stated):
    app = Sample(type=kind, name="app", props={})
    given = assignment(
        BACKUP,
        GROUP,
        principalId=UNKNOWN,
        principalType=stated,
        depends={"principalId": ("app",)},
    )
    assert verdict(ROLE_PRINCIPAL_TYPE, app, given) == "fail"


def test_a_person_elsewhere_is_nobodys_business():
    given = assignment(BACKUP, GROUP, principalType="User")
    assert verdict(ROLE_PRINCIPAL_TYPE, given) == "not-applicable"


def test_a_word_that_is_no_type_is_not_shown():
    (line,) = findings(ROLE_PRINCIPAL_TYPE, assignment(BACKUP, principalType="hunter2"))
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ((assignment(BACKUP),), "pass"),
        ((assignment(BACKUP, GROUP),), "pass"),
        ((role(BEGIN), assignment(GUID)), "pass"),
        ((), "fail"),
        ((assignment(READER),), "fail"),
        ((assignment(BACKUP, GALLERY + "2"),), "fail"),
        ((assignment(READER, UNKNOWN),), "fail"),
        ((assignment(BACKUP, UNKNOWN),), "undecided"),
        ((assignment(UNKNOWN),), "undecided"),
        ((assignment(ABROAD),), "undecided"),
        ((assignment(ABROAD), assignment(BACKUP, name="other")), "pass"),
        ((assignment(BACKUP, scope=7),), "fail"),
    ],
)
def test_somebody_gets_access_to_an_image_of_the_stack(stack, expected):
    assert verdict(EXISTS, version(), pool(), *stack) == expected


def test_a_role_given_elsewhere_is_configured():
    assert verdict(EXISTS, version(), pool(), externalRole=True) == "not-applicable"


def test_an_image_outside_the_stack_may_have_its_roles_there():
    (line,) = doubts(EXISTS, pool(image=EXTERNAL_VERSION))
    assert line.startswith("undecided, external: ")
    reaching = assignment(BACKUP, GALLERY.replace("galleries/fleet", "galleries/packer"))
    assert verdict(EXISTS, pool(image=EXTERNAL_VERSION), reaching) == "pass"


def test_a_pool_without_a_gallery_image_is_not_judged():
    assert verdict(EXISTS, pool(image=None)) == "not-applicable"
    assert verdict(EXISTS, pool(image=UNKNOWN)) == "undecided"
