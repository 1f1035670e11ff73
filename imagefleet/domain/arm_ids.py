"""ARM ids: building and parsing every one a fleet uses.

Azure compares ids without regard to case, and services spell `resourceGroups` in more than one
way, so an `ArmId` compares equal to every spelling of the same id while it keeps the names as
they were given. Comparison is by whole segments: `/.../galleries/render` is not a prefix of
`/.../galleries/renderfarm`. The form of a gallery image version's id is that of D71.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SUBSCRIPTION: Final = "Microsoft.Resources/subscriptions"
RESOURCE_GROUP: Final = "Microsoft.Resources/resourceGroups"
GALLERY: Final = "Microsoft.Compute/galleries"
IMAGE_DEFINITION: Final = "Microsoft.Compute/galleries/images"
IMAGE_VERSION: Final = "Microsoft.Compute/galleries/images/versions"
MANAGED_IMAGE: Final = "Microsoft.Compute/images"
SNAPSHOT: Final = "Microsoft.Compute/snapshots"
DISK: Final = "Microsoft.Compute/disks"
VIRTUAL_MACHINE: Final = "Microsoft.Compute/virtualMachines"
BATCH_ACCOUNT: Final = "Microsoft.Batch/batchAccounts"
BATCH_POOL: Final = "Microsoft.Batch/batchAccounts/pools"
ROLE_DEFINITION: Final = "Microsoft.Authorization/roleDefinitions"
ROLE_ASSIGNMENT: Final = "Microsoft.Authorization/roleAssignments"
USER_ASSIGNED_IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
KEY_VAULT: Final = "Microsoft.KeyVault/vaults"
STORAGE_ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
SUBNET: Final = "Microsoft.Network/virtualNetworks/subnets"

_FORMS: Final = {
    SUBSCRIPTION: "/subscriptions/<subscription>",
    RESOURCE_GROUP: "/subscriptions/<subscription>/resourceGroups/<group>",
}


class ArmIdError(ValueError):
    """A text is not an ARM id, or not one of the wanted type; the message says why."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ArmId:
    """One ARM id in parts.

    `scope` is the id before the last `/providers/` ("" for a tenant-level resource),
    `resource_type` the namespace and the types joined by `/`, `names` one name for each type.
    Subscriptions and resource groups have the types `Microsoft.Resources/subscriptions` and
    `Microsoft.Resources/resourceGroups`. Equality and hash disregard case.
    """

    scope: str
    resource_type: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        if self.resource_type == SUBSCRIPTION:
            return f"/subscriptions/{self.names[0]}"
        if self.resource_type == RESOURCE_GROUP:
            return f"{self.scope}/resourceGroups/{self.names[0]}"
        namespace, *types = self.resource_type.split("/")
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, self.names, strict=True))
        return f"{self.scope}/providers/{namespace}{pairs}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArmId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> str:
        """The id in lower case: equal for every spelling of the same id."""
        return str(self).lower()

    @property
    def name(self) -> str:
        """The last name of the id."""
        return self.names[-1]

    @property
    def subscription_id(self) -> str | None:
        """The subscription's id, absent for tenant-level ids."""
        if self.resource_type == SUBSCRIPTION:
            return self.names[0]
        return _named(self.scope, "subscriptions")

    @property
    def resource_group(self) -> str | None:
        """The resource group's name, absent for ids above a resource group."""
        if self.resource_type == RESOURCE_GROUP:
            return self.names[0]
        return _named(self.scope, "resourcegroups")

    @property
    def parent(self) -> ArmId | None:
        """The id of the resource this one is nested in; of the scope for a top-level one."""
        namespace, *types = self.resource_type.split("/")
        if len(types) > 1:
            shorter = "/".join((namespace, *types[:-1]))
            return ArmId(scope=self.scope, resource_type=shorter, names=self.names[:-1])
        return parse(self.scope) if self.scope else None

    def is_a(self, resource_type: str) -> bool:
        """Whether the id is of `resource_type`, disregarding case."""
        return self.resource_type.lower() == resource_type.lower()

    def covers(self, other: ArmId) -> bool:
        """Whether this id, read as a scope, contains `other` (or is it), by whole segments."""
        return other.key == self.key or other.key.startswith(self.key + "/")


# Far above any id that is in use: it bounds the work on a text of megabytes that looks like one.
_LONGEST: Final = 16_384


def parse(text: str) -> ArmId:
    """The ARM id that `text` spells; a trailing slash and any case are accepted.

    Raises `ArmIdError` when it spells none.
    """
    if len(text) > _LONGEST:
        message = f"a text of more than {_LONGEST} characters is no ARM id"
        raise ArmIdError(message)
    segments = text.strip().rstrip("/").split("/")
    if len(segments) < 3 or segments[0] != "" or "" in segments[1:]:  # noqa: PLR2004 - "/a/b" is the shortest
        message = "an ARM id starts with '/subscriptions/' and has no empty segment"
        raise ArmIdError(message)
    parts = segments[1:]
    lowered = [part.lower() for part in parts]
    if "providers" in lowered[::2]:
        last = max(index for index in range(0, len(parts), 2) if lowered[index] == "providers")
        return _resource(parts[:last], parts[last + 1 :])
    return _container(parts, lowered)


def try_parse(text: str) -> ArmId | None:
    """The ARM id that `text` spells, or None when it spells none."""
    try:
        return parse(text)
    except ArmIdError:
        return None


def parse_as(text: str, *resource_types: str) -> ArmId:
    """The ARM id that `text` spells, of one of `resource_types`.

    Raises `ArmIdError` naming what it is and the form it should have.
    """
    wanted = " or ".join(form(kind) for kind in resource_types)
    try:
        parsed = parse(text)
    except ArmIdError as error:
        message = f"is not an ARM id ({error}); it must have the form {wanted}"
        raise ArmIdError(message) from error
    if not any(parsed.is_a(kind) for kind in resource_types):
        message = f"is the id of a {parsed.resource_type}; it must have the form {wanted}"
        raise ArmIdError(message)
    if parsed.resource_group is None and not set(resource_types) & _FORMS.keys():
        message = f"names no subscription or resource group; it must have the form {wanted}"
        raise ArmIdError(message)
    return parsed


def form(resource_type: str) -> str:
    """The form of the ids of `resource_type`, for error texts."""
    if resource_type in _FORMS:
        return _FORMS[resource_type]
    namespace, *types = resource_type.split("/")
    pairs = "".join(f"/{kind}/<{_singular(kind)}>" for kind in types)
    return f"/subscriptions/<subscription>/resourceGroups/<group>/providers/{namespace}{pairs}"


def same(left: str, right: str) -> bool:
    """Whether two texts spell the same ARM id; equal texts that are no ids count as the same."""
    one, other = try_parse(left), try_parse(right)
    if one is None or other is None:
        return left == right
    return one == other


def spells(text: str, resource_type: str) -> bool:
    """Whether `text` spells an ARM id of `resource_type`, disregarding case."""
    parsed = try_parse(text)
    return parsed is not None and parsed.is_a(resource_type)


def subscription(subscription_id: str) -> str:
    """The id of a subscription."""
    return f"/subscriptions/{subscription_id}"


def resource_group(subscription_id: str, name: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{name}"


def resource(group_id: str, resource_type: str, name: str) -> str:
    """The id of the top-level resource `name` of `resource_type` in the group `group_id`."""
    return f"{group_id}/providers/{resource_type}/{name}"


def gallery(group_id: str, name: str) -> str:
    """The id of a Compute Gallery."""
    return resource(group_id, GALLERY, name)


def image_definition(gallery_id: str, name: str) -> str:
    """The id of an image definition in a gallery."""
    return f"{gallery_id}/images/{name}"


def image_version(definition_id: str, version: str) -> str:
    """The id of a version of an image definition, in the form of D71."""
    return f"{definition_id}/versions/{version}"


def managed_image(group_id: str, name: str) -> str:
    """The id of a managed image."""
    return resource(group_id, MANAGED_IMAGE, name)


def snapshot(group_id: str, name: str) -> str:
    """The id of a snapshot."""
    return resource(group_id, SNAPSHOT, name)


def batch_account(group_id: str, name: str) -> str:
    """The id of a Batch account."""
    return resource(group_id, BATCH_ACCOUNT, name)


def batch_pool(account_id: str, pool_id: str) -> str:
    """The id of a pool in a Batch account."""
    return f"{account_id}/pools/{pool_id}"


def role_definition(scope: str, guid: str) -> str:
    """The id of a role definition as Azure hands it out at `scope`."""
    return f"{scope}/providers/{ROLE_DEFINITION}/{guid}"


_CANONICAL: Final = {
    kind.lower(): kind
    for kind in (
        GALLERY, IMAGE_DEFINITION, IMAGE_VERSION, MANAGED_IMAGE, SNAPSHOT, DISK, VIRTUAL_MACHINE,
        BATCH_ACCOUNT, BATCH_POOL, ROLE_DEFINITION, ROLE_ASSIGNMENT, USER_ASSIGNED_IDENTITY,
        KEY_VAULT, STORAGE_ACCOUNT, SUBNET,
    )
}  # fmt: skip


def _resource(before: list[str], after: list[str]) -> ArmId:
    namespace, *rest = after or [""]
    if not namespace or not rest or len(rest) % 2:
        message = "after '/providers/' come a namespace, then pairs of a type and a name"
        raise ArmIdError(message)
    resource_type = "/".join((namespace, *rest[::2]))
    scope = str(parse("/" + "/".join(before))) if before else ""
    return ArmId(
        scope=scope,
        resource_type=_CANONICAL.get(resource_type.lower(), resource_type),
        names=tuple(rest[1::2]),
    )


def _container(parts: list[str], lowered: list[str]) -> ArmId:
    match lowered:
        case ["subscriptions", _]:
            return ArmId(scope="", resource_type=SUBSCRIPTION, names=(parts[1],))
        case ["subscriptions", _, "resourcegroups", _]:
            scope = f"/subscriptions/{parts[1]}"
            return ArmId(scope=scope, resource_type=RESOURCE_GROUP, names=(parts[3],))
        case _:
            message = "it names neither a subscription, a resource group nor '/providers/'"
            raise ArmIdError(message)


def _named(scope: str, kind: str) -> str | None:
    """The name that follows the segment `kind` of an id, both at pair positions."""
    parts = scope.split("/")[1:]
    for label, name in zip(parts[::2], parts[1::2], strict=False):
        if label.lower() == kind:
            return name
    return None


def _singular(kind: str) -> str:
    if kind.endswith("ies"):
        return kind[:-3] + "y"
    return kind.removesuffix("s")
