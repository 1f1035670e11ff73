"""What a report may show of resources and their properties.

A rule sees secrets in clear and unmarked: the engine hands them to a pack, and the SDK takes their
marks off. So nothing is shown because it looks harmless. A report shows logical names, which the
program gives and which are no values, and words that Azure or this pack has lists of; of any other
text it says what it is not. Numbers, days and the kind of a value are shown.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids, node_agents, regions
from rules.arm_names import NAMINGS

if TYPE_CHECKING:
    from imagefleet.domain.arm_ids import ArmId
    from imagefleet.domain.fleet import ImageIdentifier
    from rules.canonical import Resource

_NAME: Final = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_.$ -]{0,79}", re.ASCII)
# Azure's naming of VM sizes: family, vCPUs, constrained vCPUs, features, accelerator, version.
_SIZE: Final = re.compile(
    r"standard_[a-z]{1,2}\d{1,3}(?:-\d{1,3})?[abdeilmprst]{0,4}(?:_[a-z]{1,2}\d{1,4})?(?:_v\d{1,2})?",
    re.ASCII | re.IGNORECASE,
)
_ARM_TYPES: Final = {
    kind.casefold(): kind
    for kind in (
        *(naming.arm_type for naming in NAMINGS.values()),
        "Microsoft.Batch/batchAccounts/applications",
        "Microsoft.Batch/batchAccounts/certificates",
        "Microsoft.Compute/cloudServices",
        "Microsoft.Compute/diskEncryptionSets",
        "Microsoft.Compute/galleries/applications",
        "Microsoft.Compute/virtualMachineScaleSets",
        "Microsoft.Resources/deployments",
        "Microsoft.Storage/storageAccounts",
    )
}
_WORDS: Final = {
    arm_ids.IMAGE_VERSION: "an image version",
    arm_ids.IMAGE_DEFINITION: "an image definition",
    arm_ids.GALLERY: "a gallery",
    arm_ids.MANAGED_IMAGE: "a managed image",
    arm_ids.SNAPSHOT: "a snapshot",
    arm_ids.DISK: "a disk",
    arm_ids.VIRTUAL_MACHINE: "a virtual machine",
    arm_ids.RESOURCE_GROUP: "a resource group",
    arm_ids.SUBSCRIPTION: "a subscription",
}
_UNNAMED: Final = "?"


def called(resource: Resource) -> str:
    """Return the logical name of a resource, or the place in a template that holds it."""
    if resource.host is not None:
        return resource.place.partition(" ")[0]
    return resource.name if _NAME.fullmatch(resource.name) else "of a name of no form"


def arm_type(kind: str) -> str:
    """Return an ARM type if it is one that Azure is known to have; else its known namespace."""
    found = _ARM_TYPES.get(kind.casefold())
    if found is not None:
        return found
    namespace = kind.casefold().partition("/")[0]
    spelt = next((one for one in _ARM_TYPES.values() if one.casefold().startswith(f"{namespace}/")),
                 None)  # fmt: skip
    return f"{spelt.partition('/')[0]}/{_UNNAMED}" if spelt else _UNNAMED


def kind_of(arm: ArmId) -> str:
    """Return what kind of thing an ARM id names, and nothing else of it."""
    word = next((said for kind, said in _WORDS.items() if arm.is_a(kind)), None)
    if word is not None:
        return word
    kind = arm_type(arm.resource_type)
    return "a resource of another kind" if _UNNAMED in kind else f"a resource of {kind}"


def region(name: str | None) -> str:
    """Return a region in its one spelling if it is one of Azure's lists."""
    known = name is not None and regions.cloud_of(name) is not None
    return regions.normalise(name or "") if known else "a region that no list of Azure's has"


def size(name: str) -> str:
    """Return a VM size if it is written as Azure names sizes."""
    stripped = name.strip()
    return stripped if _SIZE.fullmatch(stripped) else "a text of no size's form"


def agent(sku: str) -> str:
    """Return a node agent SKU if the dated catalogue has it."""
    known = node_agents.agent(sku)
    return "another node agent" if known is None else known.sku


def marketplace(image: ImageIdentifier) -> str:
    """Return a Marketplace image as `publisher/offer/sku`, as far as the dated catalogue has it.

    What fits a pattern of the catalogue is shown as the pattern, what fits none as `?`.
    """
    fitting = [
        one for one in node_agents.CATALOGUE if fnmatchcase(image.publisher.lower(), one.publisher)
    ]
    if not fitting:
        return "an image of a publisher that the catalogue lacks"
    same = [one for one in fitting if fnmatchcase(image.offer.lower(), one.offer)]
    skus = [sku for one in same for sku in one.skus if fnmatchcase(image.sku.lower(), sku)]
    offer, sku = (same[0].offer if same else _UNNAMED), (skus[0] if skus else _UNNAMED)
    return f"{fitting[0].publisher}/{offer}/{sku}"
