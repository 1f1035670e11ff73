"""What the caller, and whoever makes pools, may effectively do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from imagefleet.domain import arm_ids, roles
from imagefleet.domain.fleet_plan import GrantPlan
from imagefleet.live.credentials import Caller
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.model import ByHand, Check, Found, bad, command, each, good, unsure
from imagefleet.live.doctor.reads import Body, RoleSeen
from imagefleet.live.doctor.view import View, group_of

_GROUP = "group"
# Which built-in role allows which writes (Azure documentation, Azure built-in roles): the first
# assigns roles, only the second writes definitions of roles too, the third all that is no access.
_ASSIGNS, _DEFINES, _MAKES = (
    "Role Based Access Control Administrator", "User Access Administrator", "Contributor",
)  # fmt: skip
_ASSIGNMENTS = f"{arm_ids.ROLE_ASSIGNMENT}/write"
_DEFINITIONS = f"{arm_ids.ROLE_DEFINITION}/write"
# Reading the gallery itself is in the fleet's own role, and in neither of the built-in ones that
# the document asks for (D30): whoever has those can make pools.
_NEEDED = tuple(action for action in roles.NEEDED if action != "Microsoft.Compute/galleries/read")


def _caller_deploys(view: View) -> Iterable[Found]:
    wanted = _actions_of_up(view)
    view.reader.warm(reads.permissions(scope) for scope in wanted)

    def judge(scope: str) -> Iterator[Found]:
        allowed = view.permissions(scope)
        missing = roles.missing(allowed, wanted[scope])
        if not missing:
            yield good(scope, f"the caller may do all {len(wanted[scope])} actions of `up`")
            return
        words = f"the caller may not: {', '.join(missing)}"
        yield _lacking(scope, words, view.caller, _roles_for(missing), scope)

    return each(wanted, str, judge)


def _caller_uses_images(view: View) -> Iterable[Found]:
    def judge(gallery: str) -> Iterator[Found]:
        missing = _missing(view.permissions(gallery))
        if not missing:
            yield good(_name(gallery), "the caller may read its images and get access to disks")
            return
        words = f"the caller may not: {', '.join(missing)}"
        names = [role.name for role in roles.BUILT_IN_GRANT.values()]
        yield _lacking(_name(gallery), words, view.caller, names, gallery)

    galleries = view.galleries()
    view.reader.warm(reads.permissions(gallery) for gallery in galleries)
    return each(galleries, _name, judge)


def _creators_use_images(view: View) -> Iterable[Found]:
    pairs = [(grant, gallery) for grant in view.plan.grants for gallery in view.galleries()]
    return each(pairs, _pair_name, lambda pair: _of_creator(view, *pair))


def _of_creator(view: View, grant: GrantPlan, gallery: str) -> Iterator[Found]:
    subject = _pair_name((grant, gallery))
    own = arm_ids.same(gallery, view.plan.gallery.id)
    if own and view.gallery_seen(gallery) is None:
        yield _planned(view, grant, subject)
        return
    assigned = view.reader.get(reads.grants(gallery))
    known = view.reader.get(reads.role_definitions(gallery))
    direct = [each for each in assigned if _principal(each) == grant.principal_id.lower()]
    permissions = [block for each in direct for block in _blocks(each, known)]
    missing = _missing(permissions)
    if not missing:
        conditions = [each for each in direct if each["properties"].get("condition")]
        if conditions:
            yield unsure(subject, "may, under a condition that cannot be judged here")
        else:
            yield good(subject, "may, by its role assignments")
        return
    strange = [role for each in direct if (role := _role_guid(each)) not in known]
    if strange:
        yield unsure(subject, f"has roles that are not listed at this scope: {', '.join(strange)}")
        return
    if own and not _pools_stand(view):
        yield _planned(view, grant, subject)
        return
    groups = [each for each in assigned if _kind(each) == _GROUP]
    through = _missing([*permissions, *(b for each in groups for b in _blocks(each, known))])
    if groups and not through:
        names = ", ".join(sorted({_principal(each) for each in groups}))
        yield unsure(subject, f"may as a member of a group; who is in {names} is not known here")
        return
    mend = [_assign(grant.principal_id, role.name, gallery, grant.principal_type)
            for role in roles.BUILT_IN_GRANT.values()]  # fmt: skip
    yield bad(subject, f"may not: {', '.join(missing)}", *mend)


def _planned(view: View, grant: GrantPlan, subject: str) -> Found:
    """What `up` will give a principal on the fleet's own gallery."""
    custom = view.plan.custom_role
    blocks: list[roles.Permission] = []
    for role in grant.roles:
        built_in = roles.built_in(role.definition_id)
        if built_in is not None:
            blocks += built_in.permissions
        elif custom is not None and _guid(role.definition_id) == custom.role_definition_guid:
            blocks.append(roles.Permission(actions=custom.actions))
    missing = _missing(blocks)
    names = ", ".join(role.role_name for role in grant.roles)
    if missing:
        return bad(subject, f"`up` gives it {names}, which lacks {', '.join(missing)}")
    return good(subject, f"will, when `up` has given it {names}")


def _pools_stand(view: View) -> bool:
    """Whether a pool of the plan is there already: then the grants of the plan should be too."""
    for account in view.plan.accounts:
        ids = {str(pool.get("id", "")).lower() for pool in view.pools_seen(account)}
        if any(pool.id.lower() in ids for pool in view.pools_of(account)):
            return True
    return False


def _actions_of_up(view: View) -> Mapping[str, tuple[str, ...]]:
    """The actions that `up` needs, by the scope at which it needs them."""
    plan, group = view.plan, view.plan.resource_group.id
    gallery = group_of(plan.gallery.id)
    images = [each.managed_image for each in plan.image_versions if each.managed_image]
    rows = [
        (not plan.resource_group.existing, group,
         "Microsoft.Resources/subscriptions/resourceGroups"),
        (not plan.gallery.existing, gallery, "Microsoft.Compute/galleries"),
        (any(not each.existing for each in plan.definitions), gallery,
         "Microsoft.Compute/galleries/images"),
        (any(not each.existing for each in plan.image_versions), gallery,
         "Microsoft.Compute/galleries/images/versions"),
        (bool(images), group, "Microsoft.Compute/images"),
        (any(image.snapshots for image in images), group, "Microsoft.Compute/snapshots"),
        *((True, grant.scope, arm_ids.ROLE_ASSIGNMENT) for grant in plan.grants),
        *((not each.existing, group_of(each.id), arm_ids.BATCH_ACCOUNT) for each in plan.accounts),
        *((True, group_of(each.id), arm_ids.BATCH_POOL) for each in plan.pools),
    ]  # fmt: skip
    if plan.custom_role is not None:
        rows.append((True, plan.custom_role.scope, arm_ids.ROLE_DEFINITION))
    needed: dict[str, dict[str, None]] = {}
    for wanted, scope, kind in rows:
        if wanted:
            needed.setdefault(scope, {})[f"{kind}/write"] = None
    return {scope: tuple(actions) for scope, actions in needed.items()}


def _roles_for(missing: Iterable[str]) -> list[str]:
    """The built-in roles that together allow these actions, the narrowest for access."""
    actions = set(missing)
    names = [_MAKES] if actions - {_ASSIGNMENTS, _DEFINITIONS} else []
    if _DEFINITIONS in actions:
        names.append(_DEFINES)
    elif _ASSIGNMENTS in actions:
        names.append(_ASSIGNS)
    return names


def _lacking(subject: str, words: str, caller: Caller, names: Iterable[str], scope: str) -> Found:
    """What the caller lacks, with roles that allow it; by hand where the caller is not known."""
    who = caller.object_id or "<object id of whoever runs this>"
    mend = [_assign(who, name, scope, caller.kind) for name in names]
    if caller.object_id is not None:
        return bad(subject, words, *mend)
    why = "the token does not say who the caller is; fill in the object id"
    return bad(subject, words, by_hand=[ByHand(command=each, why=why) for each in mend])


def _assign(principal: str, role: str, scope: str, kind: str | None) -> str:
    words = ["az", "role", "assignment", "create", "--role", role, "--scope", scope]
    if kind is None:
        return command(*words, "--assignee", principal)
    return command(*words, "--assignee-object-id", principal, "--assignee-principal-type", kind)


def _blocks(assignment: Body, known: Mapping[str, RoleSeen]) -> tuple[roles.Permission, ...]:
    """What an assignment allows; nothing where its role is not among those listed."""
    role = known.get(_role_guid(assignment))
    return role.permissions if role is not None else ()


def _missing(permissions: Iterable[roles.Permission]) -> tuple[str, ...]:
    """The actions without which no pool can be made from an image, as far as they are missing."""
    return roles.missing(permissions, _NEEDED)


def _role_guid(assignment: Body) -> str:
    return _guid(str(assignment["properties"].get("roleDefinitionId", "")))


def _guid(definition_id: str) -> str:
    parsed = arm_ids.try_parse(definition_id)
    return "" if parsed is None else parsed.name.lower()


def _principal(assignment: Body) -> str:
    return str(assignment["properties"].get("principalId", "")).lower()


def _kind(assignment: Body) -> str:
    return str(assignment["properties"].get("principalType", "")).lower()


def _name(gallery: str) -> str:
    return f"gallery {arm_ids.parse(gallery).name}"


def _pair_name(pair: tuple[GrantPlan, str]) -> str:
    return f"{pair[0].key} on {_name(pair[1])}"


CHECKS: Final = (
    Check(
        id="caller-may-deploy",
        title="Whoever runs this may do what `up` does",
        run=_caller_deploys,
        remedy="Have the role assigned, at the resource group or above, and wait some minutes.",
        calls="1 list a resource group and gallery (permissions)",
        source="Azure documentation, Azure RBAC",
    ),
    Check(
        id="caller-image-access",
        title="Whoever runs this may make pools from the images",
        run=_caller_uses_images,
        remedy="Reader is not enough: assign both roles at the gallery.",
        calls="1 list a gallery (permissions)",
        sentences=("D30", "D32"),
    ),
    Check(
        id="creator-image-access",
        title="Whom `access` names may make pools from the images",
        run=_creators_use_images,
        remedy="Run `pulumi up`, which grants it; elsewhere assign the roles.",
        calls="2 lists a gallery (role assignments, role definitions)",
        sentences=("D30", "D32"),
    ),
)
