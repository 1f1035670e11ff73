"""Groups, snapshots, images, galleries and definitions: each rule with a case on both sides."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import (
    DEFINITION,
    GALLERY,
    GROUP,
    IMAGE,
    OUTSIDE,
    VERSION,
)

OTHER_DISK = f"{OUTSIDE}/Microsoft.Compute/disks/other"
MACHINE = f"{OUTSIDE}/Microsoft.Compute/virtualMachines/builder"
OS_DISK = "storageProfile.osDisk"
TARGETS = "publishingProfile.targetRegions"


def test_the_whole_path_reads_back_what_was_written(account):
    version = account.read("GalleryImageVersion", VERSION)
    assert version["provisioningState"] == "Succeeded"
    assert version["name"] == "1.0.0"
    assert version["type"] == "Microsoft.Compute/galleries/images/versions"
    assert version["storageProfile"] == {"source": {"id": IMAGE}}
    assert version["location"] == "westeurope"
    assert "resourceGroupName" not in version
    assert account.read("Gallery", GALLERY)["identifier"]["uniqueName"].endswith("-FLEET")


def test_a_child_of_a_missing_parent_is_refused(world):
    world.path("ResourceGroup")
    error = world.refused(lambda: world.make("GalleryImage"), "ParentResourceNotFound")
    assert error.status == 404
    world.path("Gallery")
    world.make("GalleryImage")


def test_a_parent_that_was_deleted_is_missing_and_one_never_seen_is_outside(world):
    world.make("Gallery")
    world.delete("Gallery", GALLERY)
    world.refused(lambda: world.make("GalleryImage"), "ParentResourceNotFound")
    world.make("GalleryImage", {"galleryName": "somebodys"})


def test_a_second_create_of_one_id_is_refused_whatever_its_case(gallery):
    error = gallery.refused(
        lambda: gallery.make("Gallery", {"galleryName": "FLEET"}), "ResourceAlreadyExists"
    )
    assert "cannot create already existing resource" in error.message


def test_an_update_of_what_is_gone_is_refused(world):
    world.make("Gallery")
    world.delete("Gallery", GALLERY)
    world.refused(
        lambda: world.update("Gallery", GALLERY, {"description": "x"}), "ResourceNotFound"
    )


@pytest.mark.parametrize(
    ("name", "parameter", "bad"),
    [
        ("Snapshot", "snapshotName", "with.dot"),
        ("Image", "imageName", "ends-with-"),
        ("Gallery", "galleryName", "with-dash"),
        ("GalleryImage", "galleryImageName", "under_score"),
    ],
)
def test_names_follow_the_services_rules(gallery, name, parameter, bad):
    error = gallery.refused(lambda: gallery.make(name, {parameter: bad}), "InvalidResourceName")
    assert bad in error.message


def test_an_image_is_made_in_the_region_of_its_snapshot(world):
    world.path("ResourceGroup", "Snapshot")
    error = world.refused(
        lambda: world.make("Image", {"location": "northeurope"}), "ResourceNotFound"
    )
    assert "westeurope" in error.message
    assert "northeurope" in error.message
    world.make("Image", {"location": "West Europe"})


def test_an_image_of_a_missing_snapshot_is_refused_and_of_an_outside_one_is_not(world):
    world.path("ResourceGroup")
    world.refused(lambda: world.make("Image"), "ResourceNotFound")
    outside = f"{OUTSIDE}/Microsoft.Compute/snapshots/theirs"
    world.make("Image", {f"{OS_DISK}.snapshot.id": outside})


def test_no_managed_image_holds_a_trusted_launch_disk(world):
    world.path("ResourceGroup")
    world.make("Snapshot", {"securityProfile": {"securityType": "TrustedLaunch"}})
    error = world.refused(lambda: world.make("Image"), "OperationNotAllowed")
    assert "TrustedLaunch" in error.message


def test_a_gallery_name_is_unique_in_its_subscription(world):
    world.path("ResourceGroup", "Gallery")
    world.make("ResourceGroup", {"resourceGroupName": "second"})
    world.refused(
        lambda: world.make("Gallery", {"resourceGroupName": "second"}), "GalleryNameNotUnique"
    )
    world.delete("Gallery", GALLERY)
    world.make("Gallery", {"resourceGroupName": "second"})


def test_the_identifier_is_unique_in_its_gallery_in_any_case(gallery):
    error = gallery.refused(
        lambda: gallery.make(
            "GalleryImage", {"galleryImageName": "second", "identifier.publisher": "STUDIO"}
        ),
        "ImageDefinitionIdentifierNotUnique",
    )
    assert "publisher:STUDIO, offer:ubuntu, sku:render" in error.message
    gallery.make("GalleryImage", {"galleryImageName": "second", "identifier.sku": "other"})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("osType", "Windows"),
        ("osState", "Specialized"),
        ("hyperVGeneration", "V1"),
        ("architecture", "Arm64"),
        ("identifier.sku", "other"),
        ("purchasePlan", {"name": "n", "product": "p", "publisher": "q"}),
        ("features", [{"name": "SecurityType", "value": "TrustedLaunch"}]),
    ],
)
def test_what_a_definition_says_about_its_images_is_fixed(gallery, path, value):
    error = gallery.refused(
        lambda: gallery.update("GalleryImage", DEFINITION, {path: value}),
        "PropertyChangeNotAllowed",
    )
    assert path in error.message


def test_a_definition_may_change_its_texts_and_its_features_when_it_says_so(gallery):
    gallery.update("GalleryImage", DEFINITION, {"description": "x", "endOfLifeDate": "2030-01-01"})
    gallery.update(
        "GalleryImage",
        DEFINITION,
        {
            "allowUpdateImage": True,
            "features": [{"name": "SecurityType", "value": "TrustedLaunch"}],
        },
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"features": [{"name": "SecurityType", "value": "Trusty"}]},
        {
            "features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}],
            "hyperVGeneration": "V1",
        },
        {"purchasePlan": {}},
    ],
)
def test_a_definition_the_service_does_not_know_is_refused(gallery, changes):
    fresh = {"galleryImageName": "second", "identifier.sku": "second", **changes}
    gallery.refused(lambda: gallery.make("GalleryImage", fresh), "InvalidParameter")


def test_galleries_and_definitions_are_deleted_from_the_inside_out(account):
    error = account.refused(lambda: account.delete("Gallery", GALLERY), "CannotDeleteResource")
    assert DEFINITION in error.message
    error = account.refused(
        lambda: account.delete("GalleryImage", DEFINITION), "CannotDeleteResource"
    )
    assert VERSION in error.message
    account.delete("GalleryImageVersion", VERSION)
    account.delete("GalleryImage", DEFINITION)
    account.delete("Gallery", GALLERY)
    account.delete("Gallery", GALLERY)  # what is gone counts as deleted


def test_deleting_a_group_deletes_what_is_in_it_and_nothing_else(account):
    account.make("ResourceGroup", {"resourceGroupName": "fleet2"})
    account.make("Gallery", {"resourceGroupName": "fleet2", "galleryName": "other"})
    account.delete("ResourceGroup", GROUP)
    assert account.read("GalleryImageVersion", VERSION) is None
    other = GALLERY.replace("/fleet/", "/fleet2/").replace("galleries/fleet", "galleries/other")
    assert account.read("Gallery", other) is not None
