"""Snapshots of the disks that an image is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute

from components.references import known, tags_or_absent
from imagefleet.domain.fleet_plan import SnapshotPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSnapshotsArgs:
    """What `SourceSnapshots` needs: the snapshots to take, and the resource group they go to."""

    snapshots: tuple[SnapshotPlan, ...]
    resource_group_name: pulumi.Input[str]
    tags: Mapping[str, str]


class SourceSnapshots(pulumi.ComponentResource):
    """Full snapshots of an OS disk and of data disks (D26, D56), one for each role.

    Never incremental: those are no base for an image in every region. The image version is part
    of each name, and a changed disk under the same name is *not* replaced: Azure refuses it
    ("Changing property 'sourceResourceId' is not allowed"), because a published version is
    never rebuilt from something else. A new version number is the way.
    `snapshot_ids` maps each ARM id to itself, as an output of the snapshot.
    """

    snapshot_ids: Mapping[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: SourceSnapshotsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"sources": {plan.role: plan.source_id for plan in args.snapshots}}
        super().__init__("imagefleet:compute:SourceSnapshots", name, props, opts)
        self.snapshot_ids = {
            plan.id: known(self._snapshot(name, plan, args), plan.id) for plan in args.snapshots
        }
        self.register_outputs({"snapshotIds": list(self.snapshot_ids.values())})

    def _snapshot(
        self, name: str, plan: SnapshotPlan, args: SourceSnapshotsArgs
    ) -> compute.Snapshot:
        return compute.Snapshot(
            f"{name}-{plan.role}",
            snapshot_name=plan.name,
            resource_group_name=args.resource_group_name,
            location=plan.location,
            creation_data=compute.CreationDataArgs(
                create_option=compute.DiskCreateOption.COPY, source_resource_id=plan.source_id
            ),
            incremental=False,
            os_type=compute.OperatingSystemTypes(plan.os_type.value) if plan.os_type else None,
            hyper_v_generation=plan.generation.value if plan.generation else None,
            tags=tags_or_absent(args.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                # fixed too, but they follow the definition: it is replaced, so these must be
                replace_on_changes=["osType", "hyperVGeneration"],
                # a fixed name cannot exist twice, so the old one goes first
                delete_before_replace=True,
            ),
        )
