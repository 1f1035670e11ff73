"""Small parts that the tables of faults are written with."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain.fleet import (
    AutoScale,
    BlobMount,
    ImageIdentifier,
    KeyVaultReference,
    StartTask,
)
from tests.domain.fleets import (
    COMPUTE,
    GROUP,
    IDENTITY,
    OTHER_SUBSCRIPTION,
    SUBSCRIPTION,
)

FOREIGN = COMPUTE.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
OWN_GALLERY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/render/providers/Microsoft.Compute/"
    "galleries/renderimages"
)
VAULT = KeyVaultReference(
    id=f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys", url="https://keys.vault.azure.net/"
)
SIGNED = "sv=2024-01-01&sig=c2VjcmV0"
V = "images.ubuntu.versions"
V1 = f'{V}["1.0.0"]'


def auto(formula="$TargetDedicatedNodes = 1;", most=10, minutes=15):
    return AutoScale(formula=formula, maximum_nodes=most, evaluation_interval_minutes=minutes)


def start(**changes):
    return StartTask(command_line=changes.pop("command_line", "true"), **changes)


def blob(**changes):
    good = BlobMount(account_name="scenes", container="data", identity=IDENTITY, path="scenes")
    return {"data": replace(good, **changes)}


def base(text):
    publisher, offer, sku = text.split("/")
    return ImageIdentifier(publisher=publisher, offer=offer, sku=sku)
