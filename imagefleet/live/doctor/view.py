"""What checks look at: the plan on one side, Azure through the reader on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from imagefleet.domain import arm_ids, roles, security
from imagefleet.domain.fleet import Fleet, Image
from imagefleet.domain.fleet_plan import AccountPlan, FleetPlan, PoolPlan
from imagefleet.live.credentials import Caller
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.reader import Reader
from imagefleet.live.doctor.reads import Body
from imagefleet.live.failures import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An image definition that pools depend on: its ARM id, and the image of the stack file."""

    id: str
    image: Image
    existing: bool

    @property
    def name(self) -> str:
        """Its name, for people."""
        return arm_ids.parse(self.id).name


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A fleet and what Azure says about it. `environment` is the caller's, `caller` who asks."""

    fleet: Fleet
    plan: FleetPlan
    reader: Reader
    environment: Mapping[str, str]
    caller: Caller
    today: date

    def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions in which the fleet lives or that its pools take images from."""
        ids = [self.fleet.subscription_id, self.plan.gallery.subscription_id]
        ids += [_sub(account.id) for account in self.plan.accounts]
        ids += [_sub(version.id) for version in self.plan.image_versions]
        return tuple(dict.fromkeys(each.lower() for each in ids))

    def galleries(self) -> tuple[str, ...]:
        """The ids of the galleries whose images pools run, the fleet's own first."""
        used = {pool.image_version_key for pool in self.plan.pools}
        ids = {self.plan.gallery.id.lower(): self.plan.gallery.id}
        for version in self.plan.image_versions:
            if version.key in used:
                gallery = gallery_of(version.id)
                ids.setdefault(gallery.lower(), gallery)
        return tuple(ids.values())

    def definitions(self) -> tuple[Definition, ...]:
        """The definitions of the fleet, and those of existing versions elsewhere."""
        found = {
            each.id.lower(): Definition(id=each.id, image=each.image, existing=each.existing)
            for each in self.plan.definitions
        }
        for version in self.plan.image_versions:
            above = definition_of(version.id)
            image = self.fleet.images[version.image_key]
            if version.existing:
                found.setdefault(above.lower(), Definition(id=above, image=image, existing=True))
        return tuple(found.values())

    def account_seen(self, account: AccountPlan) -> Body | None:
        """A Batch account as it stands, None where it is not there."""
        return self.in_group(reads.accounts_in(group_of(account.id)), account.id)

    def gallery_seen(self, gallery_id: str) -> Body | None:
        """A gallery as it stands, None where it is not there."""
        return self.in_group(reads.galleries_in(group_of(gallery_id)), gallery_id)

    def definition_seen(self, definition_id: str) -> Body | None:
        """An image definition as it stands, None where it is not there."""
        gallery = gallery_of(definition_id)
        if self.gallery_seen(gallery) is None:
            return None
        return self.in_group(reads.definitions(gallery), definition_id)

    def version_listed(self, version_id: str) -> Body | None:
        """An image version without its replication, None where it is not there."""
        above = definition_of(version_id)
        if self.definition_seen(above) is None:
            return None
        return self.in_group(reads.versions(above), version_id)

    def warm_versions(self) -> None:
        """Begin to ask for the replication of every version that is listed."""
        for version in self.plan.image_versions:
            try:
                if self.version_listed(version.id) is not None:
                    self.reader.warm([reads.version(version.id)])
            except Unreadable:
                # Whoever asks for this version meets it, and says so.
                continue

    def pools_seen(self, account: AccountPlan) -> tuple[Body, ...]:
        """The pools of an account as they stand, none where it is not there."""
        if self.account_seen(account) is None:
            return ()
        return self.reader.get(reads.pools(account.id))

    def pools_of(self, account: AccountPlan) -> tuple[PoolPlan, ...]:
        """The pools that the plan has in an account."""
        return tuple(pool for pool in self.plan.pools if pool.account_key == account.key)

    def permissions(self, scope: str) -> tuple[roles.Permission, ...]:
        """What the caller may do at a scope, or at the nearest one above it that is there."""
        while True:
            try:
                return self.reader.get(reads.permissions(scope))
            except Unreadable as trouble:
                above = arm_ids.parse(scope).parent
                if not trouble.missing or above is None:
                    raise
                scope = str(above)

    def in_group(self, listed: reads.Read[tuple[Body, ...]], resource_id: str) -> Body | None:
        """The member of a list with that id, None without one or where there is no such group."""
        try:
            members = self.reader.get(listed)
        except Unreadable as trouble:
            if trouble.missing:
                return None
            raise
        return with_id(members, resource_id)


def with_id(members: Iterable[Body], resource_id: str) -> Body | None:
    """The member of a list with that ARM id, in any case."""
    wanted = resource_id.lower()
    return next((each for each in members if str(each.get("id", "")).lower() == wanted), None)


def properties(body: Body) -> Mapping[str, Any]:
    """The properties of a resource."""
    found = body.get("properties")
    return found if isinstance(found, Mapping) else {}


def group_of(resource_id: str) -> str:
    """The id of the resource group of a resource."""
    parsed = arm_ids.parse(resource_id)
    return arm_ids.resource_group(parsed.subscription_id or "", parsed.resource_group or "")


def definition_of(version_id: str) -> str:
    """The id of the definition of an image version."""
    return str(arm_ids.parse_as(version_id, arm_ids.IMAGE_VERSION).parent)


def gallery_of(image_id: str) -> str:
    """The id of the gallery of a definition or version."""
    parsed = arm_ids.parse_as(image_id, arm_ids.IMAGE_DEFINITION, arm_ids.IMAGE_VERSION)
    return arm_ids.gallery(group_of(image_id), parsed.names[0])


def stated_security_type(definition: Body) -> str:
    """The security type that an image definition states among its features, "" for none."""
    stated = (
        str(feature.get("value", ""))
        for feature in properties(definition).get("features") or ()
        if security.is_security_type_feature(str(feature.get("name", "")))
    )
    return next(stated, "")


def _sub(resource_id: str) -> str:
    return arm_ids.parse(resource_id).subscription_id or ""
