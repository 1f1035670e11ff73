"""Faults of pools and their nodes: (fleet, path, part of the message)."""

from __future__ import annotations

from imagefleet.domain.fleet import (
    AllocationMode,
    FixedScale,
    NfsMount,
    ResourceFile,
)
from tests.domain import fleets
from tests.domain.fault_kit import (
    SIGNED,
    V1,
    VAULT,
    auto,
    base,
    blob,
    start,
)
from tests.domain.fleets import (
    IDENTITY,
    OTHER_SUBSCRIPTION,
    SUBNET,
    SUBSCRIPTION,
    with_image,
    with_pool,
)

POOL_FAULTS = [
    (with_pool(account="mian"), "pools.render.account", "did you mean 'main'?"),
    (with_pool(image="ubunt"), "pools.render.image", "did you mean 'ubuntu'?"),
    (with_pool(versions=()), "pools.render.versions", "at least one version"),
    (with_pool(versions=("9.9.9",)), "pools.render.versions[0]", "known are 1.0.0"),
    (with_pool(versions=("latest",)), "pools.render.versions[0]", "must be Major.Minor.Patch"),
    (with_pool(versions=("1.0.0", "1.0.0")), "pools.render.versions[1]", "listed twice"),
    (with_pool(id="a.b"), "pools.render.id", "must be 1 to 64"),
    (fleets.fleet(pools={"a.b": fleets.pool()}), 'pools["a.b"]', "must be letters"),
    (fleets.fleet(pools={"a" * 60: fleets.pool()}), "pools." + "a" * 60, "is too long"),
    (
        fleets.fleet(
            images={"ubuntu": fleets.image(
                versions={"1.0.0": fleets.version(), "1.1.0": fleets.version()})},
            pools={"render": fleets.pool(id="x", versions=("1.0.0", "1.1.0"))},
        ),
        "pools.render.id",
        "list one version",
    ),
    (
        fleets.fleet(pools={"render": fleets.pool(), "b": fleets.pool(id="RENDER-1-0-0")}),
        "pools.render.versions[0]",
        "pools.b.id has the same",
    ),
    (with_pool(vm_size="large"), "pools.render.vmSize", "not the form of a VM size"),
    (with_pool(vm_size="Standard_A1_v2"), "pools.render.vmSize", "cannot use any more"),
    (with_pool(vm_size="Standard_D4ps_v5"), "pools.render.vmSize", "Arm64 processors"),
    (with_pool(vm_size="Standard_D4_v3"), "pools.render.vmSize", "boots generation V1 only"),
    (with_pool(tasks_per_node=17), "pools.render.tasksPerNode", "1 to 16 on Standard_D4ds_v5"),
    (with_pool(tasks_per_node=0), "pools.render.tasksPerNode", "must be 1 to"),
    (with_pool(node_agent="ubuntu"), "pools.render.nodeAgent", "must have the form"),
    (
        with_pool(node_agent="batch.node.windows amd64"),
        "pools.render.nodeAgent",
        "is for Windows, and image ubuntu is Linux",
    ),
    (
        with_pool(node_agent="batch.node.el 9"),
        "pools.render.nodeAgent",
        "needs 'batch.node.ubuntu 24.04'",
    ),
    (with_image(base_image=base("contoso/linux/1")), "pools.render.nodeAgent", "is missing"),
    (with_pool(subnet_id="subnet"), "pools.render.subnetId", "subnets/<subnet>"),
    (
        with_pool(subnet_id=SUBNET.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)),
        "pools.render.subnetId",
        "fleet's subscription",
    ),
    (with_pool(public_ip=False), "pools.render.subnetId", "need a subnet"),
    (with_pool(identities=("me",)), "pools.render.identities[0]", "userAssignedIdentities"),
    (with_pool(display_name="x" * 1025), "pools.render.displayName", "at most 1024"),
]  # fmt: skip

NODE_FAULTS = [
    (
        with_pool(scale=FixedScale(dedicated=-1, low_priority=5)),
        "pools.render.nodes.dedicated",
        "at least 0",
    ),
    (
        with_pool(scale=FixedScale(dedicated=1001, resize_timeout_minutes=29)),
        "pools.render.nodes.resizeTimeoutMinutes",
        "at least 30 minutes for 1001 nodes",
    ),
    (with_pool(scale=auto(minutes=4)), "pools.render.autoscale.evaluationIntervalMinutes", "5 to"),
    (
        with_pool(scale=auto(minutes=168 * 60 + 1)),
        "pools.render.autoscale.evaluationIntervalMinutes",
        "(168 hours)",
    ),
    (with_pool(scale=auto(most=0)), "pools.render.autoscale.maximumNodes", "at least 1"),
    (with_pool(scale=auto("x = 1;")), "pools.render.autoscale.formula", "must set"),
    (
        with_pool(scale=auto("$TargetDedicatedNodes = min(11, x);")),
        "pools.render.autoscale.formula",
        "can ask for 11 nodes, and maximumNodes is 10",
    ),
    (
        with_pool(inter_node_communication=True, scale=FixedScale(dedicated=101)),
        "pools.render.nodes",
        "at most 100 nodes with interNodeCommunication",
    ),
    (
        fleets.fleet(
            accounts={
                "main": fleets.account(
                    allocation_mode=AllocationMode.USER_SUBSCRIPTION, key_vault=VAULT
                )
            },
            pools={"render": fleets.pool(inter_node_communication=True, scale=auto(most=81))},
        ),
        "pools.render.autoscale.maximumNodes",
        "at most 80 nodes",
    ),
    (
        fleets.fleet(
            pools={f"p{n}": fleets.pool(scale=FixedScale(dedicated=301)) for n in range(100)}
        ),
        V1,
        "needs 101 replicas in westeurope for 30100 nodes",
    ),
    (with_pool(scale=FixedScale(dedicated=30_001)), V1, "needs 101 replicas in westeurope"),
    (
        with_pool(start_task=start(command_line=" ")),
        "pools.render.startTask.commandLine",
        "must be a command",
    ),
    (
        with_pool(start_task=start(command_line=f"curl https://a/b?{SIGNED}")),
        "pools.render.startTask.commandLine",
        "must not carry a SAS",
    ),
    (
        with_pool(start_task=start(environment={"URL": f"https://a/b?{SIGNED}"})),
        "pools.render.startTask.environment.URL",
        "must not carry a SAS",
    ),
    (
        with_pool(start_task=start(max_task_retry_count=-2)),
        "pools.render.startTask.maxTaskRetryCount",
        "at least -1",
    ),
    (
        with_pool(start_task=start(resource_files=(ResourceFile(),))),
        "pools.render.startTask.resourceFiles[0]",
        "exactly one of httpUrl",
    ),
    (
        with_pool(
            start_task=start(
                resource_files=(ResourceFile(http_url=f"https://a/b?{SIGNED}", file_path="b"),)
            )
        ),
        "pools.render.startTask.resourceFiles[0].httpUrl",
        "must not carry a SAS",
    ),
    (
        with_pool(start_task=start(resource_files=(ResourceFile(http_url="https://a/b"),))),
        "pools.render.startTask.resourceFiles[0].filePath",
        "is missing",
    ),
    (
        with_pool(start_task=start(resource_files=(ResourceFile(auto_storage_container="c"),))),
        "pools.render.startTask.resourceFiles[0].autoStorageContainer",
        "needs autoStorage in accounts.main",
    ),
    (with_pool(mounts=blob()), "pools.render.mounts.data.blob.identity", "the pool's identities"),
    (
        with_pool(mounts=blob(path="/scenes"), identities=(IDENTITY,)),
        "pools.render.mounts.data.blob.path",
        "relative path",
    ),
    (
        with_pool(mounts=blob(container="A"), identities=(IDENTITY,)),
        "pools.render.mounts.data.blob.container",
        "3 to 63",
    ),
    (
        with_pool(mounts=blob(account_name="a-b"), identities=(IDENTITY,)),
        "pools.render.mounts.data.blob.accountName",
        "3 to 24",
    ),
    (
        with_pool(mounts={"a": NfsMount(source="s:/a", path="m"),
                          "b": NfsMount(source="s:/b", path="m")}),
        "pools.render.mounts.b.nfs.path",
        "pools.render.mounts.a.nfs.path has the same",
    ),
    (
        with_pool(mounts={f"m{n}": NfsMount(source="s:/a", path=f"m{n}") for n in range(11)}),
        "pools.render.mounts",
        "at most 10 mounts",
    ),
]  # fmt: skip
