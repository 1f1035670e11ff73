"""The document's whole path as a person would write it for Microsoft's management clients."""

from __future__ import annotations

import uuid

from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.models import RoleAssignmentCreateParameters
from azure.mgmt.batch import BatchManagementClient
from azure.mgmt.batch import models as batch
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as compute
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.simulate.conftest import SUBSCRIPTION

GROUP, PLACE = "fleet", "westeurope"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
GALLERY_ID = f"{GROUP_ID}/providers/Microsoft.Compute/galleries/fleet"
VERSION_ID = f"{GALLERY_ID}/images/ubuntu/versions/1.0.0"
ACCOUNT_ID = f"{GROUP_ID}/providers/Microsoft.Batch/batchAccounts/fleetbatch"
POOL_ID = f"{ACCOUNT_ID}/pools/render"
DISK_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/builders/providers/Microsoft.Compute/disks/os"
)
ROLE, GRANT = str(uuid.uuid5(uuid.NAMESPACE_URL, "role")), str(uuid.uuid5(uuid.NAMESPACE_URL, "g"))
PRINCIPAL = "22222222-2222-2222-2222-222222222222"


class Clients:
    """The four management clients, all at one door."""

    def __init__(self, doors):
        common = {
            "base_url": doors.arm_url,
            "credential_scopes": [doors.arm_scope],
            "connection_verify": str(doors.ca_file),
            "polling_interval": 1,
        }
        credential = doors.credential()
        self.doors = doors
        self.batch = BatchManagementClient(credential, SUBSCRIPTION, **common)
        self.compute = ComputeManagementClient(credential, SUBSCRIPTION, **common)
        self.roles = AuthorizationManagementClient(credential, SUBSCRIPTION, **common)
        self.resources = ResourceManagementClient(credential, SUBSCRIPTION, **common)

    def close(self):
        for client in (self.batch, self.compute, self.roles, self.resources):
            client.close()

    def make_image(self):
        """Group, snapshot, managed image, gallery and definition."""
        self.resources.resource_groups.create_or_update(GROUP, {"location": PLACE})
        snapshot = self.compute.snapshots.begin_create_or_update(
            GROUP,
            "os",
            compute.Snapshot(
                location=PLACE,
                os_type="Linux",
                hyper_v_generation="V2",
                incremental=True,
                creation_data=compute.CreationData(
                    create_option="Copy", source_resource_id=DISK_ID
                ),
            ),
        ).result()
        image = self.compute.images.begin_create_or_update(
            GROUP,
            "ubuntu-1.0.0",
            compute.Image(
                location=PLACE,
                hyper_v_generation="V2",
                storage_profile=compute.ImageStorageProfile(
                    os_disk=compute.ImageOSDisk(
                        os_type="Linux",
                        os_state="Generalized",
                        caching="ReadWrite",
                        snapshot=compute.SubResource(id=snapshot.id),
                    )
                ),
            ),
        ).result()
        self.compute.galleries.begin_create_or_update(
            GROUP, "fleet", compute.Gallery(location=PLACE, description="images of the fleet")
        ).result()
        self.compute.gallery_images.begin_create_or_update(
            GROUP,
            "fleet",
            "ubuntu",
            compute.GalleryImage(
                location=PLACE,
                os_type="Linux",
                os_state="Generalized",
                hyper_v_generation="V2",
                identifier=compute.GalleryImageIdentifier(
                    publisher="studio", offer="ubuntu", sku="render"
                ),
                features=[compute.GalleryImageFeature(name="SecurityType", value="Standard")],
            ),
        ).result()
        return image

    def version(self, image_id, replicas=2, **options):
        """Begin the image version in two regions."""
        return self.compute.gallery_image_versions.begin_create_or_update(
            GROUP,
            "fleet",
            "ubuntu",
            "1.0.0",
            compute.GalleryImageVersion(
                location=PLACE,
                storage_profile=compute.GalleryImageVersionStorageProfile(
                    source=compute.GalleryArtifactVersionFullSource(id=image_id)
                ),
                publishing_profile=compute.GalleryImageVersionPublishingProfile(
                    target_regions=[
                        compute.TargetRegion(name="West Europe", regional_replica_count=replicas),
                        compute.TargetRegion(name="North Europe", regional_replica_count=1),
                    ]
                ),
            ),
            **options,
        )

    def grant(self):
        """The custom role of D30 to D32 and its assignment, at the gallery."""
        definition = self.roles.role_definitions.create_or_update(
            GALLERY_ID,
            ROLE,
            {
                "role_name": "fleet image reader",
                "role_type": "CustomRole",
                "description": "reads images",
                "permissions": [
                    {
                        "actions": [
                            "Microsoft.Compute/galleries/read",
                            "Microsoft.Compute/disks/beginGetAccess/action",
                        ]
                    }
                ],
                "assignable_scopes": [GALLERY_ID],
            },
        )
        return self.roles.role_assignments.create(
            GALLERY_ID,
            GRANT,
            RoleAssignmentCreateParameters(
                role_definition_id=definition.id,
                principal_id=PRINCIPAL,
                principal_type="ServicePrincipal",
            ),
        )

    def account(self, modes=("AAD",)):
        """An account, Entra-only unless told."""
        return self.batch.batch_account.begin_create(
            GROUP,
            "fleetbatch",
            batch.BatchAccountCreateParameters(
                location=PLACE, allowed_authentication_modes=list(modes)
            ),
        ).result()

    def pool(self, name="render", nodes=600, version_id=VERSION_ID):
        """A pool of fixed scale from the version."""
        return self.batch.pool.create(
            GROUP,
            "fleetbatch",
            name,
            batch.Pool(
                vm_size="STANDARD_D4DS_V5",
                deployment_configuration=batch.DeploymentConfiguration(
                    virtual_machine_configuration=batch.VirtualMachineConfiguration(
                        image_reference=batch.ImageReference(id=version_id),
                        node_agent_sku_id="batch.node.ubuntu 22.04",
                    )
                ),
                scale_settings=batch.ScaleSettings(
                    fixed_scale=batch.FixedScaleSettings(
                        target_dedicated_nodes=nodes, resize_timeout="PT15M"
                    )
                ),
            ),
        )

    def whole_path(self):
        """Everything from the resource group to the pool."""
        image = self.make_image()
        self.version(image.id).result()
        self.grant()
        self.account()
        return self.pool()
