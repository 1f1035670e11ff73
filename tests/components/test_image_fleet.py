"""The façade: which parts it makes, under which names, and what each depends on."""

from __future__ import annotations

import re
from dataclasses import replace

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.image_fleet import ImageFleet
from components.runtime import prepare_program
from imagefleet.domain.fleet import ImageVersionSource
from tests.components.fleets import (
    EXISTING_VERSION,
    FLEET,
    FLEET_MAX,
    OLD_POOL,
    version_from,
)
from tests.components.samples import (
    ACCOUNT,
    ACCOUNT_ID,
    CUSTOM_ROLE,
    DEFINITION,
    GALLERY,
    GALLERY_ID,
    GRANT,
    GROUP,
    GROUP_ID,
    POOL,
    VERSION,
)
from tests.recorder import STACK_URN, UNKNOWN, record

OURS = "imagefleet:"
IN_FLEET_GROUP = ("ResourceGroup", "fleet")
IN_GROUP = {"resourceGroupName": {IN_FLEET_GROUP}}


def fleet(plan, *, preview=False, name="fleet"):
    def run():
        prepare_program(keep_provider_aliases=plan.keep_provider_aliases)
        made = ImageFleet(name, plan)
        pulumi.export("galleryId", made.gallery_id)
        pulumi.export("imageVersions", made.image_versions)
        pulumi.export("accounts", made.accounts)
        pulumi.export("pools", made.pools)
        pulumi.export("endpoints", made.endpoints)

    return record(run, preview=preview)


EVERYTHING_EXISTS = replace(
    FLEET,
    resource_group=replace(GROUP, existing=True),
    gallery=replace(GALLERY, existing=True, resource_group="rg-images"),
    definitions=(replace(DEFINITION, existing=True),),
    image_versions=(EXISTING_VERSION,),
    accounts=(replace(ACCOUNT, existing=True, resource_group="rg-batch"),),
    pools=(OLD_POOL,),
)
FOREIGN = replace(
    FLEET,
    gallery=replace(
        GALLERY,
        existing=True,
        foreign_subscription=True,
        subscription_id="99999999-9999-4999-8999-999999999999",
        resource_group="rg-images",
    ),
    custom_role=CUSTOM_ROLE,
    grants=(GRANT,),
)


class TestWhatIsMade:
    def test_defaults(self):
        assert fleet(FLEET).made() == {
            ("imagefleet:index:ImageFleet", "fleet"),
            ("azure-native:resources:ResourceGroup", "fleet"),
            ("imagefleet:compute:Gallery", "fleet"),
            ("azure-native:compute:Gallery", "fleet"),
            ("imagefleet:compute:ImageDefinition", "fleet-render"),
            ("azure-native:compute:GalleryImage", "fleet-render"),
            ("imagefleet:compute:SourceSnapshots", "fleet-render-1.0.0"),
            ("azure-native:compute:Snapshot", "fleet-render-1.0.0-os"),
            ("azure-native:compute:Snapshot", "fleet-render-1.0.0-lun0"),
            ("azure-native:compute:Snapshot", "fleet-render-1.0.0-lun3"),
            ("imagefleet:compute:ManagedImage", "fleet-render-1.0.0"),
            ("azure-native:compute:Image", "fleet-render-1.0.0"),
            ("imagefleet:compute:ReplicatedImageVersion", "fleet-render-1.0.0"),
            ("azure-native:compute:GalleryImageVersion", "fleet-render-1.0.0"),
            ("imagefleet:batch:BatchAccount", "fleet-main"),
            ("azure-native:batch:BatchAccount", "fleet-main"),
            ("imagefleet:batch:BatchPool", "fleet-render-1.0.0"),
            ("azure-native:batch:Pool", "fleet-render-1.0.0"),
        }

    def test_max(self):
        recorder = fleet(FLEET_MAX)
        names = {
            kind: {name for token, name in recorder.made() if token == kind}
            for kind, _ in recorder.made()
        }
        versions = {f"fleet-render-1.{minor}.0" for minor in range(5)}
        assert names["azure-native:compute:GalleryImageVersion"] == versions
        assert names["azure-native:compute:Image"] == {
            "fleet-render-1.0.0",
            "fleet-render-1.1.0",
            "fleet-render-1.2.0",
        }
        assert names["azure-native:authorization:RoleAssignment"] == {
            "fleet-access-app-custom",
            "fleet-access-team-image-reader",
            "fleet-access-team-disk-reader",
        }
        assert names["azure-native:batch:Pool"] == {"fleet-render-1.0.0", "fleet-render-0.9.0"}

    def test_what_exists_is_used_by_id_and_never_made(self):
        recorder = fleet(EVERYTHING_EXISTS)
        assert recorder.made() == {
            ("imagefleet:index:ImageFleet", "fleet"),
            ("imagefleet:batch:BatchPool", "fleet-render-0.9.0"),
            ("azure-native:batch:Pool", "fleet-render-0.9.0"),
        }
        pool = recorder.one("Pool")
        assert pool.inputs["resourceGroupName"] == "rg-batch"
        assert pool.inputs["accountName"] == "batchwe"
        reference = pool.inputs["deploymentConfiguration"]["virtualMachineConfiguration"]
        assert reference["imageReference"] == {"id": EXISTING_VERSION.id}
        assert pool.property_dependencies == {}

    def test_everything_is_below_the_fleet_and_every_resource_below_its_component(self):
        recorder = fleet(FLEET_MAX)
        top = recorder.one("ImageFleet")
        by_urn = {each.urn: each for each in recorder.registrations}
        assert top.parent == STACK_URN
        for each in recorder.registrations:
            if each.type.startswith(OURS) and each is not top:
                assert each.parent == top.urn
            if each.custom and each.kind != "ResourceGroup":
                component = by_urn[each.parent]
                assert component.type.startswith(OURS)
                assert each.name.startswith(component.name)

    def test_protection_is_for_gallery_definitions_and_versions_alone(self):
        recorder = fleet(FLEET_MAX)
        protected = {each.kind for each in recorder.registrations if each.protect}
        assert protected == {"Gallery", "GalleryImage", "GalleryImageVersion"}
        assert not any(each.protect for each in fleet(FLEET).registrations)


class TestNames:
    def test_no_name_holds_a_list_position(self):
        """Names end in a key of the plan, so another entry before it renames nothing."""
        keys = {"fleet", "fleet-access", "fleet-main", "fleet-render"}
        stamped = re.compile(r"fleet-render-\d+\.\d+\.\d+(-os|-lun\d+)?")
        granted = re.compile(r"fleet-access-(app|team)-[a-z-]+")
        for _, name in fleet(FLEET_MAX).made():
            assert name in keys or stamped.fullmatch(name) or granted.fullmatch(name), name

    @settings(max_examples=10)
    @given(st.randoms(use_true_random=False))
    def test_another_order_gives_the_same_registrations(self, random):
        def shuffled(items):
            return tuple(random.sample(items, len(items)))

        other = replace(
            FLEET_MAX,
            image_versions=shuffled(FLEET_MAX.image_versions),
            grants=shuffled(FLEET_MAX.grants),
            pools=shuffled(FLEET_MAX.pools),
        )
        assert by_urn(fleet(other)) == by_urn(fleet(FLEET_MAX))

    def test_taking_one_version_away_changes_no_other_resource(self):
        fewer = replace(FLEET_MAX, image_versions=FLEET_MAX.image_versions[1:], pools=(OLD_POOL,))
        before, after = by_urn(fleet(FLEET_MAX)), by_urn(fleet(fewer))
        assert after.items() <= before.items()
        gone = {urn.rsplit("::", maxsplit=1)[-1] for urn in before.keys() - after.keys()}
        assert {name[: len("fleet-render-1.0.0")] for name in gone} == {"fleet-render-1.0.0"}


def by_urn(recorder):
    return {each.urn: each for each in recorder.registrations}


@settings(max_examples=10)
@given(st.sampled_from([FLEET, FLEET_MAX, EVERYTHING_EXISTS, FOREIGN]), st.booleans())
def test_building_twice_gives_the_same_registrations(plan, preview):
    assert by_urn(fleet(plan, preview=preview)) == by_urn(fleet(plan, preview=preview))


@pytest.mark.parametrize("plan", [FLEET, FLEET_MAX, EVERYTHING_EXISTS, FOREIGN])
def test_a_first_preview_knows_every_input(plan):
    """An unknown input would make each rule about it undecidable."""
    previewed, made = by_urn(fleet(plan, preview=True)), by_urn(fleet(plan))
    assert {urn: each.inputs for urn, each in previewed.items()} == {
        urn: each.inputs for urn, each in made.items()
    }
    assert UNKNOWN not in str([each.inputs for each in previewed.values()])


class TestPropertyDependencies:
    """What the cascade of delete-before-replace and the policy pack follow."""

    def dependencies(self, kind, name=None, plan=FLEET):
        recorder = fleet(plan)
        kinds = {each.urn: (each.kind, each.name) for each in recorder.registrations}
        found = recorder.one(kind, name).property_dependencies
        return {key: {kinds[urn] for urn in urns} for key, urns in found.items()}

    @pytest.mark.parametrize("kind", ["BatchAccount", "Gallery"])
    def test_what_lies_in_the_group(self, kind):
        recorder = fleet(FLEET)
        (made,) = (each for each in recorder.registrations if each.custom and each.kind == kind)
        assert made.property_dependencies == {
            "resourceGroupName": (recorder.one("ResourceGroup").urn,)
        }

    def test_a_definition(self):
        assert self.dependencies("GalleryImage") == {
            **IN_GROUP,
            "galleryName": {("Gallery", "fleet")},
        }

    def test_a_snapshot_and_its_image(self):
        assert self.dependencies("Snapshot", "fleet-render-1.0.0-os") == IN_GROUP
        assert self.dependencies("Image") == {
            **IN_GROUP,
            "storageProfile": {
                ("Snapshot", f"fleet-render-1.0.0-{role}") for role in ("os", "lun0", "lun3")
            },
        }

    def test_a_version(self):
        assert self.dependencies("GalleryImageVersion") == {
            **IN_GROUP,
            "galleryName": {("Gallery", "fleet")},
            "galleryImageName": {("GalleryImage", "fleet-render")},
            "storageProfile": {("Image", "fleet-render-1.0.0")},
        }

    def test_a_pool(self):
        assert self.dependencies("Pool") == {
            **IN_GROUP,
            "accountName": {("BatchAccount", "fleet-main")},
            "deploymentConfiguration": {("GalleryImageVersion", "fleet-render-1.0.0")},
        }

    @pytest.mark.parametrize("spelling", [str, str.upper, "{}/".format])
    def test_a_version_copied_from_another_of_the_fleet(self, spelling):
        """In whatever spelling: what is missed here is read before it is made."""
        copied = version_from("0.5.0", ImageVersionSource(image_version=""), spelling(VERSION.id))
        plan = replace(FLEET, image_versions=(VERSION, copied))
        found = self.dependencies("GalleryImageVersion", "fleet-render-0.5.0", plan=plan)
        assert found["storageProfile"] == {("GalleryImageVersion", "fleet-render-1.0.0")}

    def test_a_role_and_its_assignments(self):
        assert self.dependencies("RoleDefinition", plan=FLEET_MAX) == {
            "scope": {IN_FLEET_GROUP},
            "assignableScopes": {IN_FLEET_GROUP},
        }
        assert self.dependencies("RoleAssignment", "fleet-access-app-custom", plan=FLEET_MAX) == {
            "scope": {("Gallery", "fleet")},
            "roleDefinitionId": {("RoleDefinition", "fleet-access")},
        }

    def test_pools_wait_for_the_grants_without_depending_on_their_values(self):
        recorder = fleet(FLEET_MAX)
        grants = {each.urn for each in recorder.registrations if each.kind == "RoleAssignment"}
        pool = recorder.one("Pool", "fleet-render-1.0.0")
        assert len(grants) == 3
        assert grants <= set(pool.dependencies)
        for urns in pool.property_dependencies.values():
            assert grants.isdisjoint(urns)


class TestForeignGallery:
    def test_one_provider_for_what_lies_in_the_other_subscription(self):
        recorder = fleet(FOREIGN)
        provider = recorder.one("azure-native")
        assert provider.name == "fleet-gallery"
        assert provider.inputs["subscriptionId"] == FOREIGN.gallery.subscription_id
        assert provider.inputs["environment"] == "public"
        elsewhere = {each.kind for each in recorder.registrations if each.provider}
        assert elsewhere == {
            "GalleryImage",
            "GalleryImageVersion",
            "RoleDefinition",
            "RoleAssignment",
        }
        (reference,) = {each.provider for each in recorder.registrations if each.provider}
        assert reference.startswith(f"{provider.urn}::")
        assert recorder.one("GalleryImage").inputs["resourceGroupName"] == "rg-images"

    def test_its_cloud_is_that_of_the_fleet(self):
        """An explicit provider says `public` unless told."""
        environment = replace(FLEET.cloud.endpoints["environment"], value="china")
        cloud = replace(FLEET.cloud, endpoints={"environment": environment})
        provider = fleet(replace(FOREIGN, cloud=cloud)).one("azure-native")
        assert provider.inputs["environment"] == "china"

    def test_no_provider_otherwise(self):
        assert not any(each.provider for each in fleet(FLEET_MAX).registrations)


class TestOutputs:
    def test_they_are_known_at_the_first_preview(self):
        outputs = fleet(FLEET, preview=True).stack_outputs
        assert outputs["galleryId"] == GALLERY_ID
        assert outputs["pools"] == {"render-1.0.0": POOL.id}
        assert outputs["imageVersions"] == {
            "render-1.0.0": {"id": VERSION.id, "replicas": {"westeurope": 4}}
        }
        assert outputs["accounts"]["main"]["id"] == ACCOUNT_ID
        assert outputs["endpoints"]["batchAudience"] == "https://batch.core.windows.net/"

    def test_an_existing_account_has_no_endpoint_to_show(self):
        assert fleet(EVERYTHING_EXISTS).stack_outputs["accounts"] == {"main": {"id": ACCOUNT_ID}}

    def test_of_an_existing_version_the_need_is_shown_not_a_claim(self):
        assert fleet(EVERYTHING_EXISTS).stack_outputs["imageVersions"] == {
            "render-0.9.0": {
                "id": EXISTING_VERSION.id,
                "replicasNeeded": {"westeurope": 4},
            }
        }

    def test_the_fleet_says_what_it_is(self):
        assert fleet(FLEET).one("ImageFleet").inputs == {
            "cloud": "public",
            "galleryId": GALLERY_ID,
        }

    def test_ids_come_from_the_plan(self):
        group = fleet(FLEET).one("ResourceGroup")
        assert group.inputs == {"resourceGroupName": "rg-fleet", "location": "westeurope"}
        assert GROUP.id == GROUP_ID
