"""Resources as ARM writes them, turned into the shape that azure-native gives them.

ARM keeps most properties under `properties` and all names in one; azure-native has the former at
the top and the latter one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rules import tokens
from rules.arm_names import BY_ARM_TYPE, GROUP, NAMINGS
from rules.canonical import UNKNOWN

DEPLOYMENTS: Final = "microsoft.resources/deployments"

# Batch and gallery types that no rule needs to judge; see tokens.HARMLESS.
_HARMLESS: Final = {
    "microsoft.batch/batchaccounts/applications": "azure-native:batch:Application",
    "microsoft.batch/batchaccounts/applications/versions": "azure-native:batch:ApplicationPackage",
    "microsoft.compute/galleries/applications": "azure-native:compute:GalleryApplication",
    "microsoft.compute/galleries/applications/versions": (
        "azure-native:compute:GalleryApplicationVersion"
    ),
    "microsoft.compute/galleries/invmaccesscontrolprofiles": (
        "azure-native:compute:GalleryInVMAccessControlProfile"
    ),
    "microsoft.compute/galleries/invmaccesscontrolprofiles/versions": (
        "azure-native:compute:GalleryInVMAccessControlProfileVersion"
    ),
}
# Names of a resource in ARM that mean something else among its properties.
_RENAMED: Final = {tokens.ROLE_DEFINITION: {"type": "roleType"}}
_BESIDE_PROPERTIES: Final = (
    "location", "tags", "sku", "identity", "plan", "zones", "kind", "scope", "managedBy",
    "extendedLocation",
)  # fmt: skip


def token_of(arm_type: str) -> str:
    """Return the canonical token of an ARM type; `arm:<type>` for one without."""
    folded = arm_type.casefold()
    if folded == DEPLOYMENTS:
        return tokens.DEPLOYMENT
    return BY_ARM_TYPE.get(folded) or _HARMLESS.get(folded) or f"arm:{folded}"


def shaped(
    token: str, names: Sequence[Any] | None, body: Mapping[str, Any], group: Any
) -> dict[str, Any]:
    """Return the properties of a resource in azure-native's shape.

    `names` are the segments of its name, None if they are not known; `body` is the resource as
    ARM has it, its expressions resolved; `group` the name of its resource group, if any.
    """
    if token == tokens.DEPLOYMENT:
        return {"properties": body.get("properties")}
    renamed = _RENAMED.get(token, {})
    inside = body.get("properties")
    props: dict[Any, Any] = {
        key: body[key] for key in _BESIDE_PROPERTIES if body.get(key) is not None
    }
    if isinstance(inside, Mapping):
        props |= {renamed.get(key, key): item for key, item in inside.items()}
    elif inside is not None:
        # the whole of it is not known, so every property that a rule reads is not either
        props = _AllUnknown(props)
    parameters = NAMINGS[token].parameters if token in NAMINGS else ()
    if names is None or len(names) != len(parameters):
        names = [UNKNOWN] * len(parameters)
    props |= dict(zip(parameters, names, strict=True))
    if GROUP not in parameters and token not in (tokens.ROLE_ASSIGNMENT, tokens.ROLE_DEFINITION):
        props[GROUP] = group
    return props


class _AllUnknown(dict[str, Any]):
    """Properties of which any that is not set is unknown."""

    def get(self, key: str, _default: Any = None) -> Any:
        return super().get(key, UNKNOWN)
