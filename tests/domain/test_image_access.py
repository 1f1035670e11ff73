"""Which roles concern gallery images, which of them are too little and which too much."""

from __future__ import annotations

import pytest

from imagefleet.domain import image_access, roles
from imagefleet.domain.roles import Permission


def test_the_insufficient_roles_hold_no_access_and_are_those_people_take_for_enough():
    assert {role.guid for role in image_access.INSUFFICIENT} == {
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "cf7c76d2-98a3-4358-a134-615aa78bf44d",
        "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    }
    assert not any(image_access.grants_access(role) for role in image_access.INSUFFICIENT)


def test_the_owner_is_the_owner():
    assert image_access.OWNER.guid == "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def test_twelve_built_in_roles_hold_the_access():
    holding = [role for role in roles.BUILT_IN if image_access.grants_access(role)]
    assert len(holding) == 12


@pytest.mark.parametrize(
    ("actions", "concerns", "made"),
    [
        (("*",), True, False),
        (("*/read",), True, False),
        (("Microsoft.Compute/*",), True, False),
        (("Microsoft.Compute/galleries/read",), True, True),
        (("MICROSOFT.COMPUTE/DISKS/BEGINGETACCESS/ACTION",), True, True),
        (("Microsoft.Compute/disks/write",), False, True),
        (("Microsoft.Storage/*",), False, False),
        ((), False, False),
    ],
)
def test_what_a_role_is_about(actions, concerns, made):
    blocks = (Permission(actions=actions),)
    assert image_access.concerns_images(blocks) is concerns
    assert image_access.made_for_images(blocks) is made


def test_what_is_taken_away_again_still_tells_what_a_role_is_about():
    block = Permission(actions=("*",), not_actions=("Microsoft.Compute/*",))
    assert image_access.concerns_images((block,))


def test_application_types_are_principal_types():
    assert set(image_access.APPLICATION_TYPES) < set(image_access.PRINCIPAL_TYPES)
