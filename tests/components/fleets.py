"""Whole plans, written by hand: the least that a fleet can be, and one that uses everything."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import (
    ImageVersion,
    ImageVersionSource,
    ManagedImageSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.fleet_plan import CloudPlan, FleetPlan, ManagedImagePlan
from tests.components.samples import (
    ACCOUNT,
    ACCOUNT_ID,
    ACCOUNT_MAX,
    BUILTIN_GRANT,
    COMPUTE,
    CUSTOM_ROLE,
    DEFINITION,
    GALLERY,
    GRANT,
    GROUP,
    MANAGED_IMAGE,
    POOL,
    POOL_MAX,
    TAGS,
    VERSION,
    derived,
)

FLEET = FleetPlan(
    cloud=CloudPlan(
        cloud=Cloud.PUBLIC,
        endpoints={
            "environment": derived("public"),
            "batchAudience": derived("https://batch.core.windows.net/"),
        },
    ),
    resource_group=GROUP,
    tags={},
    gallery=GALLERY,
    definitions=(DEFINITION,),
    image_versions=(VERSION,),
    custom_role=None,
    grants=(),
    accounts=(ACCOUNT,),
    pools=(POOL,),
    protect=False,
    keep_provider_aliases=False,
    notes=(),
)


def version_from(version: str, source, source_id: str, image: ManagedImagePlan | None = None):
    return replace(
        VERSION,
        key=f"render-{version}",
        version=version,
        id=f"{DEFINITION.id}/versions/{version}",
        settings=ImageVersion(source=source),
        managed_image=image,
        source_id=source_id,
    )


def image_from(version: str, **source):
    return replace(
        MANAGED_IMAGE,
        key=f"render-{version}",
        name=f"render-{version}",
        id=f"{COMPUTE}/images/render-{version}",
        snapshots=(),
        os_snapshot_id=None,
        data_snapshot_ids={},
        **source,
    )


MACHINE_ID = f"{COMPUTE}/virtualMachines/builder"
VHD_URI = "https://st.blob.core.windows.net/vhds/os.vhd"
VM_IMAGE = image_from("1.1.0", virtual_machine_id=MACHINE_ID)
VHD_IMAGE = image_from("1.2.0", vhd_uri=VHD_URI)
OTHER_IMAGE_ID = f"{COMPUTE}/images/other"
OTHER_VERSION_ID = f"{COMPUTE}/galleries/other/images/x/versions/1.0.0"
EXISTING_VERSION = replace(
    VERSION,
    key="render-0.9.0",
    version="0.9.0",
    id=f"{DEFINITION.id}/versions/0.9.0",
    existing=True,
    settings=ImageVersion(id=f"{DEFINITION.id}/versions/0.9.0"),
    managed_image=None,
    source_id=None,
)
OLD_POOL = replace(
    POOL,
    key="render-0.9.0",
    pool_id=derived("render-0_9_0"),
    id=f"{ACCOUNT_ID}/pools/render-0_9_0",
    image_version_key="render-0.9.0",
    image_version_id=EXISTING_VERSION.id,
)

FLEET_MAX = replace(
    FLEET,
    tags=TAGS,
    gallery=replace(GALLERY, description="images of the render farm"),
    image_versions=(
        VERSION,
        version_from(
            "1.1.0", VirtualMachineSource(virtual_machine=MACHINE_ID), VM_IMAGE.id, VM_IMAGE
        ),
        version_from("1.2.0", VhdSource(uri=VHD_URI), VHD_IMAGE.id, VHD_IMAGE),
        version_from("1.3.0", ManagedImageSource(managed_image=OTHER_IMAGE_ID), OTHER_IMAGE_ID),
        version_from("1.4.0", ImageVersionSource(image_version=OTHER_VERSION_ID), OTHER_VERSION_ID),
        EXISTING_VERSION,
    ),
    custom_role=CUSTOM_ROLE,
    grants=(GRANT, BUILTIN_GRANT),
    accounts=(ACCOUNT_MAX,),
    pools=(POOL_MAX, OLD_POOL),
    protect=True,
)
