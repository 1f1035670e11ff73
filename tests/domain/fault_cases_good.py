"""Fleets that look suspicious and are good."""

from __future__ import annotations

from imagefleet.domain.fleet import (
    AllocationMode,
    FixedScale,
    Gallery,
    Grant,
    GrantScope,
    ResourceFile,
)
from tests.domain import fleets
from tests.domain.fault_kit import (
    FOREIGN,
    VAULT,
    auto,
    base,
    blob,
    start,
)
from tests.domain.fleets import (
    GROUP,
    IDENTITY,
    SUBNET,
    with_account,
    with_pool,
)

GOOD = {
    "the small fleet": fleets.fleet(),
    "the document's own": fleets.china(),
    "no node at all": with_pool(scale=FixedScale()),
    "an upper-case size": with_pool(vm_size="STANDARD_D4DS_V5"),
    "an unknown size": with_pool(vm_size="Standard_ND96isr_H100_v5"),
    "a region younger than the list": with_account(location="westus9"),
    "the agent stated as it would be derived": with_pool(node_agent="batch.node.ubuntu 24.04"),
    "a base outside the catalogue with its agent": fleets.fleet(
        images={"ubuntu": fleets.image(base_image=base("contoso/linux/1"))},
        pools={"render": fleets.pool(node_agent="batch.node.el 9")},
    ),
    "an acknowledged gallery elsewhere": fleets.fleet(
        gallery=Gallery(id=f"{FOREIGN}/galleries/shared", batch_registered=True)
    ),
    "a user subscription with its vault": with_account(
        allocation_mode=AllocationMode.USER_SUBSCRIPTION, key_vault=VAULT
    ),
    "an existing user subscription account": with_account(
        name=None,
        id=f"{GROUP}/providers/Microsoft.Batch/batchAccounts/old",
        allocation_mode=AllocationMode.USER_SUBSCRIPTION,
    ),
    "inter-node at its ceiling": with_pool(
        inter_node_communication=True, scale=FixedScale(dedicated=60, low_priority=40)
    ),
    "a timeout at what is derived": with_pool(
        scale=FixedScale(dedicated=2000, resize_timeout_minutes=30)
    ),
    "a formula below its ceiling": with_pool(scale=auto("$TargetDedicatedNodes=min(10,x);")),
    "the longest interval": with_pool(scale=auto(minutes=168 * 60)),
    "mounts and files by identity": with_pool(
        identities=(IDENTITY.upper(),),
        mounts=blob(),
        start_task=start(
            resource_files=(
                ResourceFile(
                    http_url="https://a.blob.core.windows.net/c/f", file_path="f", identity=IDENTITY
                ),
            )
        ),
    ),
    "no public address in a subnet": with_pool(public_ip=False, subnet_id=SUBNET),
    "many small pools that share replicas": fleets.fleet(
        pools={f"p{index}": fleets.pool() for index in range(150)}
    ),
    "the largest floor there may be": with_pool(scale=FixedScale(dedicated=30_000)),
    "one principal at two scopes": fleets.fleet(
        access={
            "a": Grant(principal_id=fleets.PRINCIPAL),
            "b": Grant(principal_id=fleets.PRINCIPAL, scope=GrantScope.RESOURCE_GROUP),
        }
    ),
    "one pool id in two accounts": fleets.fleet(
        accounts={"main": fleets.account(), "second": fleets.account(name="second")},
        pools={"a": fleets.pool(id="x"), "b": fleets.pool(id="x", account="second")},
    ),
}
