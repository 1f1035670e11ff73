"""Gallery image versions: each rule with a case on both sides."""

from __future__ import annotations

import pytest

from tests.offline.azure.world import (
    DISK,
    GROUP,
    IMAGE,
    MISSING,
    OUTSIDE,
    SETTINGS,
    SNAPSHOT,
    TOKENS,
    VERSION,
)

OTHER_DISK = f"{OUTSIDE}/Microsoft.Compute/disks/other"
MACHINE = f"{OUTSIDE}/Microsoft.Compute/virtualMachines/builder"
OS_DISK = "storageProfile.osDisk"
TARGETS = "publishingProfile.targetRegions"


def test_a_resource_in_a_deleted_group_is_refused(world):
    world.make("ResourceGroup")
    world.delete("ResourceGroup", GROUP)
    error = world.refused(lambda: world.make("Gallery"), "ResourceGroupNotFound")
    assert "'fleet'" in error.message
    world.make("ResourceGroup")
    world.make("Gallery")


def test_a_version_name_must_be_three_numbers(gallery):
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", {"galleryImageVersionName": "1.0"}),
        "InvalidParameter",
    )
    assert "Major.Minor.Patch" in error.message


def test_a_snapshot_keeps_its_source(world):
    world.path("ResourceGroup", "Snapshot")
    world.update("Snapshot", SNAPSHOT, {"tags": {"a": "b"}})
    error = world.refused(
        lambda: world.update("Snapshot", SNAPSHOT, {"creationData.sourceResourceId": OTHER_DISK}),
        "PropertyChangeNotAllowed",
    )
    assert "'creationData.sourceResourceId' is not allowed" in error.message


def test_a_copy_needs_a_source(world):
    world.path("ResourceGroup")
    world.refused(
        lambda: world.make("Snapshot", {"creationData.sourceResourceId": MISSING}),
        "InvalidParameter",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {f"{OS_DISK}.blobUri": "https://x.blob.core.windows.net/c/d.vhd"},
        {f"{OS_DISK}.snapshot": MISSING},
        {f"{OS_DISK}.osType": "Windows"},
        {"hyperVGeneration": "V1"},
        {"storageProfile": MISSING},
        {
            "storageProfile.dataDisks": [
                {"lun": 0, "snapshot": {"id": SNAPSHOT}},
                {"lun": 0, "snapshot": {"id": SNAPSHOT}},
            ]
        },
    ],
)
def test_an_image_must_fit_its_one_source(world, changes):
    world.path("ResourceGroup", "Snapshot")
    world.refused(lambda: world.make("Image", changes), "InvalidParameter")


def test_an_image_keeps_its_source(gallery):
    other = f"{OUTSIDE}/Microsoft.Compute/snapshots/theirs"
    gallery.refused(
        lambda: gallery.update("Image", IMAGE, {f"{OS_DISK}.snapshot.id": other}),
        "PropertyChangeNotAllowed",
    )
    gallery.update("Image", IMAGE, {"tags": {"a": "b"}})


def test_generation_and_security_type_have_the_defaults_of_the_api_version(gallery):
    made = gallery.make(
        "GalleryImage",
        {
            "galleryImageName": "plain",
            "identifier.sku": "plain",
            "hyperVGeneration": MISSING,
            "features": MISSING,
        },
    )
    assert made.outputs["hyperVGeneration"] == "V1"
    assert made.outputs["architecture"] == "x64"
    assert "features" not in made.outputs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({f"{TARGETS}.0.name": "northeurope"}, "Duplicate regions"),
        ({f"{TARGETS}.0.name": "uksouth"}, "must contain the location"),
        ({f"{TARGETS}.0.regionalReplicaCount": 0}, "must be 1 to 100"),
        ({f"{TARGETS}.0.regionalReplicaCount": 101}, "must be 1 to 100"),
        ({"storageProfile": {}}, "either 'source'"),
        ({"storageProfile.source.virtualMachineId": MACHINE}, "one of id"),
        ({"storageProfile.osDiskImage": {"source": {"id": SNAPSHOT}}}, "either 'source'"),
    ],
)
def test_a_version_the_service_does_not_take_is_refused(gallery, changes, words):
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", changes), "InvalidParameter"
    )
    assert words in error.message


@pytest.mark.parametrize(
    "profile",
    [
        {"source": {"id": IMAGE}},
        {"source": {"virtualMachineId": MACHINE}},
        {"osDiskImage": {"source": {"id": SNAPSHOT}, "hostCaching": "ReadWrite"}},
        {
            "osDiskImage": {
                "source": {
                    "uri": "https://x.blob.core.windows.net/c/d.vhd",
                    "storageAccountId": f"{OUTSIDE}/Microsoft.Storage/storageAccounts/vhds",
                }
            }
        },
    ],
)
def test_every_kind_of_source_makes_a_version(gallery, profile):
    made = gallery.make("GalleryImageVersion", {"storageProfile": profile})
    assert made.outputs["storageProfile"] == profile


def test_a_version_is_made_in_the_region_of_its_source(gallery):
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", {"location": "northeurope"}),
        "ResourceNotFound",
    )
    assert "is not found in northeurope" in error.message


def test_a_version_of_a_missing_source_is_refused(gallery):
    missing = f"{GROUP}/providers/Microsoft.Compute/images/none"
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", {"storageProfile.source.id": missing}),
        "ResourceNotFound",
    )
    assert "please check that it exists" in error.message


def test_the_source_agrees_with_the_definition(gallery):
    gallery.make("GalleryImage", {"galleryImageName": "gen1", "identifier.sku": "1",
                                  "hyperVGeneration": "V1"})  # fmt: skip
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", {"galleryImageName": "gen1"}),
        "InvalidParameter",
    )
    assert "different Hypervisor generation ['V2']" in error.message
    gallery.make("GalleryImage", {"galleryImageName": "special", "identifier.sku": "2",
                                  "osState": "Specialized"})  # fmt: skip
    error = gallery.refused(
        lambda: gallery.make("GalleryImageVersion", {"galleryImageName": "special"}),
        "InvalidParameter",
    )
    assert "different OS state ['Generalized']" in error.message


@pytest.mark.parametrize("source", [DISK, SNAPSHOT, MACHINE])
def test_trusted_launch_supported_takes_no_disk_snapshot_or_machine(gallery, source):
    gallery.make(
        "GalleryImage",
        {
            "galleryImageName": "tls",
            "identifier.sku": "tls",
            "features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}],
        },
    )
    machine = "virtualMachines" in source
    profile = (
        {"source": {"virtualMachineId": source}}
        if machine
        else {"osDiskImage": {"source": {"id": source}}}
    )
    error = gallery.refused(
        lambda: gallery.make(
            "GalleryImageVersion", {"galleryImageName": "tls", "storageProfile": profile}
        ),
        "InvalidParameter",
    )
    assert "only VHD, managed image and gallery image version sources" in error.message
    before = gallery.azure.store
    with before.read() as transaction:
        begun = transaction.now
    gallery.make("GalleryImageVersion", {"galleryImageName": "tls"})
    with before.read() as transaction:
        assert transaction.now - begun == 100  # home, other region, an hour of validation


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("storageProfile.source.id", f"{OUTSIDE}/Microsoft.Compute/images/other"),
        ("publishingProfile.storageAccountType", "Premium_LRS"),
        ("publishingProfile.replicationMode", "Shallow"),
    ],
)
def test_source_storage_and_mode_of_a_version_are_fixed(account, path, value):
    error = account.refused(
        lambda: account.update("GalleryImageVersion", VERSION, {path: value}),
        "PropertyChangeNotAllowed",
    )
    assert path.rsplit(".", 1)[0] in error.message


def test_regions_and_replicas_of_a_version_change_in_place(account):
    regions = [
        {"name": "westeurope", "regionalReplicaCount": 5},
        {"name": "uksouth", "regionalReplicaCount": 2},
    ]
    outputs = account.update("GalleryImageVersion", VERSION, {TARGETS: regions})
    shown = outputs["publishingProfile"]["targetRegions"]
    assert [(item["name"], item["regionalReplicaCount"]) for item in shown] == [
        ("westeurope", 5),
        ("uksouth", 2),
    ]


def test_a_version_outlives_its_source(account):
    account.delete("Image", IMAGE)
    account.update("GalleryImageVersion", VERSION, {"publishingProfile.excludeFromLatest": True})


def test_replicas_are_not_taken_away_where_the_version_forbids_it(account):
    only_home = [{"name": "westeurope", "regionalReplicaCount": 4}]
    guard = {"safetyProfile": {"allowDeletionOfReplicatedLocations": False}, TARGETS: only_home}
    account.refused(
        lambda: account.update("GalleryImageVersion", VERSION, guard), "OperationNotAllowed"
    )
    account.update("GalleryImageVersion", VERSION, {TARGETS: only_home})


def test_a_version_is_kept_until_its_end_of_life_where_it_says_so(account):
    guard = {
        "safetyProfile": {"blockDeletionBeforeEndOfLife": True},
        "publishingProfile.endOfLifeDate": "2026-09-02T00:00:00Z",
    }
    account.update("GalleryImageVersion", VERSION, guard)
    account.refused(
        lambda: account.delete("GalleryImageVersion", VERSION),
        "DeleteGalleryImageVersionBlockedBeforeEndOfLife",
    )
    account.azure.advance(24 * 60)
    account.delete("GalleryImageVersion", VERSION)


def test_a_wait_shorter_than_the_replication_times_out_and_azure_goes_on(gallery):
    inputs = gallery.checked("GalleryImageVersion")
    kind = TOKENS["GalleryImageVersion"]
    gallery.refused(
        lambda: gallery.azure.create(kind, inputs, SETTINGS, preview=False, timeout_seconds=600),
        "OperationTimedOut",
    )
    assert gallery.read("GalleryImageVersion", VERSION)["provisioningState"] == "Creating"
    gallery.azure.advance(30)
    assert gallery.read("GalleryImageVersion", VERSION)["provisioningState"] == "Succeeded"


def test_a_resource_group_does_not_move(world):
    world.make("ResourceGroup")
    world.refused(
        lambda: world.update("ResourceGroup", GROUP, {"location": "northeurope"}),
        "InvalidResourceGroupLocation",
    )
    world.update("ResourceGroup", GROUP, {"location": "West Europe", "tags": {"a": "b"}})


def test_a_resource_group_name_is_checked(world):
    world.refused(
        lambda: world.make("ResourceGroup", {"resourceGroupName": "dot."}), "InvalidResourceGroup"
    )
