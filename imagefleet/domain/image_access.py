"""Which roles concern gallery images, and which of those are too little or too much (D30, D32).

Beside `roles`, which knows what a role allows: here is what an assignment of it means for the
images that pools start from. Patterns of actions are those of Azure's role definitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imagefleet.domain import roles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagefleet.domain.roles import Permission, Role

_INSUFFICIENT: Final = frozenset(
    {"Reader", "Compute Gallery Image Reader", "Virtual Machine Contributor"}
)

INSUFFICIENT: Final = tuple(role for role in roles.BUILT_IN if role.name in _INSUFFICIENT)
"""Built-in roles often taken for enough, none of which holds beginGetAccess (D32)."""

OWNER: Final = next(role for role in roles.BUILT_IN if role.name == "Owner")

PRINCIPAL_TYPES: Final = (
    "User",
    "Group",
    "ServicePrincipal",
    "ForeignGroup",
    "Device",
    "AgentUser",
    "AgentServicePrincipal",
)
"""The words of `principalType` (Azure REST API, role assignments)."""

APPLICATION_TYPES: Final = ("ServicePrincipal", "AgentServicePrincipal")
"""Those of them that stand for an application or a managed identity."""

_OF_DISKS: Final = ("Microsoft.Compute/disks/read", roles.BEGIN_GET_ACCESS)
_NAMESPACES: Final = ("microsoft.compute/galleries", "microsoft.compute/disks")


def concerns_images(permissions: Iterable[Permission]) -> bool:
    """Whether a role allows reading images or disks before anything is taken away again."""
    allowed = [roles.Permission(actions=block.actions) for block in permissions]
    return any(roles.grants(allowed, action) for action in (*roles.READ_IMAGE, *_OF_DISKS))


def made_for_images(permissions: Iterable[Permission]) -> bool:
    """Whether a role names galleries or disks; one that merely allows everything does not."""
    return any(
        pattern.strip().casefold().startswith(_NAMESPACES)
        for block in permissions
        for pattern in block.actions
    )


def grants_access(role: Role) -> bool:
    """Whether a built-in role holds the action without which no pool can be made (D32)."""
    return roles.grants(role.permissions, roles.BEGIN_GET_ACCESS)
