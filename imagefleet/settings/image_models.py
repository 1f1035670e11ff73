"""The keys of the stack file about images: definition, versions, sources, gallery, access.

The text under each field is its description in the JSON Schema and in docs/stack-file.md.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imagefleet.domain import fleet
from imagefleet.domain.clouds import Cloud, profile
from imagefleet.settings.base import UNIT_NUMBER, Count, Model, Text, UnitNumber, one_of, to_domain

ModelT = TypeVar("ModelT", bound=Model)

_PUBLIC = profile(Cloud.PUBLIC)
SOURCES = ("snapshots", "virtual_machine", "vhd", "managed_image", "image_version")


class Gallery(Model):
    """The Compute Gallery that holds the image definitions, new by `name` or existing by `id`."""

    becomes = fleet.Gallery
    model_config = one_of("name", "id")

    name: Text | None = Field(default=None, examples=["renderimages"])
    """Name of a gallery to make: letters, digits, dots and underscores, no dashes."""
    id: Text | None = None
    """ARM id of an existing gallery, also one in another subscription of the same tenant
    (D27, D28). It is used and never changed."""
    location: Text | None = Field(default=None, examples=["westeurope"])
    """Region of the gallery and its definitions; when absent that of the fleet, which is the home
    region of the image versions in either case."""
    description: Text | None = None
    """What the gallery is for, as people read it in the portal."""
    batch_registered: bool = False
    """Acknowledges that the resource provider Microsoft.Batch is registered in the gallery's
    subscription; needed when that is not the fleet's own (D27)."""


class ImageIdentifier(Model):
    """Publisher, offer and SKU, as Azure names them."""

    becomes = fleet.ImageIdentifier

    publisher: Text = Field(examples=["canonical"])
    """Publisher of the image."""
    offer: Text = Field(examples=["ubuntu-24_04-lts"])
    """Offer of the publisher."""
    sku: Text = Field(examples=["server"])
    """SKU of the offer."""


class Snapshots(Model):
    """Disks of a generalized virtual machine, or existing full snapshots of them."""

    becomes = fleet.SnapshotSource

    os_disk: Text
    """ARM id of the OS disk, of which a full snapshot is taken, or of an existing snapshot
    (D26, D60)."""
    data_disks: dict[UnitNumber, Text] = Field(
        default_factory=dict,
        json_schema_extra={"propertyNames": {"pattern": UNIT_NUMBER.pattern}},
    )
    """ARM ids of data disks or snapshots, each under its logical unit number (D14, D26)."""


class Source(Model):
    """What an image version is made from: exactly one of these keys (D33, D62)."""

    becomes = fleet.SnapshotSource
    model_config = one_of(*SOURCES)

    snapshots: Snapshots | None = None
    """Snapshots of disks, the document's own path (D26, D34)."""
    virtual_machine: Text | None = None
    """ARM id of a generalized virtual machine with managed disks (D35)."""
    vhd: Text | None = Field(
        default=None,
        examples=[f"https://renderdata.blob.{_PUBLIC.storage_suffix.value}/vhds/windows-2022.vhd"],
    )
    """URI of an uploaded generalized VHD, without a SAS: access comes from Azure RBAC (D36)."""
    managed_image: Text | None = None
    """ARM id of an existing managed image (D25, D33)."""
    image_version: Text | None = None
    """ARM id of another gallery image version, which is copied."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        """Raises when there is no key, or more than one."""
        return exactly_one(self, *SOURCES)

    def to_domain(self) -> fleet.Source:
        """The domain's source of the kind that is given."""
        if self.virtual_machine is not None:
            return fleet.VirtualMachineSource(virtual_machine=self.virtual_machine)
        if self.vhd is not None:
            return fleet.VhdSource(uri=self.vhd)
        if self.managed_image is not None:
            return fleet.ManagedImageSource(managed_image=self.managed_image)
        if self.image_version is not None:
            return fleet.ImageVersionSource(image_version=self.image_version)
        snapshots: fleet.SnapshotSource = to_domain(self.snapshots)
        return snapshots


class ImageVersion(Model):
    """One version of an image: made from `source`, or existing by `id`."""

    becomes = fleet.ImageVersion
    model_config = one_of("source", "id")

    source: Source | None = None
    """What the version is made from. A changed source needs a new version (D33)."""
    id: Text | None = None
    """ARM id of a version that already exists, made by Packer or in the portal; it is used and
    never changed (D71)."""
    end_of_life: date | None = Field(default=None, examples=["2027-06-30"])
    """Day after which the version should not be used, in quotes."""
    exclude_from_latest: bool = False
    """Whether the version is left out where somebody asks for the latest one."""
    extra_regions: dict[str, Count] = Field(default_factory=dict, examples=[{"northeurope": 1}])
    """Replicas in regions where no pool of this fleet runs, or more than the derived number where
    one does; never fewer (D11, D29, D93)."""
    minimum_replicas: int = Field(default=1, ge=1)
    """The least number of replicas in every region; the number derived from the nodes counts when
    it is higher (D91, D93)."""
    storage_account_type: Text = Field(
        default="Standard_LRS",
        examples=["Standard_LRS", "Standard_ZRS", "Premium_LRS"],
    )
    """Storage of the replicas; Standard_ZRS where the region offers it. It cannot change once the
    version is made."""
    os_disk_caching: fleet.Caching = fleet.Caching.READ_WRITE
    """Host caching of the OS disk in managed image and image version (D55). It cannot change once
    the version is made; give a new version another one."""


class Image(Model):
    """One image definition and its versions (D18)."""

    becomes = fleet.Image

    name: Text | None = None
    """Name of the definition in Azure; the key of the image when absent."""
    existing: bool = False
    """Whether the definition already stands in the gallery; it is then used and never changed."""
    os_type: fleet.OsType
    """Operating system of the image; the node agent must agree with it (D66)."""
    generation: fleet.Generation
    """Hyper-V generation, the same from source disk to virtual machine size. It has no default,
    because a wrong one shows only when nodes fail to start."""
    architecture: fleet.Architecture = fleet.Architecture.X64
    """Processor architecture."""
    identifier: ImageIdentifier
    """Publisher, offer and SKU of the definition: your own, unique in the gallery (D18)."""
    base_image: ImageIdentifier
    """The first-party Marketplace image it descends from, which decides the node agent
    (D40, D41, D69)."""
    versions: dict[str, ImageVersion]
    """Versions by their number `Major.Minor.Patch`, in quotes (D5). One that no pool lists keeps
    the replicas that the pools of the image would need, until it is taken out here."""
    description: Text | None = None
    """Why the image was made and how to use it (D18)."""
    end_of_life: date | None = Field(default=None, examples=["2027-06-30"])
    """Day after which the image should not be used, in quotes."""
    write_security_type: bool = True
    """Whether the definition says `SecurityType: Standard` in so many words (D20); false only for
    services that refuse it."""


class Grant(Model):
    """Who may make pools from the gallery's images (D30, D32)."""

    becomes = fleet.Grant

    principal_id: Text = Field(examples=["1f3e5a7c-9b2d-4c6e-8f10-2a4b6c8d0e12"])
    """Object id (a GUID) of the application's service principal, not its application id (D30)."""
    principal_type: Text = Field(
        default="ServicePrincipal", examples=["ServicePrincipal", "User", "Group"]
    )
    """Kind of the principal. It is always sent: a principal made a moment ago is refused without
    it."""
    role: fleet.GrantRole = fleet.GrantRole.CUSTOM
    """`custom` makes a role with the four actions that are needed (D32); `builtin` assigns
    Compute Gallery Image Reader and Disk Backup Reader (D30)."""
    scope: fleet.GrantScope = fleet.GrantScope.GALLERY
    """Where the role is assigned: the gallery, or its whole resource group."""


def exactly_one(model: ModelT, *names: str) -> ModelT:
    """`model`, which has exactly one of the fields `names`; raises for pydantic otherwise."""
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        kind: Literal["exactly_one"] = "exactly_one"
        context: dict[str, Any] = {"names": names, "given": given}
        raise PydanticCustomError(kind, "exactly one of some keys", context)
    return model
