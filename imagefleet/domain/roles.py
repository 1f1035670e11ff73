"""Roles that let an application make pools from gallery images (D30, D32).

Reading a gallery image is not enough: `Microsoft.Compute/disks/beginGetAccess/action` is needed
as well, and no narrow built-in role holds both. So either a custom role or two built-in ones.
The permissions below are those parts of a role that decide about the needed actions.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

BEGIN_GET_ACCESS: Final = "Microsoft.Compute/disks/beginGetAccess/action"

READ_IMAGE: Final = (
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/read",
)

NEEDED: Final = (*READ_IMAGE, BEGIN_GET_ACCESS)
"""What the custom role of a fleet holds (D32; the reads are our reading of D30)."""

SOURCE: Final = "Azure documentation, Azure built-in roles"

_NAMESPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""RFC 9562's namespace for URLs; changing it would rename every assignment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One block of a role: what it allows, less what it takes away again."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A built-in role; `broad` ones allow far more than making pools from an image."""

    name: str
    guid: str
    permissions: tuple[Permission, ...]
    broad: bool = False


def _role(name: str, guid: str, *actions: str, broad: bool = False) -> Role:
    return Role(name=name, guid=guid, permissions=(Permission(actions=actions),), broad=broad)


COMPUTE_GALLERY_IMAGE_READER: Final = _role(
    "Compute Gallery Image Reader",
    "cf7c76d2-98a3-4358-a134-615aa78bf44d",
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/read",
)
DISK_BACKUP_READER: Final = _role(
    "Disk Backup Reader",
    "3e5e47e6-65f7-47ef-90b5-e5dd4d455f24",
    "Microsoft.Authorization/*/read",
    "Microsoft.Compute/disks/read",
    BEGIN_GET_ACCESS,
)
READER: Final = _role("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "*/read")
CONTRIBUTOR: Final = Role(
    name="Contributor",
    guid="b24988ac-6180-42a0-ab88-20f7382dd24c",
    permissions=(
        Permission(
            actions=("*",),
            not_actions=(
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.Compute/galleries/share/action",
            ),
        ),
    ),
    broad=True,
)

_DISKS: Final = "Microsoft.Compute/disks/*"

BUILT_IN: Final = (
    _role("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "*", broad=True),
    CONTRIBUTOR,
    _role("Avere Contributor", "4f8fab4f-1852-4a58-a46a-8eaf358af14a",
          "Microsoft.Compute/*/read", _DISKS, broad=True),
    _role("VM Restore Operator", "dfce8971-25e3-42e3-ba33-6055438e3080",
          BEGIN_GET_ACCESS, broad=True),
    _role("Azure Red Hat OpenShift Disk Storage Operator", "5b7237c5-45e1-49d6-bc18-a1f62f400748",
          BEGIN_GET_ACCESS, broad=True),
    _role("Azure Backup Snapshot Contributor", "afc680e2-a938-412d-b213-9a49efa7fb83",
          BEGIN_GET_ACCESS, broad=True),
    _role("Disk Snapshot Contributor", "7efff54f-a5b4-42b5-a1c5-5411624893ce",
          "Microsoft.Compute/snapshots/delete", BEGIN_GET_ACCESS, broad=True),
    _role("Disk Restore Operator", "b50d9833-a0cb-478e-945f-707fcc997c13",
          BEGIN_GET_ACCESS, "Microsoft.Compute/disks/write"),
    _role("Elastic SAN Volume Importer", "90e8b822-3e73-47b5-868a-787dc80c008f",
          BEGIN_GET_ACCESS, broad=True),
    _role("Defender Agentless VM Scan", "d24ecba3-c1f4-40fa-a7bb-4588a071e8fd",
          BEGIN_GET_ACCESS, broad=True),
    _role("Compute Diagnostics Role", "df2711a6-406d-41cf-b366-b0250bff9ad1", BEGIN_GET_ACCESS),
    DISK_BACKUP_READER,
    READER,
    COMPUTE_GALLERY_IMAGE_READER,
    _role("Compute Gallery Artifacts Publisher", "85a2d0d9-2eba-4c9c-b355-11c2cc0788ab",
          "Microsoft.Compute/galleries/*", "Microsoft.Compute/images/*",
          "Microsoft.Compute/disks/write", broad=True),
    _role("Compute Gallery Sharing Admin", "1ef6a3be-d0ac-425d-8c01-acb62866290b",
          "Microsoft.Compute/galleries/share/action"),
    _role("Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
          "Microsoft.Compute/disks/read", "Microsoft.Compute/disks/write",
          "Microsoft.Compute/disks/delete", broad=True),
    # its data actions on disks are no actions, and beginGetAccess is an action
    _role("Data Operator for Managed Disks", "959f8984-c045-4866-89c7-12bf9737be2e"),
    _role("Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830",
          "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
          "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"),
    _role("Azure Batch Data Contributor", "6aaa78f1-f7de-44ca-8722-c64a23943cae"),
)  # fmt: skip
"""Built-in roles whose answer to D32 is known: all that hold beginGetAccess in the public cloud,
and those that are often taken for enough."""

BUILT_IN_GRANT: Final[Mapping[str, Role]] = MappingProxyType(
    {"image-reader": COMPUTE_GALLERY_IMAGE_READER, "disk-backup-reader": DISK_BACKUP_READER}
)
"""The narrowest pair of built-in roles that together read the image and hold beginGetAccess.

Each stands under its key in the names of assignments, which never changes.
"""

_BY_GUID: Final[Mapping[str, Role]] = MappingProxyType({role.guid: role for role in BUILT_IN})


def built_in(definition_id: str) -> Role | None:
    """The built-in role of a role definition id, in any of its forms, or None."""
    return _BY_GUID.get(definition_id.rstrip("/").rsplit("/", 1)[-1].lower())


def grants(permissions: Iterable[Permission], action: str) -> bool:
    """Whether some block allows `action` and does not take it away.

    `*` stands for any text, slashes included; case does not matter. What one block takes away
    another may still allow, as Azure adds up the blocks of a role.
    """
    return any(
        _any_matches(block.actions, action) and not _any_matches(block.not_actions, action)
        for block in permissions
    )


def missing(permissions: Iterable[Permission], needed: Iterable[str] = NEEDED) -> tuple[str, ...]:
    """The actions that `permissions` do not allow, of those needed to make pools from an image."""
    blocks = tuple(permissions)
    return tuple(action for action in needed if not grants(blocks, action))


def stable_guid(*parts: str) -> str:
    """A GUID that is the same for the same parts in any case, for names of roles and assignments.

    Azure wants a GUID as a name and refuses a second assignment of the same role to the same
    principal at the same scope, so the name follows from these three.
    """
    return str(uuid.uuid5(_NAMESPACE, "|".join(part.lower() for part in parts)))


def assignment_name(scope: str, principal_id: str, role_guid: str) -> str:
    """The name of the assignment of a role to a principal at a scope."""
    return stable_guid(scope, principal_id, role_guid)


def _any_matches(patterns: Iterable[str], action: str) -> bool:
    return any(_matches(pattern, action) for pattern in patterns)


def _matches(pattern: str, action: str) -> bool:
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, action, re.IGNORECASE) is not None
