"""The whole value of `imagefleet:fleet`.

The text under each field is its description in the JSON Schema and in docs/stack-file.md.
"""

from __future__ import annotations

from pydantic import Field

from imagefleet.domain import fleet
from imagefleet.domain.clouds import Cloud
from imagefleet.settings.base import Model, Text
from imagefleet.settings.image_models import Gallery, Grant, Image
from imagefleet.settings.pool_models import Account, Pool


class ResourceGroup(Model):
    """The resource group of everything that the fleet makes."""

    becomes = fleet.ResourceGroup

    name: Text = Field(examples=["render-fleet"])
    """Name of the resource group."""
    existing: bool = False
    """Whether it is already there; it is then used and never changed."""


class FleetModel(Model):
    """Custom images, and the Batch pools that run them."""

    becomes = fleet.Fleet

    cloud: Cloud = Cloud.PUBLIC
    """The Azure cloud. `azure-native:environment` must agree (D78)."""
    location: Text = Field(examples=["westeurope"])
    """Home region: resource group, snapshots, managed images and image versions are made here.
    `azure-native:location` must agree where it is set."""
    resource_group: ResourceGroup
    """The resource group, new or existing."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Tags on every resource that can have them."""
    gallery: Gallery
    """The Compute Gallery, new or existing (D63)."""
    images: dict[str, Image] = Field(default_factory=dict)
    """Images, each under a key of your choice that becomes part of names (D24)."""
    access: dict[str, Grant] = Field(default_factory=dict)
    """Principals that may make pools from the gallery's images, each under a key of your choice
    (D30)."""
    accounts: dict[str, Account] = Field(default_factory=dict)
    """Batch accounts, each under a key of your choice (D23)."""
    pools: dict[str, Pool] = Field(default_factory=dict)
    """Batch pools, each under a key of your choice that becomes part of the pool's id (D1)."""
    protect: bool = False
    """Whether gallery, definitions and image versions are protected from deletion by Pulumi."""
    keep_provider_aliases: bool = False
    """Whether azure-native's aliases to older API versions are kept; only for a stack that was made
    with an older type token."""
