"""The plan of a fleet: what will be made, every derived figure with its reason and source.

`imagefleet.domain.plan.plan` makes it, components spell it out as resources, and
`imagefleet plan` prints it. Ids are known here because they are built from names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from imagefleet.domain.clouds import Cloud
from imagefleet.domain.fleet import (
    Account,
    Caching,
    Generation,
    Image,
    ImageVersion,
    OsType,
    Pool,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Generic[T]):
    """A value the program decided, with the reason in words and the sources it rests on.

    Each source is a sentence of the document ("D91") or a named page of Azure's documentation.
    """

    value: T
    reason: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a person should know about `where` (a key of the stack file) before `up`."""

    where: str
    message: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGroupPlan:
    """The resource group: `existing` ones are not created."""

    name: str
    existing: bool
    location: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPlan:
    """The gallery; `foreign_subscription` is set when it is not in the fleet's subscription."""

    name: str
    resource_group: str
    subscription_id: str
    location: str
    id: str
    existing: bool
    foreign_subscription: bool
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionPlan:
    """One image definition in the gallery, keyed by the image's key.

    `security_type` is what the definition will say; None where nothing is written, be it because
    the definition exists or because the stack file leaves it out.
    """

    key: str
    name: str
    id: str
    existing: bool
    image: Image
    security_type: Derived[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPlan:
    """One full snapshot of a disk; `role` is `os` or `lun<n>`, part of key and name."""

    key: str
    role: str
    name: str
    id: str
    location: str
    source_id: str
    os_type: OsType | None
    generation: Generation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedImagePlan:
    """The managed image an image version is made from (D25).

    Exactly one of `os_snapshot_id`, `virtual_machine_id` and `vhd_uri` is set; `data_snapshot_ids`
    maps LUN to snapshot id. `snapshots` are those that the fleet takes itself.
    """

    key: str
    name: str
    id: str
    location: str
    os_type: OsType
    generation: Generation
    caching: Caching
    snapshots: tuple[SnapshotPlan, ...] = ()
    os_snapshot_id: str | None = None
    data_snapshot_ids: Mapping[int, str] = field(default_factory=dict)
    virtual_machine_id: str | None = None
    vhd_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRegionPlan:
    """Replicas of one image version in one region.

    `minimum` is the floor of D91 for the largest pool, `floor` the sum over the pools, and
    `replicas` what is deployed; `recommended` is the gallery page's own advice, shown beside it.
    Of a version that no pool lists, `pools` is empty, and `nodes` and the floors are those of the
    pools that could go back to it.
    """

    name: str
    nodes: int
    pools: tuple[str, ...]
    minimum: int
    floor: int
    replicas: Derived[int]
    recommended: Derived[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageVersionPlan:
    """One image version, keyed `<image>-<version>`.

    For an `existing` version nothing is made; `regions` then says what its replicas must cover,
    and there is no `create_timeout_hours`.
    `source_id` is the ARM id the version is made from, `managed_image` the step before it.
    """

    key: str
    image_key: str
    version: str
    id: str
    existing: bool
    location: str
    settings: ImageVersion
    managed_image: ManagedImagePlan | None
    source_id: str | None
    regions: tuple[TargetRegionPlan, ...]
    create_timeout_hours: Derived[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePlan:
    """One role given to the principal: a built-in one by GUID, or the custom role of the fleet.

    `definition_id` is the full ARM id of the role definition, `assignment_name` the GUID of the
    assignment, stable for the same scope, principal and role.
    """

    key: str
    role_name: str
    definition_id: str
    assignment_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRolePlan:
    """The least-privilege role of the fleet: its own, also where fleets share a gallery."""

    role_definition_guid: str
    role_name: str
    description: str
    actions: tuple[str, ...]
    assignable_scopes: tuple[str, ...]
    scope: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPlan:
    """The roles one principal gets, all at `scope`."""

    key: str
    principal_id: str
    principal_type: str
    scope: str
    roles: tuple[RolePlan, ...]
    reason: Derived[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """One Batch account, keyed by its key in the stack file."""

    key: str
    name: str
    id: str
    existing: bool
    location: str
    resource_group: str
    settings: Account
    authentication_modes: Derived[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """One pool in Azure, keyed `<pool>-<version>`, or `<pool>` when its id is fixed.

    `resize_timeout` is an ISO 8601 duration, absent for autoscale. `image_version_key` names the
    `ImageVersionPlan` it runs. `replaced_on_image_change` is true for a fixed id.
    """

    key: str
    pool_key: str
    pool_id: Derived[str]
    id: str
    account_key: str
    image_version_key: str
    image_version_id: str
    nodes: Derived[int]
    node_agent_sku: Derived[str]
    resize_timeout: Derived[str] | None
    replaced_on_image_change: bool
    settings: Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlan:
    """The endpoints of the fleet's cloud, as Derived strings keyed by what they are."""

    cloud: Cloud
    endpoints: Mapping[str, Derived[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """Everything that `up` will make, and what a person should know about it."""

    cloud: CloudPlan
    resource_group: ResourceGroupPlan
    tags: Mapping[str, str]
    gallery: GalleryPlan
    definitions: tuple[DefinitionPlan, ...]
    image_versions: tuple[ImageVersionPlan, ...]  # each after those it is made from
    custom_role: CustomRolePlan | None
    grants: tuple[GrantPlan, ...]
    accounts: tuple[AccountPlan, ...]
    pools: tuple[PoolPlan, ...]
    protect: bool
    keep_provider_aliases: bool
    notes: tuple[Note, ...]
