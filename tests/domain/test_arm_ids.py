"""ARM ids are built, parsed and compared segment by segment, in any case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import arm_ids

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
GROUP = arm_ids.resource_group(SUBSCRIPTION, "render")
GALLERY = arm_ids.gallery(GROUP, "images")
DEFINITION = arm_ids.image_definition(GALLERY, "ubuntu")
VERSION = arm_ids.image_version(DEFINITION, "1.0.0")
ACCOUNT = arm_ids.batch_account(GROUP, "renderbatch")

BUILT = {
    arm_ids.SUBSCRIPTION: arm_ids.subscription(SUBSCRIPTION),
    arm_ids.RESOURCE_GROUP: GROUP,
    arm_ids.GALLERY: GALLERY,
    arm_ids.IMAGE_DEFINITION: DEFINITION,
    arm_ids.IMAGE_VERSION: VERSION,
    arm_ids.MANAGED_IMAGE: arm_ids.managed_image(GROUP, "ubuntu-1.0.0"),
    arm_ids.SNAPSHOT: arm_ids.snapshot(GROUP, "ubuntu-1-0-0-os"),
    arm_ids.BATCH_ACCOUNT: ACCOUNT,
    arm_ids.BATCH_POOL: arm_ids.batch_pool(ACCOUNT, "render-1-0-0"),
    arm_ids.ROLE_DEFINITION: arm_ids.role_definition(GROUP, SUBSCRIPTION),
}

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(("resource_type", "text"), BUILT.items(), ids=lambda value: value[-20:])
def test_what_is_built_parses_back(resource_type, text):
    parsed = arm_ids.parse(text)
    assert parsed.resource_type == resource_type
    assert str(parsed) == text
    assert parsed.name == text.rsplit("/", 1)[-1]
    assert parsed.subscription_id == SUBSCRIPTION


@given(subscription=names, group=names, gallery=names, definition=names, version=names)
def test_a_version_id_survives_building_and_parsing(
    subscription, group, gallery, definition, version
):
    in_group = arm_ids.resource_group(subscription, group)
    in_gallery = arm_ids.gallery(in_group, gallery)
    text = arm_ids.image_version(arm_ids.image_definition(in_gallery, definition), version)
    parsed = arm_ids.parse(text)
    assert str(parsed) == text
    assert parsed.names == (gallery, definition, version)
    assert (parsed.subscription_id, parsed.resource_group) == (subscription, group)


@pytest.mark.parametrize("text", BUILT.values(), ids=lambda value: value[-20:])
def test_case_and_a_trailing_slash_make_no_difference(text):
    parsed, shouted = arm_ids.parse(text), arm_ids.parse(text.upper() + "/")
    assert parsed == shouted
    assert hash(parsed) == hash(shouted)
    assert parsed.resource_type == shouted.resource_type
    assert arm_ids.same(text, text.lower())


def test_a_nested_id_knows_its_parents():
    definition = arm_ids.parse(VERSION).parent
    assert str(definition) == DEFINITION
    assert str(definition.parent) == GALLERY
    assert str(definition.parent.parent) == GROUP
    assert str(definition.parent.parent.parent) == f"/subscriptions/{SUBSCRIPTION}"
    assert definition.parent.parent.parent.parent is None


def test_a_scope_covers_by_whole_segments():
    gallery = arm_ids.parse(GALLERY)
    assert gallery.covers(arm_ids.parse(VERSION.upper()))
    assert gallery.covers(gallery)
    assert arm_ids.parse(GROUP).covers(gallery)
    assert not gallery.covers(arm_ids.parse(GALLERY + "farm"))
    assert not arm_ids.parse(VERSION).covers(gallery)


def test_a_tenant_level_role_definition_has_no_subscription():
    parsed = arm_ids.parse(f"/providers/Microsoft.Authorization/roleDefinitions/{SUBSCRIPTION}")
    assert parsed.is_a(arm_ids.ROLE_DEFINITION)
    assert parsed.subscription_id is None
    assert parsed.parent is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "ubuntu",
        "subscriptions/x/resourceGroups/y",
        "/subscriptions",
        "/subscriptions//resourceGroups/y",
        "/subscriptions/x/resourceGroups",
        "/subscriptions/x/somethings/y",
        f"{GROUP}/providers",
        f"{GROUP}/providers/Microsoft.Compute",
        f"{GROUP}/providers/Microsoft.Compute/images",
        f"{GALLERY}/images",
        "https://portal.azure.com/",
    ],
)
def test_what_is_no_id_is_refused(text):
    assert arm_ids.try_parse(text) is None
    with pytest.raises(arm_ids.ArmIdError):
        arm_ids.parse(text)


def test_an_id_of_another_type_is_named_with_the_form_that_is_wanted():
    with pytest.raises(arm_ids.ArmIdError) as refused:
        arm_ids.parse_as(GALLERY, arm_ids.SUBNET)
    assert str(refused.value) == (
        "is the id of a Microsoft.Compute/galleries; it must have the form /subscriptions/"
        "<subscription>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/"
        "<virtualNetwork>/subnets/<subnet>"
    )


def test_one_of_several_types_is_enough():
    disk = f"{GROUP}/providers/microsoft.compute/DISKS/os"
    assert arm_ids.parse_as(disk, arm_ids.SNAPSHOT, arm_ids.DISK).is_a(arm_ids.DISK)


@given(st.text(max_size=60))
def test_parsing_never_fails_in_another_way(text):
    try:
        parsed = arm_ids.parse(text)
    except arm_ids.ArmIdError:
        return
    assert arm_ids.parse(str(parsed)) == parsed
