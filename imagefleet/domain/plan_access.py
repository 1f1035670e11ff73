"""Plans who may make pools from the gallery's images, and with which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, own_ids, roles, sources
from imagefleet.domain.fleet import GrantRole, GrantScope
from imagefleet.domain.fleet_plan import CustomRolePlan, Derived, GrantPlan, RolePlan

if TYPE_CHECKING:
    from imagefleet.domain.fleet import Fleet, Grant
    from imagefleet.domain.fleet_plan import GalleryPlan


def custom_role(fleet: Fleet, gallery: GalleryPlan) -> CustomRolePlan | None:
    """The fleet's least-privilege role, or None when no grant uses it.

    It is made at the gallery's resource group, the narrowest scope that a custom role can have
    and that covers both scopes a grant can choose.
    """
    if not any(grant.role == GrantRole.CUSTOM for grant in fleet.access.values()):
        return None
    guid = role_guid(fleet, gallery)
    group = arm_ids.resource_group(gallery.subscription_id, gallery.resource_group)
    return CustomRolePlan(
        role_definition_guid=guid,
        role_name=role_name(fleet, gallery),
        description=(
            "Makes Azure Batch pools from the images of one gallery: reads gallery, definitions "
            "and versions, and begins access to the disks made from them."
        ),
        actions=roles.NEEDED,
        assignable_scopes=(group,),
        scope=group,
        id=arm_ids.role_definition(group, guid),
    )


def grants(fleet: Fleet, gallery: GalleryPlan) -> tuple[GrantPlan, ...]:
    """The grants, by key."""
    custom = (role_name(fleet, gallery), role_guid(fleet, gallery))
    return tuple(_grant(key, grant, gallery, custom) for key, grant in sorted(fleet.access.items()))


def role_guid(fleet: Fleet, gallery: GalleryPlan) -> str:
    """The GUID of the custom role, the same in every run.

    The fleet's resource group is part of it: fleets that share an existing gallery have a role
    each, or destroying one would take the other's away.
    """
    return roles.stable_guid("imagefleet custom role", gallery.id, own_ids.group(fleet))


def role_name(fleet: Fleet, gallery: GalleryPlan) -> str:
    """The name of the custom role, unique in a tenant as Azure demands."""
    guid = role_guid(fleet, gallery)
    return f"imagefleet {fleet.resource_group.name}: pool images of {gallery.name} ({guid[:8]})"


def scope_of(grant: Grant, gallery: GalleryPlan) -> str:
    """The ARM id of the scope a grant is made at."""
    if grant.scope == GrantScope.GALLERY:
        return gallery.id
    return arm_ids.resource_group(gallery.subscription_id, gallery.resource_group)


def _grant(key: str, grant: Grant, gallery: GalleryPlan, custom: tuple[str, str]) -> GrantPlan:
    scope = scope_of(grant, gallery)
    return GrantPlan(
        key=key,
        principal_id=grant.principal_id,
        principal_type=grant.principal_type,
        scope=scope,
        roles=tuple(
            _role(role, (scope, grant.principal_id), gallery)
            for role in _chosen(grant.role, custom)
        ),
        reason=_reason(grant),
    )


def _chosen(choice: GrantRole, custom: tuple[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Key, name and GUID of each role; keys are part of logical names and never change."""
    if choice == GrantRole.CUSTOM:
        return (("custom", *custom),)
    return tuple((key, role.name, role.guid) for key, role in roles.BUILT_IN_GRANT.items())


def _role(role: tuple[str, str, str], to: tuple[str, str], gallery: GalleryPlan) -> RolePlan:
    key, name, guid = role
    scope, principal_id = to
    return RolePlan(
        key=key,
        role_name=name,
        # the subscription's form for every role: it is what Azure answers with
        definition_id=arm_ids.role_definition(arm_ids.subscription(gallery.subscription_id), guid),
        assignment_name=roles.assignment_name(scope, principal_id, guid),
    )


def _reason(grant: Grant) -> Derived[str]:
    where = "the gallery" if grant.scope == GrantScope.GALLERY else "the gallery's resource group"
    if grant.role == GrantRole.CUSTOM:
        return Derived(
            value=f"custom role at {where}",
            reason=(
                f"{len(roles.NEEDED)} actions and no more: reading gallery, definitions and "
                f"versions, and {roles.BEGIN_GET_ACCESS}, without which reading is not enough"
            ),
            sources=("D30", "D32", sources.BATCH_ROLES),
        )
    names = " and ".join(role.name for role in roles.BUILT_IN_GRANT.values())
    return Derived(
        value=f"built-in roles at {where}",
        reason=(
            f"{names}: the narrowest built-in pair that reads images and holds "
            f"{roles.BEGIN_GET_ACCESS}; no narrow built-in role does both"
        ),
        sources=("D30", "D32", roles.SOURCE),
    )
