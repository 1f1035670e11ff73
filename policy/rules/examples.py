"""Resources of the documentation's examples: a builder machine and a pool that nothing refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imagefleet.domain import durations, pools
from rules import tokens
from rules.verdicts import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/fleet"
GALLERY_ID = f"{_GROUP}/providers/Microsoft.Compute/galleries/fleet"
DEFINITION_ID = f"{GALLERY_ID}/images/render"
VERSION_ID = f"{DEFINITION_ID}/versions/1.0.0"
MANAGED_IMAGE_ID = f"{_GROUP}/providers/Microsoft.Compute/images/render"
MACHINE_ID = f"{_GROUP}/providers/Microsoft.Compute/virtualMachines/builder"

MACHINE: Mapping[str, Any] = {
    "vmName": "builder",
    "resourceGroupName": "fleet",
    "hardwareProfile": {"vmSize": "Standard_D4ds_v5"},
    "osProfile": {"computerName": "builder", "allowExtensionOperations": False},
    "securityProfile": {"securityType": "Standard"},
    "storageProfile": {
        "imageReference": {
            "publisher": "canonical",
            "offer": "ubuntu-24_04-lts",
            "sku": "server",
            "version": "latest",
        },
        "osDisk": {"createOption": "FromImage", "caching": "ReadWrite"},
    },
}
_CAPTURE: Mapping[str, Any] = {
    "imageName": "render",
    "resourceGroupName": "fleet",
    "sourceVirtualMachine": {"id": MACHINE_ID},
    "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized"}},
}
POOL: Mapping[str, Any] = {
    "poolName": "render",
    "accountName": "fleet",
    "resourceGroupName": "fleet",
    "vmSize": "Standard_D4ds_v5",
    "deploymentConfiguration": {
        "virtualMachineConfiguration": {
            "imageReference": {"id": VERSION_ID},
            "nodeAgentSkuId": "batch.node.ubuntu 24.04",
            "osDisk": {"caching": "ReadWrite"},
        }
    },
    "scaleSettings": {
        "fixedScale": {
            "targetDedicatedNodes": 10,
            "resizeTimeout": durations.from_minutes(pools.RESIZE_TIMEOUT_DEFAULT),
        }
    },
}
DEFINITION: Mapping[str, Any] = {
    "galleryName": "fleet",
    "galleryImageName": "render",
    "resourceGroupName": "fleet",
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "identifier": {"publisher": "contoso", "offer": "render", "sku": "ubuntu"},
    "features": [{"name": "SecurityType", "value": "Standard"}],
}
_VERSION: Mapping[str, Any] = {
    "galleryName": "fleet",
    "galleryImageName": "render",
    "galleryImageVersionName": "1.0.0",
    "resourceGroupName": "fleet",
    "storageProfile": {"source": {"id": MANAGED_IMAGE_ID}},
}
_MACHINE_CONFIGURATION = "deploymentConfiguration.virtualMachineConfiguration"


def put(props: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return `props` with `value` at a path such as `storageProfile.osDisk`; None leaves it out."""
    step, _, rest = path.partition(".")
    changed = dict(props)
    if rest:
        inner = changed.get(step)
        changed[step] = put(inner if isinstance(inner, dict) else {}, rest, value)
    elif value is None:
        changed.pop(step, None)
    else:
        changed[step] = value
    return changed


def machine(changes: Mapping[str, object] | None = None) -> Sample:
    """Return the builder machine, changed at the given paths."""
    props: Mapping[str, Any] = MACHINE
    for path, value in (changes or {}).items():
        props = put(props, path, value)
    return Sample(type=tokens.VIRTUAL_MACHINE, name="vm", props=props)


def captured(changes: Mapping[str, object] | None = None) -> tuple[Sample, ...]:
    """Return the builder machine, changed at the given paths, and the image made from it."""
    image = Sample(
        type=tokens.MANAGED_IMAGE,
        name="image",
        props=_CAPTURE,
        depends={"sourceVirtualMachine": ("vm",)},
    )
    return (machine(changes), image)


def pool(changes: Mapping[str, object] | None = None) -> Sample:
    """Return the pool, changed at paths of its virtual machine configuration or `/<path>`s."""
    props: Mapping[str, Any] = POOL
    for path, value in (changes or {}).items():
        full = path[1:] if path.startswith("/") else f"{_MACHINE_CONFIGURATION}.{path}"
        props = put(props, full, value)
    depends = {"deploymentConfiguration": ("version",)}
    return Sample(type=tokens.BATCH_POOL, name="pool", props=props, depends=depends)


def definition(changes: Mapping[str, object] | None = None) -> Sample:
    """Return the image definition, changed at the given paths."""
    props: Mapping[str, Any] = DEFINITION
    for path, value in (changes or {}).items():
        props = put(props, path, value)
    return Sample(type=tokens.GALLERY_IMAGE, name="definition", props=props)


def version(changes: Mapping[str, object] | None = None) -> Sample:
    """Return the image version that the pool starts from, changed at the given paths."""
    props: Mapping[str, Any] = _VERSION
    for path, value in (changes or {}).items():
        props = put(props, path, value)
    depends = {"galleryImageName": ("definition",), "storageProfile": ("image",)}
    return Sample(type=tokens.GALLERY_IMAGE_VERSION, name="version", props=props, depends=depends)


def together(*samples: Sample) -> tuple[Sample, ...]:
    """Return the samples as one example, without dependencies on what is not among them."""
    names = {sample.name for sample in samples}
    return tuple(
        replace(
            sample,
            depends={
                key: kept
                for key, sources in sample.depends.items()
                if (kept := tuple(source for source in sources if source in names))
            },
        )
        for sample in samples
    )


def lone_pool(changes: Mapping[str, object] | None = None) -> tuple[Sample, ...]:
    """Return the pool alone, for rules that look at nothing else."""
    return together(pool(changes))
