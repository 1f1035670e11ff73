"""How azure-native spells the parts of an ARM id as inputs, and ids some parts of which are open.

A resource of the stack has no id before it is made, but its path parameters say what the id will
be. A part that is not known yet is None, and so is the subscription of a resource whose provider
names none (the environment does, which a pack does not see).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids
from imagefleet.domain.arm_ids import ArmId
from rules import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP: Final = "resourceGroupName"


@dataclass(frozen=True, slots=True)
class Naming:
    """The ARM type of a token, and the inputs that carry the names of its id, outermost first."""

    arm_type: str
    parameters: tuple[str, ...]


NAMINGS: Final[Mapping[str, Naming]] = {
    tokens.RESOURCE_GROUP: Naming(arm_ids.RESOURCE_GROUP, (GROUP,)),
    tokens.GALLERY: Naming(arm_ids.GALLERY, ("galleryName",)),
    tokens.GALLERY_IMAGE: Naming(arm_ids.IMAGE_DEFINITION, ("galleryName", "galleryImageName")),
    tokens.GALLERY_IMAGE_VERSION: Naming(
        arm_ids.IMAGE_VERSION, ("galleryName", "galleryImageName", "galleryImageVersionName")
    ),
    tokens.MANAGED_IMAGE: Naming(arm_ids.MANAGED_IMAGE, ("imageName",)),
    tokens.SNAPSHOT: Naming(arm_ids.SNAPSHOT, ("snapshotName",)),
    tokens.DISK: Naming(arm_ids.DISK, ("diskName",)),
    tokens.VIRTUAL_MACHINE: Naming(arm_ids.VIRTUAL_MACHINE, ("vmName",)),
    tokens.VIRTUAL_MACHINE_EXTENSION: Naming(
        f"{arm_ids.VIRTUAL_MACHINE}/extensions", ("vmName", "vmExtensionName")
    ),
    tokens.RUN_COMMAND: Naming(
        f"{arm_ids.VIRTUAL_MACHINE}/runCommands", ("vmName", "runCommandName")
    ),
    tokens.BATCH_ACCOUNT: Naming(arm_ids.BATCH_ACCOUNT, ("accountName",)),
    tokens.BATCH_POOL: Naming(arm_ids.BATCH_POOL, ("accountName", "poolName")),
    tokens.USER_ASSIGNED_IDENTITY: Naming(arm_ids.USER_ASSIGNED_IDENTITY, ("resourceName",)),
    tokens.ROLE_DEFINITION: Naming(arm_ids.ROLE_DEFINITION, ("roleDefinitionId",)),
    tokens.ROLE_ASSIGNMENT: Naming(arm_ids.ROLE_ASSIGNMENT, ("roleAssignmentName",)),
}

BY_ARM_TYPE: Final[Mapping[str, str]] = {
    naming.arm_type.casefold(): token for token, naming in NAMINGS.items()
}

# The type whose own name an input is: `galleryName` of a version names a gallery.
NAMED_BY: Final[Mapping[str, str]] = {
    naming.parameters[-1]: token
    for token, naming in NAMINGS.items()
    if token not in (tokens.ROLE_DEFINITION, tokens.ROLE_ASSIGNMENT)
}

# Their ids exist at every scope, and their names are unique in a tenant.
_SCOPELESS = frozenset({arm_ids.ROLE_DEFINITION.casefold(), arm_ids.ROLE_ASSIGNMENT.casefold()})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialId:
    """An ARM id in lower case, None for each part that is not known."""

    arm_type: str
    names: tuple[str | None, ...]
    group: str | None
    subscription: str | None

    @classmethod
    def of(cls, arm_id: ArmId) -> PartialId:
        """Return the same id in this form; nothing of it is open."""
        group = arm_id.resource_group
        return cls(
            arm_type=arm_id.resource_type.casefold(),
            names=tuple(name.casefold() for name in arm_id.names),
            group=None if group is None else group.casefold(),
            subscription=None
            if arm_id.subscription_id is None
            else arm_id.subscription_id.casefold(),
        )

    @property
    def complete(self) -> bool:
        """Whether all but the subscription is known."""
        if self.arm_type in _SCOPELESS:
            return None not in self.names
        return None not in self.names and self.group is not None

    def agrees(self, other: PartialId) -> bool:
        """Whether both may be the same id: no part that is known in both differs."""
        if self.arm_type != other.arm_type or len(self.names) != len(other.names):
            return False
        pairs = [*zip(self.names, other.names, strict=True)]
        if self.arm_type not in _SCOPELESS:
            pairs += [(self.group, other.group), (self.subscription, other.subscription)]
        return all(None in pair or pair[0] == pair[1] for pair in pairs)

    def equals(self, other: PartialId) -> bool:
        """Whether both are one id, where at most a subscription is unknown."""
        return self.complete and other.complete and self.agrees(other)

    def __str__(self) -> str:
        if self.arm_type == arm_ids.RESOURCE_GROUP.casefold():
            return f"/subscriptions/{self.subscription or '?'}/resourceGroups/{self.group or '?'}"
        namespace, *types = self.arm_type.split("/")
        names = [name or "?" for name in self.names]
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, names, strict=False))
        group = f"/resourceGroups/{self.group}" if self.group else ""
        return f"/subscriptions/{self.subscription or '?'}{group}/providers/{namespace}{pairs}"
