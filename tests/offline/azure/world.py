"""A world to break: one good set of resources, each made through the same calls as a door's."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import AzureError, Created, ProviderSettings
from imagefleet.offline.services import registry

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
OUTSIDE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/elsewhere/providers"
DISK = f"{OUTSIDE}/Microsoft.Compute/disks/os"
SNAPSHOT = f"{GROUP}/providers/Microsoft.Compute/snapshots/os"
IMAGE = f"{GROUP}/providers/Microsoft.Compute/images/ubuntu-1.0.0"
GALLERY = f"{GROUP}/providers/Microsoft.Compute/galleries/fleet"
DEFINITION = f"{GALLERY}/images/ubuntu"
VERSION = f"{DEFINITION}/versions/1.0.0"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/fleetbatch"
POOL = f"{ACCOUNT}/pools/render-1-0-0"
PRINCIPAL = "22222222-2222-2222-2222-222222222222"
GUID = "33333333-3333-4333-8333-333333333333"
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
SETTINGS = ProviderSettings(subscription_id=SUBSCRIPTION, location="westeurope")

_IN_GALLERY = {"resourceGroupName": "fleet", "galleryName": "fleet"}
GOOD = {
    "ResourceGroup": {"resourceGroupName": "fleet", "location": "westeurope"},
    "Snapshot": {
        "resourceGroupName": "fleet",
        "snapshotName": "os",
        "creationData": {"createOption": "Copy", "sourceResourceId": DISK},
        "osType": "Linux",
        "hyperVGeneration": "V2",
    },
    "Image": {
        "resourceGroupName": "fleet",
        "imageName": "ubuntu-1.0.0",
        "hyperVGeneration": "V2",
        "storageProfile": {
            "osDisk": {
                "osType": "Linux",
                "osState": "Generalized",
                "caching": "ReadWrite",
                "snapshot": {"id": SNAPSHOT},
            },
        },
    },
    "Gallery": dict(_IN_GALLERY),
    "GalleryImage": {
        **_IN_GALLERY,
        "galleryImageName": "ubuntu",
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "studio", "offer": "ubuntu", "sku": "render"},
        "features": [{"name": "SecurityType", "value": "Standard"}],
    },
    "GalleryImageVersion": {
        **_IN_GALLERY,
        "galleryImageName": "ubuntu",
        "galleryImageVersionName": "1.0.0",
        "storageProfile": {"source": {"id": IMAGE}},
        "publishingProfile": {
            "targetRegions": [
                {"name": "West Europe", "regionalReplicaCount": 4},
                {"name": "northeurope", "regionalReplicaCount": 1},
            ],
        },
    },
    "BatchAccount": {
        "resourceGroupName": "fleet",
        "accountName": "fleetbatch",
        "allowedAuthenticationModes": ["AAD"],
    },
    "Pool": {
        "resourceGroupName": "fleet",
        "accountName": "fleetbatch",
        "poolName": "render-1-0-0",
        "vmSize": "Standard_D4ds_v5",
        "deploymentConfiguration": {
            "virtualMachineConfiguration": {
                "imageReference": {"id": VERSION},
                "nodeAgentSkuId": "batch.node.ubuntu 22.04",
            },
        },
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 900, "resizeTimeout": "PT15M"}},
    },
    "RoleDefinition": {
        "scope": GALLERY,
        "roleDefinitionId": GUID,
        "roleName": "fleet image reader",
        "permissions": [{"actions": ["Microsoft.Compute/galleries/read"]}],
        "assignableScopes": [GALLERY],
    },
    "RoleAssignment": {
        "scope": GALLERY,
        "roleAssignmentName": GUID,
        "principalId": PRINCIPAL,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": READER,
    },
    "UserAssignedIdentity": {"resourceGroupName": "fleet", "resourceName": "nodes"},
}
TOKENS = {kind.name: kind.token for kind in registry.TYPES}
MISSING = object()


def changed(properties: dict, changes: dict) -> dict:
    """Return a deep copy with values set (or taken out, `MISSING`) at dotted paths."""
    result = copy.deepcopy(properties)
    for path, value in changes.items():
        *steps, last = path.split(".")
        inner = result
        for step in steps:
            inner = inner[int(step)] if isinstance(inner, list) else inner.setdefault(step, {})
        if value is MISSING:
            del inner[last]
        else:
            inner[int(last) if isinstance(inner, list) else last] = value
    return result


class World:
    """The simulated Azure with the good resources as a starting point."""

    def __init__(self, path: Path) -> None:
        self.azure = SimulatedAzure(path)
        self.inputs: dict[str, dict] = {}

    def checked(self, name: str, changes: dict | None = None) -> dict:
        """Return the good inputs of a type, changed, as they leave `check`."""
        wanted = changed(GOOD[name], changes or {})
        found = self.azure.check(TOKENS[name], "logical", None, wanted, SETTINGS, b"seed" * 8)
        assert found.failures == ()
        return found.inputs

    def make(self, name: str, changes: dict | None = None) -> Created:
        """Create a resource from the good inputs with changes."""
        inputs = self.checked(name, changes)
        made = self.azure.create(TOKENS[name], inputs, SETTINGS, preview=False)
        self.inputs[made.id] = inputs
        return made

    def update(self, name: str, resource_id: str, changes: dict) -> dict:
        """Update a resource that `make` made."""
        inputs = changed(self.inputs[resource_id], changes)
        outputs = self.azure.update(TOKENS[name], resource_id, {}, inputs, SETTINGS, preview=False)
        self.inputs[resource_id] = inputs
        return outputs

    def delete(self, name: str, resource_id: str) -> None:
        """Delete a resource."""
        self.azure.delete(TOKENS[name], resource_id, SETTINGS)

    def read(self, name: str, resource_id: str) -> dict | None:
        """Return the outputs of a resource as it stands."""
        found = self.azure.read(TOKENS[name], resource_id)
        return None if found is None else found.outputs

    def refused(self, call, code: str) -> AzureError:
        """Return the error with which a call is refused, which must have this code."""
        with pytest.raises(AzureError) as caught:
            call()
        assert caught.value.code == code, caught.value
        return caught.value

    def path(self, *names: str) -> None:
        """Make the good resources that lead to the last ones, in order."""
        for name in names:
            self.make(name)


IMAGE_PATH = ("ResourceGroup", "Snapshot", "Image", "Gallery", "GalleryImage")
POOL_PATH = (*IMAGE_PATH, "GalleryImageVersion", "BatchAccount")
