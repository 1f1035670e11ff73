"""The keys of the stack file about Batch accounts and pools.

The text under each field is its description in the JSON Schema and in docs/stack-file.md.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from imagefleet.domain import fleet
from imagefleet.domain.clouds import Cloud, profile
from imagefleet.settings.base import Count, Model, Text, one_of, to_domain
from imagefleet.settings.image_models import exactly_one

_PUBLIC = profile(Cloud.PUBLIC)


class KeyVault(Model):
    """The Key Vault of a UserSubscription account, in the same subscription and region."""

    becomes = fleet.KeyVaultReference

    id: Text
    """ARM id of the vault."""
    url: Text = Field(examples=[f"https://batchvault.{_PUBLIC.key_vault_suffix.value}/"])
    """URL of the vault, in the names of its cloud."""


class AutoStorage(Model):
    """The storage account of a Batch account, reached by managed identity and never by key."""

    becomes = fleet.AutoStorage

    storage_account: Text
    """ARM id of the storage account."""
    node_identity: Text | None = None
    """ARM id of the user-assigned identity with which nodes reach it."""


class Account(Model):
    """A Batch account: new by `name`, or existing by `id` (D23)."""

    becomes = fleet.Account
    model_config = one_of("name", "id")

    name: Text | None = Field(default=None, examples=["renderbatchweu"])
    """Name of an account to make: 3 to 24 lower-case letters and digits. It is made for Entra ID
    authentication only (D21, D22)."""
    id: Text | None = None
    """ARM id of an existing account; it is used and never changed (D23)."""
    location: Text = Field(examples=["westeurope"])
    """Region of the account and of its pools; images get replicas here (D29)."""
    allocation_mode: fleet.AllocationMode = fleet.AllocationMode.BATCH_SERVICE
    """Where nodes are allocated: Batch's own subscriptions, or yours (which needs `keyVault`)."""
    key_vault: KeyVault | None = None
    """Key Vault of a UserSubscription account; needed there, refused elsewhere."""
    identities: list[Text] = Field(default_factory=list)
    """ARM ids of user-assigned identities of the account; a system-assigned one when empty."""
    auto_storage: AutoStorage | None = None
    """Storage account for resource files and application packages."""
    public_network_access: bool = True
    """Whether the account is reachable from public networks."""


class Nodes(Model):
    """A fixed number of nodes."""

    becomes = fleet.FixedScale

    dedicated: Count = 0
    """Dedicated nodes. Together with `lowPriority` they decide replicas and timeouts (D91, D95)."""
    low_priority: Count = 0
    """Low-priority (Spot) nodes, which Azure may take back."""
    resize_timeout_minutes: int | None = Field(default=None, ge=1)
    """Minutes that a resize may take; absent, it is derived from the nodes (D94, D95)."""


class Autoscale(Model):
    """A number of nodes that a formula decides; there is no resize timeout (D94)."""

    becomes = fleet.AutoScale

    formula: Text
    """Batch autoscale formula."""
    maximum_nodes: int = Field(ge=1)
    """The most nodes the formula can ask for; replicas are derived from it (D91)."""
    evaluation_interval_minutes: int = Field(default=15, ge=1)
    """Minutes between two evaluations of the formula."""


class ResourceFile(Model):
    """A file that the start task downloads; from `httpUrl` or `autoStorageContainer`."""

    becomes = fleet.ResourceFile
    model_config = one_of("http_url", "auto_storage_container")

    http_url: Text | None = None
    """URL of one file, without a SAS."""
    auto_storage_container: Text | None = None
    """Name of a container of the account's auto-storage, downloaded whole."""
    file_path: Text | None = None
    """Where it goes on the node, relative to the task's working directory."""
    identity: Text | None = None
    """ARM id of the user-assigned identity that may read it; one of the pool's identities."""


class StartTask(Model):
    """What runs on every node before it takes work; software belongs into the image (D13)."""

    becomes = fleet.StartTask

    command_line: Text = Field(examples=["/bin/sh -c 'printenv AZ_BATCH_NODE_STARTUP_DIR'"])
    """Command to run (D80). It is not run by a shell unless it names one."""
    elevated: bool = False
    """Whether it runs as administrator (D80)."""
    wait_for_success: bool = True
    """Whether a node takes work only after the task has succeeded."""
    max_task_retry_count: int = Field(default=0, ge=-1)
    """How often a failed task is tried again; -1 for ever."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Environment variables. They are no place for secrets."""
    resource_files: list[ResourceFile] = Field(default_factory=list)
    """Files it needs."""


class BlobMount(Model):
    """A blob container, mounted with an identity of the pool."""

    becomes = fleet.BlobMount

    account_name: Text
    """Name of the storage account."""
    container: Text
    """Name of the container."""
    identity: Text
    """ARM id of the user-assigned identity that may read it; one of the pool's identities."""
    path: Text = Field(examples=["scenes"])
    """Where it is mounted, relative to the node's mount directory."""
    options: Text | None = None
    """Options of blobfuse."""


class NfsMount(Model):
    """An NFS export."""

    becomes = fleet.NfsMount

    source: Text = Field(examples=["files.example.internal:/export/scenes"])
    """Server and path of the export."""
    path: Text = Field(examples=["scenes"])
    """Where it is mounted, relative to the node's mount directory."""
    options: Text | None = None
    """Options of the mount command."""


class Mount(Model):
    """A file system mounted on every node: exactly one of these keys."""

    becomes = fleet.BlobMount
    model_config = one_of("blob", "nfs")

    blob: BlobMount | None = None
    """A blob container."""
    nfs: NfsMount | None = None
    """An NFS export, reached through the pool's subnet."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        """Raises when there is no key, or both."""
        return exactly_one(self, "blob", "nfs")

    def to_domain(self) -> fleet.Mount:
        """The domain's mount of the kind that is given."""
        mount: fleet.Mount = to_domain(self.blob or self.nfs)
        return mount


class Pool(Model):
    """A Batch pool of one image: one pool in Azure for each listed version.

    It has a fixed number of `nodes`, or an `autoscale` formula. Where a change replaces the pool,
    the old one is deleted first, with its nodes and the tasks that run on them.
    """

    becomes = fleet.Pool
    model_config = one_of("nodes", "autoscale")

    account: Text
    """Key of the account, under `accounts`."""
    image: Text
    """Key of the image, under `images` (D1)."""
    versions: list[Text] = Field(min_length=1, examples=[["1.0.0"], ["1.0.0", "1.1.0"]])
    """Versions of the image to run, in quotes: usually one, two while a roll-out is under way. Each
    is a pool of its own, so a new version never touches nodes that work."""
    vm_size: Text = Field(examples=["Standard_D4s_v3"])
    """Virtual machine size. It must have a temporary disk (D50, D51) and boot the image's
    generation. A change replaces the pool."""
    nodes: Nodes | None = None
    """A fixed number of nodes (D94)."""
    autoscale: Autoscale | None = None
    """A formula that decides the number of nodes (D94)."""
    id: Text | None = None
    """A fixed pool id. The pool is then deleted before it is made again, and lists one version."""
    display_name: Text | None = None
    """Name that people see. Batch changes it only at zero nodes, and refuses it otherwise."""
    node_agent: Text | None = Field(default=None, examples=["batch.node.ubuntu 24.04"])
    """Node agent SKU, where the base image does not decide it (D66, D69). A change replaces the
    pool."""
    identities: list[Text] = Field(default_factory=list)
    """ARM ids of user-assigned identities of the nodes."""
    subnet_id: Text | None = None
    """ARM id of a subnet in the account's region and subscription. A change replaces the pool."""
    public_ip: bool = True
    """Whether nodes get public IP addresses; without them `subnetId` is needed. A change replaces
    the pool."""
    start_task: StartTask | None = None
    """What runs on every node first (D80)."""
    mounts: dict[str, Mount] = Field(default_factory=dict)
    """File systems mounted on every node, by a name of your choice. A change replaces the pool."""
    tasks_per_node: int = Field(default=1, ge=1)
    """Tasks that run on one node at a time. A change replaces the pool."""
    inter_node_communication: bool = False
    """Whether nodes may talk to each other, which limits the size of the pool. A change replaces
    the pool."""
    os_disk_caching: fleet.Caching = fleet.Caching.READ_WRITE
    """Host caching of the nodes' OS disk (D55). A change replaces the pool."""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Names and values of your own, kept with the pool."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        """Raises when there is neither `nodes` nor `autoscale`, or both."""
        return exactly_one(self, "nodes", "autoscale")

    def domain_fields(self) -> dict[str, Any]:
        """The arguments of the domain's pool, which has one `scale` for both kinds."""
        fields = super().domain_fields()
        fields["scale"] = fields.pop("nodes") or fields.pop("autoscale")
        fields.pop("autoscale", None)
        return fields
