"""The file of `--outside`: every mistake in it at once, each with its key and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from imagefleet.domain import arm_ids, naming, roles
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.outside import facts
from imagefleet.offline.outside.reader import Reader
from imagefleet.offline.resource_types import region
from imagefleet.offline.services import references
from imagefleet.offline.wording import unknown

_SECTIONS = (
    "subscriptions", "resources", "permissions", "grants", "locks", "quotas", "notOffered",
    "supportedImages",
)  # fmt: skip
# Simulated types with nothing to them but their body may be told: sources of a fleet's images.
_MADE_HERE = references.SIMULATED - {
    kind.casefold() for kind in (arm_ids.SNAPSHOT, arm_ids.MANAGED_IMAGE)
}
_ACCOUNT = {"dedicatedCores": "dedicated_cores", "lowPriorityCores": "low_priority_cores",
            "coresByFamily": "cores_by_family", "pools": "pools"}  # fmt: skip
_REGION = {"accounts": "accounts", "cores": "cores", "lowPriorityCores": "low_priority_cores",
           "coresByFamily": "cores_by_family"}  # fmt: skip
_ACTIONS = {"actions": "actions", "notActions": "not_actions", "dataActions": "data_actions",
            "notDataActions": "not_data_actions"}  # fmt: skip


class OutsideFileError(WorkspaceError):
    """A file of outside facts that cannot be used, with every mistake in it."""


def read_outside(path: Path) -> facts.Outside:
    """Return the facts in a YAML or JSON file; raises `OutsideFileError` with every mistake."""
    # A provider only reads what the state keeps, which is JSON: it starts without a YAML reader.
    from imagefleet.stack_yaml import StackFileError, read_mapping

    try:
        return parse_outside(read_mapping(path), where=str(path))
    except StackFileError as error:
        lines = (f"{each.line}:{each.column}: {each.message}" for each in error.faults)
        raise _unusable(str(path), lines) from None


def parse_outside(
    document: Mapping[str, Any], *, where: str = "outside", kept: bool = False
) -> facts.Outside:
    """Return the facts that plain values describe; raises `OutsideFileError`.

    `kept` says that a state holds them already: names of roles, which were checked when a person
    told them, are taken as they are, so that a state of any age can be read.
    """
    read = Reader()
    found = read.mapping(document, "", _SECTIONS)
    outside = facts.Outside(
        document=dict(document),
        subscriptions=_subscriptions(read, found.get("subscriptions")),
        resources=tuple(_things(read, found.get("resources"))),
        permissions=(
            tuple(_permissions(read, found["permissions"])) if "permissions" in found else None
        ),
        grants=tuple(_grants(read, found.get("grants"), kept=kept)),
        locks=tuple(_locks(read, found.get("locks"))),
        quotas=_quotas(read, found.get("quotas")),
        not_offered={
            region(place): frozenset(size.casefold() for size in read.texts(sizes, at))
            for place, sizes, at in read.entries(found.get("notOffered"), "notOffered")
        },
        supported_images=(
            tuple(read.any_mapping(each, at) for each, at in read.items(
                found["supportedImages"], "supportedImages"
            ))
            if "supportedImages" in found
            else None
        ),
    )  # fmt: skip
    if not read.mistakes:
        try:
            json.dumps(document, allow_nan=False)
        except (TypeError, ValueError) as error:
            read.wrong("the file", f"must hold plain values, as JSON has them: {error}")
    if read.mistakes:
        raise _unusable(where, read.mistakes)
    return outside


@lru_cache(maxsize=8)
def parsed(text: str) -> facts.Outside:
    """Return the facts in a JSON text that a state keeps."""
    return parse_outside(json.loads(text), kept=True)


def _subscriptions(read: Reader, value: object) -> dict[str, facts.Subscription]:
    made: dict[str, facts.Subscription] = {}
    keys = ("displayName", "state", "tenant", "providers", "readable", "missing")
    for name, item, where in read.entries(value, "subscriptions"):
        if not naming.is_guid(name):
            read.wrong(where, "a subscription's id must be a GUID")
        found = read.mapping(item, where, keys)
        states = read.entries(found.get("providers"), f"{where}.providers")
        options: dict[str, Any] = {
            "providers": {
                namespace.casefold(): read.one_of(state, at, facts.PROVIDER_STATES)
                for namespace, state, at in states
            },
            "readable": read.flag(found, "readable", where, default=True),
            "missing": read.flag(found, "missing", where, default=False),
        }
        if "displayName" in found:
            options["display_name"] = read.text(found, "displayName", where)
        if "state" in found:
            at = f"{where}.state"
            options["state"] = read.one_of(found["state"], at, facts.SUBSCRIPTION_STATES)
        if "tenant" in found:
            options["tenant"] = read.text(found, "tenant", where)
        made[name.casefold()] = facts.Subscription(**options)
    return made


def _things(read: Reader, value: object) -> list[facts.Thing]:
    made: list[facts.Thing] = []
    for item, where in read.items(value, "resources"):
        found = read.mapping(item, where, ("id", "body", "readable", "missing"))
        resource_id = read.text(found, "id", where)
        readable = read.flag(found, "readable", where, default=True)
        missing = read.flag(found, "missing", where, default=False)
        parsed_id = arm_ids.try_parse(resource_id)
        if resource_id and (parsed_id is None or parsed_id.resource_group is None):
            read.wrong(f"{where}.id", f"'{resource_id}' is no id of a resource in a group")
        elif parsed_id and parsed_id.resource_type.casefold() in _MADE_HERE and readable:
            kind = parsed_id.resource_type
            read.wrong(f"{where}.id", f"{kind} is simulated: make it through the doors, or say "
                                      "readable: false")  # fmt: skip
        body = read.any_mapping(found["body"], f"{where}.body") if "body" in found else None
        if body is None and readable and not missing:
            read.wrong(where, "needs a body, readable: false or missing: true")
        made.append(facts.Thing(id=resource_id, body=body, readable=readable, missing=missing))
    return made


def _permissions(read: Reader, value: object) -> list[facts.Permission]:
    made: list[facts.Permission] = []
    for item, where in read.items(value, "permissions"):
        found = read.mapping(item, where, ("scope", *_ACTIONS))
        options: dict[str, Any] = {
            ours: tuple(read.texts(found[key], f"{where}.{key}"))
            for key, ours in _ACTIONS.items()
            if key in found
        }
        made.append(facts.Permission(scope=_scope(read, found, where), **options))
    return made


def _grants(read: Reader, value: object, *, kept: bool) -> list[facts.Grant]:
    made: list[facts.Grant] = []
    for item, where in read.items(value, "grants"):
        found = read.mapping(item, where, ("scope", "role", "principal", "principalType"))
        principal = read.text(found, "principal", where)
        if principal and not naming.is_guid(principal):
            read.wrong(f"{where}.principal", f"must be a GUID, got '{principal}'")
        kind = read.one_of(
            found.get("principalType", "User"), f"{where}.principalType", facts.PRINCIPAL_TYPES
        )
        made.append(
            facts.Grant(
                scope=_scope(read, found, where),
                role=read.text(found, "role", where) if kept else _role(read, found, where),
                principal=principal,
                principal_type=kind,
            )
        )
    return made


def _role(read: Reader, found: Mapping[str, Any], where: str) -> str:
    role = read.text(found, "role", where)
    names = [each.name for each in roles.BUILT_IN]
    known = role.casefold() in {name.casefold() for name in names}
    if role and not known and not naming.is_guid(role.rsplit("/", 1)[-1]):
        read.wrong(f"{where}.role", f"{unknown(role, names)}, a role's GUID, or its id")
    return role


def _locks(read: Reader, value: object) -> list[facts.Lock]:
    made: list[facts.Lock] = []
    for item, where in read.items(value, "locks"):
        found = read.mapping(item, where, ("scope", "level", "name"))
        level = read.one_of(found.get("level"), f"{where}.level", facts.LOCK_LEVELS)
        name = read.text(found, "name", where) if "name" in found else "lock"
        made.append(facts.Lock(scope=_scope(read, found, where), level=level, name=name))
    return made


def _quotas(read: Reader, value: object) -> facts.Quotas:
    found = read.mapping(value or {}, "quotas", ("accounts", "regions"))
    accounts = _by_name(read, found.get("accounts"), "quotas.accounts", _ACCOUNT)
    regions = _by_name(read, found.get("regions"), "quotas.regions", _REGION)
    return facts.Quotas(
        accounts={name: facts.AccountQuota(**item) for name, item in accounts.items()},
        regions={region(name): facts.RegionQuota(**item) for name, item in regions.items()},
    )


def _by_name(
    read: Reader, value: object, where: str, keys: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return the options of each entry; what one does not say, it takes from the entry `*`."""
    made: dict[str, dict[str, Any]] = {}
    for name, item, at in read.entries(value, where):
        found = read.mapping(item, at, tuple(keys))
        made[name] = {
            ours: (
                {size: read.count(most, path) for size, most, path in read.entries(
                    found[key], f"{at}.{key}"
                )}
                if key == "coresByFamily"
                else read.count(found[key], f"{at}.{key}")
            )
            for key, ours in keys.items()
            if key in found
        }  # fmt: skip
    return {name: {**made.get(facts.ANY, {}), **item} for name, item in made.items()}


def _scope(read: Reader, found: Mapping[str, Any], where: str) -> str:
    scope = read.text(found, "scope", where)
    if scope and not scope.startswith("/"):
        read.wrong(f"{where}.scope", f"must be an id that starts with '/', got '{scope}'")
    return scope


def _unusable(where: str, mistakes: Any) -> OutsideFileError:
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    return OutsideFileError(f"{where} does not say what lies outside:\n{lines}")
