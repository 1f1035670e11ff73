"""Errors of pools and their nodes."""

from __future__ import annotations

from typing import Final

from imagefleet.domain import pools, replication
from imagefleet.domain.cloud_errors.model import KnownError, Topic

_CHECKING = "Azure documentation, Batch pool and node errors"

ERRORS: Final = (
    KnownError(
        id="image-reference-mixed",
        texts=("Specified property version can only have a value when publisher is set",),
        brief="With a gallery image only imageReference.id may be set: leave version out.",
        meaning="A gallery image's id excludes publisher, offer, SKU and version beside it.",
        causes=("imageReference.version was written, or filled in by a tool",),
        fix="Write the full id of the version and nothing else, as imagefleet does.",
        sentences=("D73", "D81"),
        source="pulumi/pulumi-azure-native#3599",
    ),
    KnownError(
        id="pool-part-fixed",
        codes=("PropertyCannotBeUpdated",),
        texts=("A property that cannot be updated was specified as part of the request",),
        brief="This part of a pool is fixed while it has nodes: the pool must be replaced.",
        meaning="The service does not change this property of an existing pool.",
        causes=(
            "image, size or network changed under the same pool id",
            "another tool wrote a value that differs from this program's",
        ),
        fix=(
            "List the new image version in the pool's `versions`: it becomes a pool of its own. A "
            "pool with a fixed id is deleted and made again."
        ),
        topics=(Topic.SCALE,),
        source="Azure/Batch#153, Azure/Batch#85, Azure/Batch#144",
    ),
    KnownError(
        id="property-value-refused",
        codes=("InvalidPropertyValue",),
        texts=("The value provided for one of the properties in the request body is invalid",),
        brief="Most often the node agent does not fit the image's OS, or agent or size retired.",
        meaning="Batch refuses one value of the pool or account; `details` may name which.",
        causes=(
            "the node agent SKU is for another OS or release than the image's base",
            "the agent or the VM size is retired",
            f"resizeTimeout is below {pools.RESIZE_TIMEOUT_MINIMUM} minutes",
        ),
        fix=(
            "Read PropertyName and PropertyPath in the details; compare with `az batch pool "
            "supported-images list` and `az batch location list-skus`."
        ),
        topics=(Topic.NODE_AGENTS, Topic.SIZES),
        sentences=("D66", "D69"),
        source="hashicorp/terraform#36698, Azure/Batch#180",
        general=True,
    ),
    KnownError(
        id="node-agent-of-other-os",
        texts=("node agent SKU ... is for ... and the image is",),
        brief="The node agent is for another OS than the image: take the one of its base.",
        meaning="The node agent SKU and the image must be of one OS family, or no node starts.",
        causes=("`nodeAgent` overrides what follows from the base image",),
        fix="Take `nodeAgent` out, or state the SKU that belongs to the base image.",
        topics=(Topic.NODE_AGENTS,),
        sentences=("D66", "D69"),
        source="simulated Azure; on Azure it shows as InvalidPropertyValue",
    ),
    KnownError(
        id="size-of-other-generation",
        texts=("cannot boot Hypervisor Generation",),
        brief="VM size and image generation differ: choose another size, or rebuild the image.",
        meaning="The VM size cannot boot images of this Hyper-V generation.",
        causes=(
            "a Gen1-only size (Dv2, Dv3 and older) with a Gen2 image",
            "a Gen2-only size (v6, Mv2, A100) with a Gen1 image",
        ),
        fix="Change vmSize, or make a definition and image of the other generation.",
        topics=(Topic.SIZES,),
        source="microsoft/ga4gh-tes#43, redhat-developer/mapt#489",
    ),
    KnownError(
        id="core-quota-reached",
        codes=(
            "AccountCoreQuotaReached",
            "AccountLowPriorityCoreQuotaReached",
            "AccountVMSeriesCoreQuotaReached",
        ),
        brief="The account's core quota is too small: ask for more, or plan fewer nodes.",
        meaning="Nodes times vCPUs of all pools of the account are more than its quota.",
        causes=(
            "a new account starts with a quota of 0",
            "old and new pool of a roll-out count together",
            "the family's own quota is smaller than the total",
        ),
        fix=(
            "Ask for Batch quota in the portal (account, Quotas). Then resize: the error stays "
            "with the pool, and autoscale may never try again by itself."
        ),
        topics=(Topic.CORES,),
        source="Azure-Samples/batch-dotnet-quickstart#16, microsoft/ga4gh-tes#313",
    ),
    KnownError(
        id="pool-quota-reached",
        codes=("PoolQuotaReached",),
        brief="The account has all the pools that it may have: delete one, or ask for more.",
        meaning="An account holds a limited number of pools, old and new ones together.",
        causes=(
            "a roll-out keeps the old pool beside the new one",
            "pools that nobody needs any more, or of other programs",
        ),
        fix="Delete pools that are done, take old versions from `versions`, or ask for quota.",
        topics=(Topic.SCALE,),
        source="Azure documentation, Batch quotas and limits",
    ),
    KnownError(
        id="account-quota-reached",
        codes=("SubscriptionQuotaExceeded",),
        brief="The region has all the Batch accounts it may have here: reuse one, or ask.",
        meaning="A subscription has one to three Batch accounts a region until it asks for more.",
        causes=("accounts of other programs", "an account for each stack"),
        fix="Give the id of an existing account under `accounts`, or ask for a higher quota.",
        source="Azure documentation, Batch quotas and limits",
    ),
    KnownError(
        id="resize-timed-out",
        codes=("AllocationTimedout",),
        texts=(
            "resize timeout was reached",
            "could not be allocated in the resize timeout",
        ),
        brief="Too little time, replicas, quota or addresses for these nodes: check each.",
        meaning="Not all nodes came up within the pool's resize timeout.",
        causes=(
            "quota: an account with 0 cores waits, and then says timeout",
            "too few replicas of the image in the region, or too short a timeout for the nodes",
            "too few free addresses in the subnet",
            "inter-node communication, which must fit into one cluster",
        ),
        fix=(
            "Check quota and addresses, then replicas (1 for every "
            f"{replication.NODES_PER_REPLICA} nodes, more is better) and resize timeout "
            f"({pools.MINUTES_PER_STEP} minutes for every {pools.NODES_PER_STEP:,} nodes); then "
            "resize the pool again."
        ),
        topics=(Topic.SCALE, Topic.CORES),
        sentences=("D91", "D93", "D94", "D95"),
        source=f"Azure/Batch#40, Azure/batch-shipyard#191, {_CHECKING}",
    ),
    KnownError(
        id="allocation-failed",
        codes=("AllocationFailed",),
        brief="Compute refused the nodes; the reason is in the error that this one wraps.",
        meaning="Batch asked Compute for machines, and got an error, which the message carries.",
        causes=(
            "size and image generation differ",
            "no capacity for the size in the region",
            "the image, a disk type or the network does not fit",
        ),
        fix="Read on after `Provider Error Json`; give that part to `imagefleet explain`.",
        topics=(Topic.SIZES, Topic.SCALE),
        source=f"microsoft/ga4gh-tes#43, {_CHECKING}",
        general=True,
    ),
    KnownError(
        id="premium-disk-on-plain-size",
        texts=("VM size does not support storage account type",),
        brief="The size takes no premium disk: choose one with an `s`, or a standard disk.",
        meaning="The OS disk is a premium one, and the VM size supports standard disks only.",
        causes=("a tool chose Premium_LRS by default", "a size without `s` in its name"),
        fix="Choose a size with `s`; imagefleet leaves the disk's type to the service.",
        topics=(Topic.SIZES,),
        source="MicrosoftDocs/azure-docs#119870",
    ),
    KnownError(
        id="node-agent-installation",
        codes=("BatchAgentInstallationFailure",),
        brief="The node agent could not be installed; seen with containers on NP sizes.",
        meaning="A node came up, and Batch's agent did not get installed on it.",
        causes=("an NP size with a container configuration", "a damaged or hardened image"),
        fix="Try another size; start a plain VM from the image and look into its agent's logs.",
        topics=(Topic.SIZES, Topic.NODE_AGENTS),
        sentences=("D51",),
        source="Azure/Batch#131",
    ),
    KnownError(
        id="nodes-unusable",
        codes=("unusable",),
        brief="All nodes unusable: the configuration; some: the infrastructure.",
        meaning="Nodes came up and cannot be used. They cost money, and they keep no logs.",
        causes=(
            "the image is of type TrustedLaunch, or was not generalized",
            "a network rule blocks Batch or storage, or DNS does not answer",
            "an application package or container could not be fetched",
        ),
        fix=(
            "Resize the pool to 0 so that it costs nothing. If all nodes were unusable, check "
            "image and network; if a few were, reimage those."
        ),
        topics=(Topic.LINEAGE, Topic.NODE_AGENTS),
        sentences=("D19", "D37", "D50"),
        source="Azure-Samples/azure-batch-samples#238, MicrosoftDocs/azure-docs#116656",
    ),
    KnownError(
        id="pool-resizing",
        codes=("PoolBeingResized",),
        texts=("pool ... is being resized",),
        brief="The pool is still resizing: wait until it is steady, then run it again.",
        meaning="A pool that resizes takes no other change.",
        causes=("an earlier change has not ended", "autoscale is at work"),
        fix="Wait until allocationState is steady, or `az batch pool resize --abort`.",
        topics=(Topic.SCALE,),
        source="hashicorp/terraform-provider-azurerm#2461",
    ),
    KnownError(
        id="account-name",
        codes=("AccountNameTaken", "InvalidAccountName"),
        brief="The account's name is taken in the region, or is not lower-case letters/digits.",
        meaning="An account's name is part of its address: 3 to 24 lower-case letters and digits.",
        causes=("somebody else in the world has this name in the region",),
        fix="Choose another accounts.<key>.name, or give the id of the existing account.",
        source="Azure documentation, Azure resource naming rules",
    ),
)
