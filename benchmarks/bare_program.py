"""The program as one would write it without components: the same resources, in plain loops.

It is the yardstick of the benchmarks: it keeps azure-native's aliases and Python's collector as
they come, and takes names and figures from the same plan, so that only the registration differs.
"""

from __future__ import annotations

import pulumi
from pulumi_azure_native import batch, compute, resources

from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.plan import plan
from imagefleet.settings import load


def build(fleet: FleetPlan, name: str) -> None:
    """Register every resource of `fleet` flat below the stack."""
    group = resources.ResourceGroup(
        name, resource_group_name=fleet.resource_group.name, location=fleet.resource_group.location
    )
    gallery = compute.Gallery(
        name,
        gallery_name=fleet.gallery.name,
        location=fleet.gallery.location,
        resource_group_name=group.name,
    )
    definitions = {
        each.key: compute.GalleryImage(
            f"{name}-{each.key}",
            gallery_image_name=each.name,
            gallery_name=gallery.name,
            resource_group_name=group.name,
            location=fleet.gallery.location,
            identifier=compute.GalleryImageIdentifierArgs(
                publisher=each.image.identifier.publisher,
                offer=each.image.identifier.offer,
                sku=each.image.identifier.sku,
            ),
            os_type=compute.OperatingSystemTypes(each.image.os_type.value),
            os_state=compute.OperatingSystemStateTypes.GENERALIZED,
            hyper_v_generation=each.image.generation.value,
            architecture=each.image.architecture.value,
            features=[compute.GalleryImageFeatureArgs(name="SecurityType", value="Standard")],
        )
        for each in fleet.definitions
    }
    versions = _versions(fleet, name, group, gallery, definitions)
    _pools(fleet, name, group, versions)


def _versions(
    fleet: FleetPlan,
    name: str,
    group: resources.ResourceGroup,
    gallery: compute.Gallery,
    definitions: dict[str, compute.GalleryImage],
) -> dict[str, compute.GalleryImageVersion]:
    made = {}
    for version in fleet.image_versions:
        managed = version.managed_image
        if managed is None:
            continue
        snapshots = {
            each.id: compute.Snapshot(
                f"{name}-{each.key}",
                snapshot_name=each.name,
                resource_group_name=group.name,
                location=each.location,
                incremental=False,
                creation_data=compute.CreationDataArgs(
                    create_option="Copy", source_resource_id=each.source_id
                ),
            )
            for each in managed.snapshots
        }
        image = compute.Image(
            f"{name}-{managed.key}",
            image_name=managed.name,
            resource_group_name=group.name,
            location=managed.location,
            hyper_v_generation=managed.generation.value,
            storage_profile=compute.ImageStorageProfileArgs(
                os_disk=compute.ImageOSDiskArgs(
                    os_type=compute.OperatingSystemTypes(managed.os_type.value),
                    os_state=compute.OperatingSystemStateTypes.GENERALIZED,
                    caching=compute.CachingTypes(managed.caching.value),
                    snapshot=compute.SubResourceArgs(id=snapshots[managed.os_snapshot_id or ""].id),
                )
            ),
        )
        made[version.key] = compute.GalleryImageVersion(
            f"{name}-{version.key}",
            gallery_image_version_name=version.version,
            gallery_image_name=definitions[version.image_key].name,
            gallery_name=gallery.name,
            resource_group_name=group.name,
            location=version.location,
            storage_profile=compute.GalleryImageVersionStorageProfileArgs(
                source=compute.GalleryArtifactVersionFullSourceArgs(id=image.id)
            ),
            publishing_profile=compute.GalleryImageVersionPublishingProfileArgs(
                target_regions=[
                    compute.TargetRegionArgs(
                        name=region.name, regional_replica_count=region.replicas.value
                    )
                    for region in version.regions
                ]
            ),
        )
    return made


def _pools(
    fleet: FleetPlan,
    name: str,
    group: resources.ResourceGroup,
    versions: dict[str, compute.GalleryImageVersion],
) -> None:
    accounts = {
        each.key: batch.BatchAccount(
            f"{name}-{each.key}",
            account_name=each.name,
            resource_group_name=group.name,
            location=each.location,
            allowed_authentication_modes=[batch.AuthenticationMode.AAD],
        )
        for each in fleet.accounts
    }
    for pool in fleet.pools:
        batch.Pool(
            f"{name}-{pool.key}",
            pool_name=pool.pool_id.value,
            account_name=accounts[pool.account_key].name,
            resource_group_name=group.name,
            vm_size=pool.settings.vm_size,
            deployment_configuration=batch.DeploymentConfigurationArgs(
                virtual_machine_configuration=batch.VirtualMachineConfigurationArgs(
                    image_reference=batch.ImageReferenceArgs(
                        id=versions[pool.image_version_key].id
                    ),
                    node_agent_sku_id=pool.node_agent_sku.value,
                    os_disk=batch.OSDiskArgs(caching=batch.CachingType.READ_WRITE),
                )
            ),
            scale_settings=batch.ScaleSettingsArgs(
                fixed_scale=batch.FixedScaleSettingsArgs(
                    target_dedicated_nodes=pool.nodes.value,
                    resize_timeout=pool.resize_timeout.value if pool.resize_timeout else None,
                )
            ),
        )


if __name__ == "__main__":
    build(plan(load()), pulumi.get_project())
