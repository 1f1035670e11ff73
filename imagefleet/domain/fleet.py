"""A fleet as the stack file describes it: frozen values, checked once by `imagefleet.settings`.

Every mapping is keyed by the key of the stack file, because logical names are built from keys and
never from list positions. Nothing here is derived; `imagefleet.domain.plan` does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from imagefleet.domain.clouds import Cloud


class OsType(StrEnum):
    """The operating system family of an image, in Azure's spelling."""

    LINUX = "Linux"
    WINDOWS = "Windows"


class Generation(StrEnum):
    """The Hyper-V generation of an image, in Azure's spelling."""

    V1 = "V1"
    V2 = "V2"


class Architecture(StrEnum):
    """The processor architecture of an image, in Azure's spelling."""

    X64 = "x64"
    ARM64 = "Arm64"


class Caching(StrEnum):
    """The host caching of a disk, in Azure's spelling."""

    NONE = "None"
    READ_ONLY = "ReadOnly"
    READ_WRITE = "ReadWrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGroup:
    """The resource group of the fleet; `existing` means it is used and never created."""

    name: str
    existing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """The Compute Gallery: a new one by `name`, or an existing one by ARM `id` (exactly one).

    `location` is the region of the gallery and its definitions; the fleet's location, which is the
    home region of its image versions, when absent. `batch_registered` acknowledges that
    Microsoft.Batch is registered in the gallery's subscription when that is not the fleet's (D27).
    """

    name: str | None = None
    id: str | None = None
    location: str | None = None
    description: str | None = None
    batch_registered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageIdentifier:
    """Publisher, offer and SKU: of a definition, or of the Marketplace image it descends from."""

    publisher: str
    offer: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSource:
    """An image made from snapshots of disks: the document's own path (D26, D34, D60).

    `os_disk` and the values of `data_disks` (by LUN) are ARM ids, each of a managed disk (a full
    snapshot of it is taken by the fleet) or of an existing snapshot.
    """

    os_disk: str
    data_disks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachineSource:
    """An image captured from a generalized virtual machine, by its ARM id (D35)."""

    virtual_machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VhdSource:
    """An image made from an uploaded generalized VHD, by its blob URI without a SAS (D36)."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedImageSource:
    """An image version made from an existing managed image, by its ARM id (D33)."""

    managed_image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageVersionSource:
    """An image version copied from another gallery image version, by its ARM id."""

    image_version: str


Source = SnapshotSource | VirtualMachineSource | VhdSource | ManagedImageSource | ImageVersionSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageVersion:
    """One version of an image: made by the fleet from `source`, or existing by ARM `id`.

    `extra_regions` asks for replicas where no pool of this fleet runs (region -> replicas), and
    `minimum_replicas` raises the derived number everywhere; neither can lower it.
    `os_disk_caching` and `storage_account_type` are fixed once the version is made.
    """

    source: Source | None = None
    id: str | None = None
    end_of_life: date | None = None
    exclude_from_latest: bool = False
    extra_regions: Mapping[str, int] = field(default_factory=dict)
    minimum_replicas: int = 1
    storage_account_type: str = "Standard_LRS"
    os_disk_caching: Caching = Caching.READ_WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image definition and its versions, keyed by `Major.Minor.Patch`.

    `existing` means that the definition already stands in the gallery and is not made by the
    fleet. `base_image` is the Marketplace image it descends from; it decides the node agent
    (D40, D69). `name` is the definition's name in Azure, the key of the stack file when absent.
    """

    name: str | None = None
    existing: bool = False
    os_type: OsType
    generation: Generation
    architecture: Architecture = Architecture.X64
    identifier: ImageIdentifier
    base_image: ImageIdentifier
    versions: Mapping[str, ImageVersion]
    description: str | None = None
    end_of_life: date | None = None
    write_security_type: bool = True


class GrantRole(StrEnum):
    """How access to the gallery is granted: a least-privilege custom role, or built-in roles."""

    CUSTOM = "custom"
    BUILTIN = "builtin"


class GrantScope(StrEnum):
    """Where the role is assigned: at the gallery, or at its resource group."""

    GALLERY = "gallery"
    RESOURCE_GROUP = "resourceGroup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who may make pools from the gallery's images (D30, D32).

    `principal_id` is the object id of the application's service principal, a GUID.
    """

    principal_id: str
    principal_type: str = "ServicePrincipal"
    role: GrantRole = GrantRole.CUSTOM
    scope: GrantScope = GrantScope.GALLERY


class AllocationMode(StrEnum):
    """Where a Batch account's nodes are allocated, in Azure's spelling."""

    BATCH_SERVICE = "BatchService"
    USER_SUBSCRIPTION = "UserSubscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVaultReference:
    """The Key Vault of a UserSubscription account: its ARM id and its URL."""

    id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoStorage:
    """The storage account of a Batch account, reached by managed identity, never by key.

    `node_identity` is the ARM id of the user-assigned identity that nodes use, if any.
    """

    storage_account: str
    node_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Batch account: a new one by `name`, or an existing one by ARM `id` (exactly one).

    `location` is the region of its pools. `identities` are ARM ids of user-assigned identities;
    empty means a system-assigned one.
    """

    name: str | None = None
    id: str | None = None
    location: str
    allocation_mode: AllocationMode = AllocationMode.BATCH_SERVICE
    key_vault: KeyVaultReference | None = None
    identities: tuple[str, ...] = ()
    auto_storage: AutoStorage | None = None
    public_network_access: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedScale:
    """A fixed number of nodes; `resize_timeout_minutes` raises the derived timeout (D94)."""

    dedicated: int = 0
    low_priority: int = 0
    resize_timeout_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoScale:
    """Nodes by an autoscale formula; `maximum_nodes` is the most that it can ever ask for."""

    formula: str
    maximum_nodes: int
    evaluation_interval_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFile:
    """A file that the start task downloads, by URL (no SAS) or container, to `file_path`."""

    http_url: str | None = None
    auto_storage_container: str | None = None
    file_path: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTask:
    """What runs on every node before it takes work (D80)."""

    command_line: str
    elevated: bool = False
    wait_for_success: bool = True
    max_task_retry_count: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    resource_files: tuple[ResourceFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobMount:
    """A blob container mounted on every node by the pool's identity."""

    account_name: str
    container: str
    identity: str
    path: str
    options: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NfsMount:
    """An NFS export mounted on every node."""

    source: str
    path: str
    options: str | None = None


Mount = BlobMount | NfsMount


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A Batch pool from one image, one Azure pool for each listed image version.

    With `id` the pool keeps that fixed id and is deleted before it is made again; exactly one
    version may be listed then. `node_agent` overrides the SKU derived from the base image.
    """

    account: str
    image: str
    versions: tuple[str, ...]
    vm_size: str
    scale: FixedScale | AutoScale
    id: str | None = None
    display_name: str | None = None
    node_agent: str | None = None
    identities: tuple[str, ...] = ()
    subnet_id: str | None = None
    public_ip: bool = True
    start_task: StartTask | None = None
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    tasks_per_node: int = 1
    inter_node_communication: bool = False
    os_disk_caching: Caching = Caching.READ_WRITE
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Everything the stack file says.

    `subscription_id` is that of `azure-native:subscriptionId`. `protect` protects gallery,
    definitions and image versions. `keep_provider_aliases` keeps azure-native's aliases to old
    API versions, for stacks that come from an older type token.
    """

    cloud: Cloud = Cloud.PUBLIC
    subscription_id: str
    location: str
    resource_group: ResourceGroup
    tags: Mapping[str, str] = field(default_factory=dict)
    gallery: Gallery
    images: Mapping[str, Image]
    access: Mapping[str, Grant] = field(default_factory=dict)
    accounts: Mapping[str, Account]
    pools: Mapping[str, Pool]
    protect: bool = False
    keep_provider_aliases: bool = False
