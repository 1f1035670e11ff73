"""The managed image between a source (snapshots, a machine, a VHD) and an image version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import compute

from components.references import known, tags_or_absent
from imagefleet.domain.fleet_plan import ManagedImagePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedImageArgs:
    """What `ManagedImage` needs: its plan, its resource group, and the snapshots behind it.

    `snapshot_ids` maps the ARM id of a snapshot made in this program to the output that depends
    on it; snapshots that are not in it exist already.
    """

    plan: ManagedImagePlan
    resource_group_name: pulumi.Input[str]
    tags: Mapping[str, str]
    snapshot_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class ManagedImage(pulumi.ComponentResource):
    """A generalized managed image (D25, D34 to D37): the step on the way, never a pool's image.

    A changed source under the same version is not replaced: Azure refuses it, because a
    published version is never rebuilt from something else.
    """

    image_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: ManagedImageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plan = args.plan
        super().__init__("imagefleet:compute:ManagedImage", name, {"imageId": plan.id}, opts)
        machine = plan.virtual_machine_id
        image = compute.Image(
            name,
            image_name=plan.name,
            resource_group_name=args.resource_group_name,
            location=plan.location,
            hyper_v_generation=plan.generation.value,
            source_virtual_machine=compute.SubResourceArgs(id=machine) if machine else None,
            # Azure takes the disks from the machine, and refuses both at once
            storage_profile=None if machine else _storage_profile(args),
            tags=tags_or_absent(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                # fixed too, but they follow the definition: it is replaced, so these must be
                replace_on_changes=["storageProfile.osDisk.osType", "hyperVGeneration"],
                # a fixed name cannot exist twice, so the old one goes first
                delete_before_replace=True,
            ),
        )
        self.image_id = known(image, plan.id)
        self.register_outputs({"imageId": self.image_id})


def _storage_profile(args: ManagedImageArgs) -> compute.ImageStorageProfileArgs:
    plan = args.plan
    return compute.ImageStorageProfileArgs(
        os_disk=compute.ImageOSDiskArgs(
            os_type=compute.OperatingSystemTypes(plan.os_type.value),
            os_state=compute.OperatingSystemStateTypes.GENERALIZED,
            caching=compute.CachingTypes(plan.caching.value),
            snapshot=_snapshot(args, plan.os_snapshot_id) if plan.os_snapshot_id else None,
            blob_uri=plan.vhd_uri,
        ),
        data_disks=[
            compute.ImageDataDiskArgs(lun=lun, snapshot=_snapshot(args, snapshot_id))
            for lun, snapshot_id in sorted(plan.data_snapshot_ids.items())
        ]
        or None,
    )


def _snapshot(args: ManagedImageArgs, snapshot_id: str) -> compute.SubResourceArgs:
    return compute.SubResourceArgs(id=args.snapshot_ids.get(snapshot_id, snapshot_id))
