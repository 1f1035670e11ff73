"""What a pool starts its nodes from, and what that means for them.

A gallery image version must be there, generalized, replicated to the account's region and of the
node agent's OS family. A version that is outside is assumed to be all that, with replicas enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imagefleet.domain import arm_ids, node_agents, security, versions, vm_sizes
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Put, at, region
from imagefleet.offline.services import references, security_features
from imagefleet.offline.services.batch_accounts import invalid
from imagefleet.offline.services.gallery_versions import replicas_in
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties

_MACHINE = "deploymentConfiguration.virtualMachineConfiguration"
_REFERENCE = f"{_MACHINE}.imageReference"
_MARKETPLACE = ("publisher", "offer", "sku", "version")
_IDS = ("id", "sharedGalleryImageId", "communityGalleryImageId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What the nodes of a pool start from.

    `replicas` in the pool's region are 0 where they are not modelled; `refused` says why no node
    can start from it on this VM size, `unusable` whether nodes start but cannot be used.
    """

    version_id: str = ""
    replicas: int = 0
    refused: str = ""
    unusable: bool = False


def require_image(put: Put, account: Record | None) -> Image:
    """Return the image of a pool; raises `AzureError` where Batch would not take it."""
    deployment = put.body.get("deploymentConfiguration") or {}
    machine = deployment.get("virtualMachineConfiguration")
    if not machine:
        message = f"the pool '{put.name}' must have {_MACHINE}"
        raise invalid(message, "deploymentConfiguration")
    _require_agent(machine)
    reference: Properties = machine["imageReference"]
    given = [name for name in _IDS if reference.get(name)]
    place = [name for name in _MARKETPLACE if reference.get(name)]
    if given and "version" in place:
        message = (
            "Specified property version can only have a value when publisher is set: with "
            f"'{given[0]}' it must be absent (PropertyPath properties.{_REFERENCE}.version)"
        )
        raise invalid(message, f"{_REFERENCE}.version")
    if len(given) + bool(place) != 1:
        message = (
            f"'{_REFERENCE}' must have one of {', '.join(_IDS)}, or publisher, offer, sku and "
            f"version; got {', '.join((*given, *place)) or 'nothing'}"
        )
        raise invalid(message, _REFERENCE)
    if given != ["id"]:
        return Image()
    return _gallery_image(put, account, str(reference["id"]), machine)


def _require_agent(machine: Properties) -> None:
    sku = str(machine["nodeAgentSkuId"])
    wrong = node_agents.form_fault(sku)
    if wrong:
        message = f"the node agent SKU '{sku}' {wrong}"
        raise invalid(message, f"{_MACHINE}.nodeAgentSkuId")


def _gallery_image(put: Put, account: Record | None, image_id: str, machine: Properties) -> Image:
    parsed = arm_ids.try_parse(image_id)
    kinds = (arm_ids.IMAGE_VERSION, arm_ids.IMAGE_DEFINITION)
    if parsed is None or not any(parsed.is_a(kind) for kind in kinds):
        message = (
            f"'{_REFERENCE}.id' must be the id of a gallery image version, "
            f"{arm_ids.form(arm_ids.IMAGE_VERSION)}, got '{image_id}' (pools from managed images "
            "and VHDs ended on 2026-03-31)"
        )
        raise invalid(message, f"{_REFERENCE}.id")
    definition_id = image_id if parsed.is_a(arm_ids.IMAGE_DEFINITION) else str(parsed.parent)
    definition = _found(put, definition_id)
    here = region(account.state["location"]) if account else ""
    version = _latest(put, definition, here) if definition_id == image_id else _found(put, image_id)
    if definition is not None:
        _require_definition(definition, machine)
    if version is None:
        return Image(refused=_refused(put, definition), unusable=_unusable(definition, machine))
    replicas = replicas_in(version, here, put.now) if here else None
    if here and not replicas and put.old is None:
        message = (
            f"the gallery image '{version.id}' is not available in {here} region; replicate it to "
            "the region of the Batch account, or use an account in one of its regions"
        )
        raise AzureError("GalleryImageNotFound", message, status=404, target=image_id)
    return Image(
        version_id=version.id,
        replicas=replicas or 0,
        refused=_refused(put, definition),
        unusable=_unusable(definition, machine),
    )


def _found(put: Put, image_id: str) -> Record | None:
    """Return a gallery resource; one that is gone only stops a new pool."""
    try:
        return references.find(put.transaction, image_id)
    except AzureError as error:
        if put.old is not None:
            return None
        message = f"the gallery image '{image_id}' of the pool '{put.name}' does not exist"
        raise AzureError("GalleryImageNotFound", message, status=404, target=image_id) from error


def _latest(put: Put, definition: Record | None, here: str) -> Record | None:
    """Return the version that a definition's id means: the highest one that is not excluded."""
    if definition is None:
        return None
    found = {
        version.name: version
        for version in put.transaction.children(definition.id, arm_ids.IMAGE_VERSION)
        if not _excluded(version, here)
    }
    name = versions.latest(found)
    if name is None:
        message = (
            f"the gallery image '{definition.id}' is not available in {here} region: it has no "
            "version there that counts as latest"
        )
        raise AzureError("GalleryImageNotFound", message, status=404, target=definition.id)
    return found[name]


def _excluded(version: Record, here: str) -> bool:
    profile = version.state["publishingProfile"]
    for target in profile["targetRegions"]:
        if region(target["name"]) == here:
            return bool(target.get("excludeFromLatest"))
    return True


def _require_definition(definition: Record, machine: Properties) -> None:
    if definition.state.get("osState") != "Generalized":
        message = (
            f"the image definition '{definition.id}' is {definition.state.get('osState')}; a pool "
            "needs a Generalized image"
        )
        raise invalid(message, f"{_REFERENCE}.id")
    family = node_agents.os_type(str(machine["nodeAgentSkuId"]))
    if family != definition.state.get("osType"):
        message = (
            f"the node agent SKU '{machine['nodeAgentSkuId']}' is for {family} and the image is "
            f"{definition.state.get('osType')}"
        )
        raise invalid(message, f"{_MACHINE}.nodeAgentSkuId")
    if machine.get("diskEncryptionConfiguration") and family == "Linux":
        message = (
            "diskEncryptionConfiguration cannot be used with a Linux image from a gallery; use "
            "securityProfile.encryptionAtHost"
        )
        raise invalid(message, f"{_MACHINE}.diskEncryptionConfiguration")


def _refused(put: Put, definition: Record | None) -> str:
    """Return why no node can start on this VM size, "" where nothing is known against it."""
    if definition is None:
        return ""
    size = str(put.body["vmSize"])
    known = vm_sizes.look_up(size)
    generation = definition.state.get("hyperVGeneration")
    if known.generations and generation and generation not in known.generations:
        return (
            f"The selected VM size '{size}' cannot boot Hypervisor Generation '{generation[-1:]}'; "
            "choose another size, or rebuild the image in the other generation"
        )
    architecture = definition.state.get("architecture")
    if known.architecture and architecture and architecture != known.architecture:
        return f"the VM size '{size}' is {known.architecture} and the image is {architecture}"
    return ""


def _unusable(definition: Record | None, machine: Any) -> bool:
    """Whether nodes go unusable: an image that only starts with a security type, a pool without."""
    if definition is None or at(machine, "securityProfile", "securityType"):
        return False
    return security_features.security_type(definition) in security.LOCKED_TYPES
