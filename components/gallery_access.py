"""Who may make pools from the gallery's images, and with which roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization

from components.references import known
from imagefleet.domain.fleet_plan import CustomRolePlan, GrantPlan, RolePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryAccessArgs:
    """What `GalleryAccess` needs: the grants, and the fleet's own role when a grant uses it.

    `scopes` maps the ARM id of a scope made in this program to the output that depends on it;
    scopes that are not in it exist already.
    """

    grants: tuple[GrantPlan, ...]
    custom_role: CustomRolePlan | None
    scopes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class GalleryAccess(pulumi.ComponentResource):
    """Roles for the principals that make pools from the gallery (D30, D32).

    Each assignment names the principal's type, so that a principal that is still being
    replicated in the directory is accepted, and has a GUID made from scope, principal and role,
    so that it is the same in every run. There is no condition on any of them.
    `assignments` is what the pools wait for.
    """

    assignments: tuple[authorization.RoleAssignment, ...]

    def __init__(
        self, name: str, args: GalleryAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"principals": {grant.key: grant.principal_id for grant in args.grants}}
        super().__init__("imagefleet:authorization:GalleryAccess", name, props, opts)
        custom = args.custom_role
        definitions = {custom.role_name: self._role(name, custom, args)} if custom else {}
        self.assignments = tuple(
            self._assignment(
                f"{name}-{grant.key}-{role.key}",
                grant,
                role,
                scope=args.scopes.get(grant.scope, grant.scope),
                definition_id=known(definitions.get(role.role_name), role.definition_id),
            )
            for grant in args.grants
            for role in grant.roles
        )
        self.register_outputs({"assignmentIds": [each.id for each in self.assignments]})

    def _role(
        self, name: str, role: CustomRolePlan, args: GalleryAccessArgs
    ) -> authorization.RoleDefinition:
        return authorization.RoleDefinition(
            name,
            role_definition_id=role.role_definition_guid,
            role_name=role.role_name,
            role_type="CustomRole",
            description=role.description,
            permissions=[authorization.PermissionArgs(actions=list(role.actions))],
            assignable_scopes=[args.scopes.get(each, each) for each in role.assignable_scopes],
            scope=args.scopes.get(role.scope, role.scope),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _assignment(
        self,
        name: str,
        grant: GrantPlan,
        role: RolePlan,
        *,
        scope: pulumi.Input[str],
        definition_id: pulumi.Input[str],
    ) -> authorization.RoleAssignment:
        return authorization.RoleAssignment(
            name,
            role_assignment_name=role.assignment_name,
            principal_id=grant.principal_id,
            principal_type=grant.principal_type,
            role_definition_id=definition_id,
            scope=scope,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Azure has no update of an assignment ("RoleAssignmentUpdateNotPermitted")
                replace_on_changes=["principalType", "roleDefinitionId"],
                delete_before_replace=True,
            ),
        )
