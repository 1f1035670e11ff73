"""Parts of plans, written by hand: the plainest of each kind, and one that uses everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from imagefleet.domain.fleet import (
    Account,
    AllocationMode,
    Architecture,
    AutoScale,
    AutoStorage,
    BlobMount,
    Caching,
    FixedScale,
    Generation,
    Image,
    ImageIdentifier,
    ImageVersion,
    KeyVaultReference,
    NfsMount,
    OsType,
    Pool,
    ResourceFile,
    SnapshotSource,
    StartTask,
)
from imagefleet.domain.fleet_plan import (
    AccountPlan,
    CustomRolePlan,
    DefinitionPlan,
    Derived,
    GalleryPlan,
    GrantPlan,
    ImageVersionPlan,
    ManagedImagePlan,
    PoolPlan,
    ResourceGroupPlan,
    RolePlan,
    SnapshotPlan,
    TargetRegionPlan,
)

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP_ID = f"{SUBSCRIPTION}/resourceGroups/rg-fleet"
COMPUTE = f"{GROUP_ID}/providers/Microsoft.Compute"
GALLERY_ID = f"{COMPUTE}/galleries/gal_fleet"
ROLE_GUID = "44444444-4444-4444-8444-444444444444"
ROLE_ID = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLE_GUID}"
TAGS = {"owner": "render"}
NODE_IDENTITY = f"{GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nodes"
SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/net/subnets/nodes"


def derived(value):
    return Derived(value=value, reason="because the sample says so", sources=("D91",))


GROUP = ResourceGroupPlan(name="rg-fleet", existing=False, location="westeurope", id=GROUP_ID)

GALLERY = GalleryPlan(
    name="gal_fleet",
    resource_group="rg-fleet",
    subscription_id="11111111-1111-4111-8111-111111111111",
    location="westeurope",
    id=GALLERY_ID,
    existing=False,
    foreign_subscription=False,
    description=None,
)

IMAGE = Image(
    os_type=OsType.LINUX,
    generation=Generation.V2,
    identifier=ImageIdentifier(publisher="Contoso", offer="Render", sku="Node"),
    base_image=ImageIdentifier(publisher="canonical", offer="ubuntu-24_04-lts", sku="server"),
    versions={},
)

DEFINITION = DefinitionPlan(
    key="render",
    name="render",
    id=f"{GALLERY_ID}/images/render",
    existing=False,
    image=IMAGE,
    security_type=derived("Standard"),
)

DEFINITION_MAX = replace(
    DEFINITION,
    image=replace(
        IMAGE,
        os_type=OsType.WINDOWS,
        generation=Generation.V1,
        architecture=Architecture.ARM64,
        description="what the render nodes run",
        end_of_life=date(2030, 1, 31),
    ),
    security_type=None,
)


def snapshot(role: str, version: str = "1.0.0") -> SnapshotPlan:
    is_os = role == "os"
    return SnapshotPlan(
        key=f"render-{version}-{role}",
        role=role,
        name=f"render-{version}-{role}",
        id=f"{COMPUTE}/snapshots/render-{version}-{role}",
        location="westeurope",
        source_id=f"{COMPUTE}/disks/builder-{role}",
        os_type=OsType.LINUX if is_os else None,
        generation=Generation.V2 if is_os else None,
    )


MANAGED_IMAGE = ManagedImagePlan(
    key="render-1.0.0",
    name="render-1.0.0",
    id=f"{COMPUTE}/images/render-1.0.0",
    location="westeurope",
    os_type=OsType.LINUX,
    generation=Generation.V2,
    caching=Caching.READ_WRITE,
    snapshots=(snapshot("os"), snapshot("lun3"), snapshot("lun0")),
    os_snapshot_id=snapshot("os").id,
    data_snapshot_ids={
        3: snapshot("lun3").id,
        0: snapshot("lun0").id,
        7: f"{COMPUTE}/snapshots/reference-data",
    },
)


def region(name: str, nodes: int, replicas: int) -> TargetRegionPlan:
    return TargetRegionPlan(
        name=name,
        nodes=nodes,
        pools=(),
        minimum=1,
        floor=1,
        replicas=derived(replicas),
        recommended=derived(3),
    )


VERSION = ImageVersionPlan(
    key="render-1.0.0",
    image_key="render",
    version="1.0.0",
    id=f"{DEFINITION.id}/versions/1.0.0",
    existing=False,
    location="westeurope",
    settings=ImageVersion(source=SnapshotSource(os_disk=f"{COMPUTE}/disks/builder-os")),
    managed_image=MANAGED_IMAGE,
    source_id=MANAGED_IMAGE.id,
    regions=(region("westeurope", 900, 4),),
    create_timeout_hours=derived(6),
)

GRANT = GrantPlan(
    key="app",
    principal_id="22222222-2222-4222-8222-222222222222",
    principal_type="ServicePrincipal",
    scope=GALLERY_ID,
    roles=(
        RolePlan(
            key="custom",
            role_name="imagefleet gal_fleet",
            definition_id=ROLE_ID,
            assignment_name="33333333-3333-4333-8333-333333333333",
        ),
    ),
    reason=derived("least privilege"),
)

CUSTOM_ROLE = CustomRolePlan(
    role_definition_guid=ROLE_GUID,
    role_name="imagefleet gal_fleet",
    description="reads images and starts nodes from them",
    actions=(
        "Microsoft.Compute/galleries/read",
        "Microsoft.Compute/galleries/images/read",
        "Microsoft.Compute/galleries/images/versions/read",
        "Microsoft.Compute/disks/beginGetAccess/action",
    ),
    assignable_scopes=(GROUP_ID,),
    scope=GROUP_ID,
    id=f"{GROUP_ID}/providers/Microsoft.Authorization/roleDefinitions/{ROLE_GUID}",
)

BUILTIN_GRANT = replace(
    GRANT,
    key="team",
    principal_type="Group",
    scope=GROUP_ID,
    roles=(
        RolePlan(
            key="image-reader",
            role_name="Compute Gallery Image Reader",
            definition_id=f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/a",
            assignment_name="55555555-5555-4555-8555-555555555555",
        ),
        RolePlan(
            key="disk-reader",
            role_name="Disk Backup Reader",
            definition_id=f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b",
            assignment_name="66666666-6666-4666-8666-666666666666",
        ),
    ),
)

ACCOUNT_ID = f"{GROUP_ID}/providers/Microsoft.Batch/batchAccounts/batchwe"
ACCOUNT = AccountPlan(
    key="main",
    name="batchwe",
    id=ACCOUNT_ID,
    existing=False,
    location="westeurope",
    resource_group="rg-fleet",
    settings=Account(name="batchwe", location="westeurope"),
    authentication_modes=derived(("AAD",)),
)
ACCOUNT_MAX = replace(
    ACCOUNT,
    settings=Account(
        name="batchwe",
        location="westeurope",
        allocation_mode=AllocationMode.USER_SUBSCRIPTION,
        key_vault=KeyVaultReference(id=f"{GROUP_ID}/vault", url="https://kv.vault.azure.net/"),
        identities=(NODE_IDENTITY,),
        auto_storage=AutoStorage(
            storage_account=f"{GROUP_ID}/storage", node_identity=NODE_IDENTITY
        ),
        public_network_access=False,
    ),
)

POOL = PoolPlan(
    key="render-1.0.0",
    pool_key="render",
    pool_id=derived("render-1_0_0"),
    id=f"{ACCOUNT_ID}/pools/render-1_0_0",
    account_key="main",
    image_version_key="render-1.0.0",
    image_version_id=VERSION.id,
    nodes=derived(900),
    node_agent_sku=derived("batch.node.ubuntu 24.04"),
    resize_timeout=derived("PT15M"),
    replaced_on_image_change=False,
    settings=Pool(
        account="main",
        image="render",
        versions=("1.0.0",),
        vm_size="Standard_D4ds_v5",
        scale=FixedScale(dedicated=900),
    ),
)
POOL_MAX = replace(
    POOL,
    resize_timeout=None,
    settings=Pool(
        account="main",
        image="render",
        versions=("1.0.0",),
        vm_size="Standard_D4ds_v5",
        scale=AutoScale(
            formula="$TargetDedicatedNodes = 5;", maximum_nodes=5, evaluation_interval_minutes=90
        ),
        display_name="Render",
        identities=(NODE_IDENTITY,),
        subnet_id=SUBNET,
        public_ip=False,
        start_task=StartTask(
            command_line="/bin/sh -c 'printenv AZ_BATCH_NODE_STARTUP_DIR'",
            elevated=True,
            wait_for_success=False,
            max_task_retry_count=2,
            environment={"LOGS": "/mnt/logs", "CACHE": "/mnt/cache"},
            resource_files=(
                ResourceFile(
                    http_url="https://st.blob.core.windows.net/c/a",
                    file_path="a",
                    identity=NODE_IDENTITY,
                ),
                ResourceFile(auto_storage_container="setup"),
            ),
        ),
        mounts={
            "scratch": NfsMount(source="10.0.0.4:/scratch", path="scratch", options="vers=4.1"),
            "assets": BlobMount(
                account_name="assets",
                container="c",
                identity=NODE_IDENTITY,
                path="assets",
                options="-o ro",
            ),
        },
        tasks_per_node=4,
        inter_node_communication=True,
        os_disk_caching=Caching.READ_ONLY,
        metadata={"team": "render", "app": "farm"},
    ),
)
