"""Resources of a stack are joined by dependency, then by the ids that their names make."""

from __future__ import annotations

import importlib
import inspect

import pytest

from rules import tokens
from rules.arm_names import NAMINGS
from rules.canonical import ABSENT, UNKNOWN, Provider, Resource, WrongShape
from rules.stack import External, Stack

GROUP = "/subscriptions/0000/resourceGroups/Images"
VERSION_ID = f"{GROUP}/providers/Microsoft.Compute/galleries/render/images/linux/versions/1.0.0"
PATH = ("deploymentConfiguration", "id")


def made(name, kind, *, subscription=None, **props):
    provider = None
    if subscription:
        provider = Provider(urn="p", type="t", props={"subscriptionId": subscription})
    return Resource(urn=name, name=name, type=kind, token=kind, props=props, provider=provider)


def version(name="version", **props):
    names = {
        "resourceGroupName": "images",
        "galleryName": "Render",
        "galleryImageName": "linux",
        "galleryImageVersionName": "1.0.0",
    }
    return made(name, tokens.GALLERY_IMAGE_VERSION, **(names | props))


def pool(value=VERSION_ID, **props):
    return made("pool", tokens.BATCH_POOL, deploymentConfiguration={"id": value}, **props)


def stack(*resources, **depends):
    """A stack; `depends` maps a resource's name to {property: names}."""
    return Stack(
        resources={resource.urn: resource for resource in resources},
        property_dependencies=depends,
    )


VERSIONS = (tokens.GALLERY_IMAGE_VERSION,)


def test_an_unknown_id_is_the_one_resource_of_the_type_that_the_property_depends_on():
    group = made("group", tokens.RESOURCE_GROUP)
    joined = stack(
        pool(UNKNOWN), version(), group, pool={"deploymentConfiguration": ["group", "version"]}
    )
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "version"


@pytest.mark.parametrize("depends", [[], ["version", "other"], ["gone"]])
def test_an_unknown_id_with_no_or_several_candidates_is_unknown(depends):
    joined = stack(
        pool(UNKNOWN), version(), version("other"), pool={"deploymentConfiguration": depends}
    )
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS) is UNKNOWN


def test_a_known_id_decides_between_candidates():
    newer = version("newer", galleryImageVersionName="2.0.0")
    joined = stack(pool(), newer, version(), pool={"deploymentConfiguration": ["newer", "version"]})
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "version"


def test_a_known_id_finds_its_resource_without_a_dependency_in_any_case():
    joined = stack(pool(VERSION_ID.upper()), version())
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "version"


@pytest.mark.parametrize(
    "props",
    [
        {"resourceGroupName": "elsewhere"},
        {"galleryImageVersionName": "1.0.1"},
        {"galleryName": "render2"},
    ],
)
def test_a_known_id_of_another_resource_is_outside_the_stack(props):
    joined = stack(pool(), version(**props))
    found = joined.referred(joined.resources["pool"], PATH, VERSIONS)
    assert isinstance(found, External)
    assert found.arm.name == "1.0.0"


@pytest.mark.parametrize(("subscription", "inside"), [("0000", True), ("1111", False)])
def test_a_known_subscription_of_the_provider_counts(subscription, inside):
    other = version()
    known = made("version", other.type, subscription=subscription, **other.props)
    joined = stack(pool(), known)
    found = joined.referred(joined.resources["pool"], PATH, VERSIONS)
    assert isinstance(found, Resource) is inside


def test_the_same_names_in_two_subscriptions_are_told_apart_or_left_open():
    props = version().props
    kind = tokens.GALLERY_IMAGE_VERSION
    one = made("one", kind, subscription="0000", **props)
    two = made("two", kind, subscription="1111", **props)
    joined = stack(pool(), two, one)
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "one"
    joined = stack(pool(), version("a"), version("b"))
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS) is UNKNOWN


def test_a_resource_with_an_unknown_name_may_be_the_one():
    joined = stack(pool(), version(galleryImageVersionName=UNKNOWN))
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS) is UNKNOWN
    joined = stack(pool(), version(galleryImageVersionName=UNKNOWN, galleryName="other"))
    assert isinstance(joined.referred(joined.resources["pool"], PATH, VERSIONS), External)
    joined = stack(
        pool(),
        version(galleryImageVersionName=UNKNOWN),
        pool={"deploymentConfiguration": ["version"]},
    )
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "version"


def test_absent_other_texts_and_wrong_kinds():
    joined = stack(pool(None), version())
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS) is ABSENT
    joined = stack(pool("render"), version())
    found = joined.referred(joined.resources["pool"], PATH, VERSIONS)
    assert found == External("render", None)
    with pytest.raises(WrongShape):
        stack().referred(pool([1]), PATH, VERSIONS)


def test_an_id_of_a_type_that_was_not_asked_for_is_outside():
    joined = stack(pool(), version())
    found = joined.referred(joined.resources["pool"], PATH, (tokens.MANAGED_IMAGE,))
    assert isinstance(found, External)


def definition(name="definition", **props):
    names = {"resourceGroupName": "images", "galleryName": "render", "galleryImageName": "linux"}
    return made(name, tokens.GALLERY_IMAGE, **(names | props))


def test_an_owner_is_found_by_names_or_by_dependency():
    joined = stack(version(), definition())
    assert joined.owner(joined.resources["version"], tokens.GALLERY_IMAGE).urn == "definition"
    joined = stack(
        version(galleryImageName=UNKNOWN, galleryName=UNKNOWN, resourceGroupName=UNKNOWN),
        definition(galleryName=UNKNOWN, resourceGroupName=UNKNOWN),
        version={"galleryImageName": ["definition"]},
    )
    assert joined.owner(joined.resources["version"], tokens.GALLERY_IMAGE).urn == "definition"


def test_an_owner_that_is_elsewhere_or_open_is_said_to_be():
    joined = stack(version(), definition(galleryImageName="windows"))
    found = joined.owner(joined.resources["version"], tokens.GALLERY_IMAGE)
    assert isinstance(found, External)
    assert found.arm.names == ("render", "linux")
    joined = stack(version(galleryImageName=UNKNOWN), definition())
    assert joined.owner(joined.resources["version"], tokens.GALLERY_IMAGE) is UNKNOWN
    with pytest.raises(ValueError, match="not nested"):
        joined.owner(definition(), tokens.BATCH_ACCOUNT)


def test_a_name_is_taken_through_the_resource_it_comes_from():
    group = made("group", tokens.RESOURCE_GROUP, resourceGroupName="images")
    gallery = made("gallery", tokens.GALLERY, resourceGroupName=UNKNOWN, galleryName="render")
    joined = stack(
        pool(),
        version(resourceGroupName=UNKNOWN, galleryName=UNKNOWN),
        group,
        gallery,
        version={"resourceGroupName": ["group"], "galleryName": ["gallery"]},
    )
    assert joined.referred(joined.resources["pool"], PATH, VERSIONS).urn == "version"
    assert joined.owner(joined.resources["version"], tokens.RESOURCE_GROUP).urn == "group"


def test_of_candidates_that_hold_each_other_the_innermost_is_meant():
    group = made("group", tokens.RESOURCE_GROUP, resourceGroupName="images")
    gallery = made("gallery", tokens.GALLERY, resourceGroupName="images", galleryName="render")
    grant = made("grant", tokens.ROLE_ASSIGNMENT, scope=UNKNOWN)
    joined = stack(group, gallery, grant, grant={"scope": ["group", "gallery"]})
    found = joined.referred(grant, ("scope",), (tokens.RESOURCE_GROUP, tokens.GALLERY))
    assert found.urn == "gallery"


def test_a_role_definition_is_the_same_at_every_scope():
    role = made("role", tokens.ROLE_DEFINITION, roleDefinitionId="ABCD", scope=GROUP)
    text = "/providers/Microsoft.Authorization/roleDefinitions/abcd"
    grant = made("grant", tokens.ROLE_ASSIGNMENT, roleDefinitionId=text)
    joined = stack(role, grant)
    found = joined.referred(grant, ("roleDefinitionId",), (tokens.ROLE_DEFINITION,))
    assert found.urn == "role"
    assert joined.by_id("/subscriptions/x" + text).urn == "role"


def test_dependants_are_found_by_dependency_by_id_and_by_nesting():
    by_id, other = pool(), made("other", tokens.BATCH_POOL)
    joined = stack(
        version(), by_id, other, definition(), other={"deploymentConfiguration": ["version"]}
    )
    pools = joined.dependants(joined.resources["version"], (tokens.BATCH_POOL,))
    assert [one.urn for one in pools] == ["pool", "other"]
    nested = joined.dependants(joined.resources["definition"], VERSIONS)
    assert [one.urn for one in nested] == ["version"]


@pytest.mark.parametrize("kind", sorted(NAMINGS))
def test_the_inputs_that_name_a_resource_are_those_of_the_provider(kind):
    _, module, name = kind.split(":")
    cls = getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)
    known = set(inspect.signature(cls._internal_init).parameters)
    for parameter in NAMINGS[kind].parameters:
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in parameter)
        assert snake in known


def nested_fleet(accounts, pools):
    """Accounts in two groups, pools that name theirs by text, by dependency or not yet at all."""
    found, depends = [], {}
    for number in range(accounts):
        group = ("images", "others")[number % 2]
        names = {"resourceGroupName": group, "accountName": f"a{number // 2}"}
        found.append(made(f"account{number}", tokens.BATCH_ACCOUNT, **names))
    for number in range(pools):
        name, group = f"a{number % accounts // 2}", ("images", "Others", UNKNOWN)[number % 3]
        if number % 5 == 0:
            name, group = UNKNOWN, UNKNOWN
        names = {"resourceGroupName": group, "accountName": name, "poolName": f"p{number}"}
        found.append(made(f"pool{number}", tokens.BATCH_POOL, **names))
        if number % 5 == 0:
            depends[f"pool{number}"] = {"accountName": [f"account{number % accounts}"]}
    return stack(*found, **depends)


def test_what_is_nested_is_found_from_the_holder_as_from_the_inside():
    joined = nested_fleet(accounts=8, pools=60)
    pools = list(joined.of_types((tokens.BATCH_POOL,)))
    seen = 0
    for account in joined.of_types((tokens.BATCH_ACCOUNT,)):
        inside = [one for one in pools if joined.owner(one, tokens.BATCH_ACCOUNT) is account]
        assert list(joined.dependants(account, (tokens.BATCH_POOL,))) == inside
        seen += len(inside)
    assert 0 < seen < len(pools)


def test_looking_for_dependants_does_not_go_over_the_whole_stack_each_time(monkeypatch):
    """With many builder machines in one stack that was quadratic."""
    joined, walked = nested_fleet(accounts=8, pools=60), []
    original = Stack.of_types

    def counting(self, types):
        walked.append(types)
        return original(self, types)

    monkeypatch.setattr(Stack, "of_types", counting)
    accounts = [one for one in joined.resources.values() if one.type == tokens.BATCH_ACCOUNT]
    joined.dependants(accounts[0], (tokens.BATCH_POOL,))
    first = len(walked)
    for account in accounts[1:]:
        joined.dependants(account, (tokens.BATCH_POOL,))
    assert len(walked) == first
