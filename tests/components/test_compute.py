"""Gallery, definition, snapshots, managed image and version: what each asks the engine for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pulumi
import pytest

from components.gallery import Gallery, GalleryArgs
from components.image_definition import ImageDefinition, ImageDefinitionArgs
from components.managed_image import ManagedImage, ManagedImageArgs
from components.replicated_image_version import (
    ReplicatedImageVersion,
    ReplicatedImageVersionArgs,
)
from components.source_snapshots import SourceSnapshots, SourceSnapshotsArgs
from imagefleet.domain.fleet import Caching, ImageVersion
from tests.components.fleets import VHD_IMAGE, VHD_URI, VM_IMAGE
from tests.components.samples import (
    COMPUTE,
    DEFINITION,
    DEFINITION_MAX,
    GALLERY,
    GALLERY_ID,
    MANAGED_IMAGE,
    TAGS,
    VERSION,
    region,
    snapshot,
)
from tests.recorder import record


def built(component, args, *, preview=False, opts=None):
    """The component, the resource of its own name, and the recorder, of one run."""
    made = []
    recorder = record(lambda: made.append(component("one", args, opts)), preview=preview)
    (parent,) = (each for each in recorder.registrations if each.type.startswith("imagefleet:"))
    return parent, recorder


class TestGallery:
    def args(self, **changes):
        given = {"plan": GALLERY, "resource_group_name": "rg-fleet", "tags": {}, "protect": False}
        return GalleryArgs(**(given | changes))

    def test_defaults(self):
        parent, recorder = built(Gallery, self.args())
        assert parent.type == "imagefleet:compute:Gallery"
        assert parent.inputs == {"galleryId": GALLERY_ID, "location": "westeurope"}
        assert recorder.children(parent) == {("azure-native:compute:Gallery", "one")}
        gallery = recorder.registrations[-1]
        assert gallery.inputs == {
            "galleryName": "gal_fleet",
            "location": "westeurope",
            "resourceGroupName": "rg-fleet",
        }
        assert (gallery.protect, gallery.delete_before_replace) == (False, True)
        assert (gallery.replace_on_changes, gallery.ignore_changes, gallery.timeouts) == (
            (),
            (),
            {},
        )

    def test_max(self):
        plan = replace(GALLERY, description="images of the render farm")
        parent, recorder = built(Gallery, self.args(plan=plan, tags=TAGS, protect=True))
        gallery = recorder.registrations[-1]
        assert gallery.inputs["description"] == "images of the render farm"
        assert gallery.inputs["tags"] == TAGS
        assert (parent.protect, gallery.protect) == (False, True)

    def test_protection_by_the_caller_reaches_the_gallery(self):
        """`protect` is left unset, not false, so that a parent's protection is inherited."""
        _, recorder = built(Gallery, self.args(), opts=pulumi.ResourceOptions(protect=True))
        assert recorder.registrations[-1].protect


class TestImageDefinition:
    def args(self, **changes):
        given = {
            "plan": DEFINITION,
            "location": "westeurope",
            "gallery_name": "gal_fleet",
            "resource_group_name": "rg-fleet",
            "tags": {},
            "protect": False,
        }
        return ImageDefinitionArgs(**(given | changes))

    def test_defaults(self):
        parent, recorder = built(ImageDefinition, self.args())
        assert parent.inputs == {"definitionId": DEFINITION.id}
        assert recorder.children(parent) == {("azure-native:compute:GalleryImage", "one")}
        definition = recorder.registrations[-1]
        assert definition.inputs == {
            "galleryName": "gal_fleet",
            "galleryImageName": "render",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "osType": "Linux",
            "osState": "Generalized",
            "hyperVGeneration": "V2",
            "architecture": "x64",
            "identifier": {"publisher": "Contoso", "offer": "Render", "sku": "Node"},
            "features": [{"name": "SecurityType", "value": "Standard"}],
        }

    def test_max(self):
        args = self.args(plan=DEFINITION_MAX, tags=TAGS, protect=True)
        _, recorder = built(ImageDefinition, args)
        definition = recorder.registrations[-1]
        assert definition.inputs["osType"] == "Windows"
        assert definition.inputs["hyperVGeneration"] == "V1"
        assert definition.inputs["architecture"] == "Arm64"
        assert definition.inputs["description"] == "what the render nodes run"
        assert definition.inputs["endOfLifeDate"] == "2030-01-31T00:00:00Z"
        assert definition.inputs["tags"] == TAGS
        assert definition.protect

    def test_a_definition_told_to_leave_the_security_type_out_writes_no_feature(self):
        _, recorder = built(ImageDefinition, self.args(plan=DEFINITION_MAX))
        assert "features" not in recorder.registrations[-1].inputs

    def test_what_azure_fixes_replaces_it_old_one_first(self):
        _, recorder = built(ImageDefinition, self.args())
        definition = recorder.registrations[-1]
        assert definition.replace_on_changes == (
            "osType",
            "osState",
            "hyperVGeneration",
            "architecture",
            "identifier",
            "purchasePlan",
        )
        assert definition.delete_before_replace


class TestSourceSnapshots:
    ARGS = SourceSnapshotsArgs(
        snapshots=MANAGED_IMAGE.snapshots, resource_group_name="rg-fleet", tags={}
    )

    def test_one_full_snapshot_for_each_role(self):
        parent, recorder = built(SourceSnapshots, self.ARGS)
        assert parent.inputs == {
            "sources": {role: snapshot(role).source_id for role in ("os", "lun0", "lun3")}
        }
        assert recorder.children(parent) == {
            ("azure-native:compute:Snapshot", f"one-{role}") for role in ("os", "lun0", "lun3")
        }
        assert recorder.one("Snapshot", "one-os").inputs == {
            "snapshotName": "render-1.0.0-os",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "creationData": {
                "createOption": "Copy",
                "sourceResourceId": f"{COMPUTE}/disks/builder-os",
            },
            "incremental": False,
            "osType": "Linux",
            "hyperVGeneration": "V2",
        }
        data = recorder.one("Snapshot", "one-lun3").inputs
        assert {"osType", "hyperVGeneration"}.isdisjoint(data)

    def test_a_changed_disk_is_left_to_azure_to_refuse(self):
        """Replacing would rebuild a published version from something else, in silence."""
        _, recorder = built(SourceSnapshots, self.ARGS)
        for each in recorder.registrations[-3:]:
            assert "creationData" not in each.replace_on_changes
            assert each.replace_on_changes == ("osType", "hyperVGeneration")
            assert each.delete_before_replace


class TestManagedImage:
    def inputs(self, plan, **changes):
        given = {"plan": plan, "resource_group_name": "rg-fleet", "tags": {}}
        parent, recorder = built(ManagedImage, ManagedImageArgs(**(given | changes)))
        assert recorder.children(parent) == {("azure-native:compute:Image", "one")}
        image = recorder.registrations[-1]
        assert image.replace_on_changes == ("storageProfile.osDisk.osType", "hyperVGeneration")
        assert image.delete_before_replace
        return image.inputs

    def test_from_snapshots_in_order_of_their_lun(self):
        assert self.inputs(MANAGED_IMAGE, tags=TAGS) == {
            "imageName": "render-1.0.0",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "hyperVGeneration": "V2",
            "tags": TAGS,
            "storageProfile": {
                "osDisk": {
                    "osType": "Linux",
                    "osState": "Generalized",
                    "caching": "ReadWrite",
                    "snapshot": {"id": snapshot("os").id},
                },
                "dataDisks": [
                    {"lun": 0, "snapshot": {"id": snapshot("lun0").id}},
                    {"lun": 3, "snapshot": {"id": snapshot("lun3").id}},
                    {"lun": 7, "snapshot": {"id": f"{COMPUTE}/snapshots/reference-data"}},
                ],
            },
        }

    def test_from_a_machine_nothing_but_the_machine(self):
        inputs = self.inputs(VM_IMAGE)
        assert inputs["sourceVirtualMachine"] == {"id": f"{COMPUTE}/virtualMachines/builder"}
        assert "storageProfile" not in inputs

    def test_from_a_vhd(self):
        inputs = self.inputs(VHD_IMAGE)
        assert inputs["storageProfile"] == {
            "osDisk": {
                "osType": "Linux",
                "osState": "Generalized",
                "caching": "ReadWrite",
                "blobUri": VHD_URI,
            }
        }


class TestReplicatedImageVersion:
    def args(self, **changes):
        given = {
            "plan": VERSION,
            "gallery_name": "gal_fleet",
            "definition_name": "render",
            "resource_group_name": "rg-fleet",
            "source_id": MANAGED_IMAGE.id,
            "tags": {},
            "protect": False,
        }
        return ReplicatedImageVersionArgs(**(given | changes))

    def test_defaults(self):
        parent, recorder = built(ReplicatedImageVersion, self.args())
        assert parent.inputs == {
            "imageVersionId": VERSION.id,
            "replicas": {"westeurope": 4},
        }
        assert recorder.children(parent) == {("azure-native:compute:GalleryImageVersion", "one")}
        version = recorder.registrations[-1]
        assert version.inputs == {
            "galleryName": "gal_fleet",
            "galleryImageName": "render",
            "galleryImageVersionName": "1.0.0",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "publishingProfile": {
                "targetRegions": [{"name": "westeurope", "regionalReplicaCount": 4}],
                "replicationMode": "Full",
                "storageAccountType": "Standard_LRS",
                "excludeFromLatest": False,
            },
            "storageProfile": {
                "source": {"id": MANAGED_IMAGE.id},
                "osDiskImage": {"hostCaching": "ReadWrite"},
            },
        }
        assert version.timeouts == {"create": "6h", "update": "6h"}

    def test_max(self):
        plan = replace(
            VERSION,
            regions=(region("westeurope", 900, 4), region("northeurope", 0, 2)),
            settings=ImageVersion(
                end_of_life=date(2031, 12, 1),
                exclude_from_latest=True,
                storage_account_type="Standard_ZRS",
                os_disk_caching=Caching.NONE,
            ),
        )
        args = self.args(plan=plan, tags=TAGS, protect=True)
        _, recorder = built(ReplicatedImageVersion, args)
        version = recorder.registrations[-1]
        assert version.inputs["publishingProfile"] == {
            "targetRegions": [
                {"name": "westeurope", "regionalReplicaCount": 4},
                {"name": "northeurope", "regionalReplicaCount": 2},
            ],
            "replicationMode": "Full",
            "storageAccountType": "Standard_ZRS",
            "excludeFromLatest": True,
            "endOfLifeDate": "2031-12-01T00:00:00Z",
        }
        assert version.inputs["storageProfile"]["osDiskImage"] == {"hostCaching": "None"}
        assert version.inputs["tags"] == TAGS
        assert version.protect

    @pytest.mark.parametrize("preview", [True, False])
    def test_its_id_is_known_before_it_exists(self, preview):
        parent, recorder = built(ReplicatedImageVersion, self.args(), preview=preview)
        assert recorder.outputs[parent.urn] == {
            "imageVersionId": VERSION.id,
            "replicas": {"westeurope": 4},
        }

    def test_a_changed_source_is_left_to_azure_to_refuse(self):
        _, recorder = built(ReplicatedImageVersion, self.args())
        version = recorder.registrations[-1]
        assert version.replace_on_changes == ()
        assert version.ignore_changes == ()
        assert version.delete_before_replace
