"""From a fleet to its plan: the only place where the program's figures are derived.

`plan` is pure and total on a fleet without faults (`faults.find_faults` says which those are).
It depends on keys alone, never on the order in which a mapping was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import clouds, plan_access, plan_images, plan_notes, plan_pools
from imagefleet.domain.fleet_plan import CloudPlan, Derived, FleetPlan

if TYPE_CHECKING:
    from datetime import date

    from imagefleet.domain.fleet import Fleet


def plan(fleet: Fleet, *, today: date | None = None) -> FleetPlan:
    """The plan of a fleet without faults; `today` lets the notes speak of dates.

    Raises `ValueError` (or `KeyError` for unknown references) on a fleet that `find_faults`
    objects to.
    """
    gallery = plan_images.gallery(fleet)
    definitions = plan_images.definitions(fleet, gallery)
    image_versions = plan_images.image_versions(fleet, definitions)
    accounts = plan_pools.accounts(fleet)
    return FleetPlan(
        cloud=_cloud(fleet),
        resource_group=plan_images.resource_group(fleet),
        tags=dict(sorted(fleet.tags.items())),
        gallery=gallery,
        definitions=definitions,
        image_versions=image_versions,
        custom_role=plan_access.custom_role(fleet, gallery),
        grants=plan_access.grants(fleet, gallery),
        accounts=accounts,
        pools=plan_pools.pool_plans(fleet, accounts, image_versions),
        protect=fleet.protect,
        keep_provider_aliases=fleet.keep_provider_aliases,
        notes=plan_notes.notes(fleet, gallery, image_versions, today),
    )


def _cloud(fleet: Fleet) -> CloudPlan:
    profile = clouds.profile(fleet.cloud)
    return CloudPlan(
        cloud=fleet.cloud,
        endpoints={
            name: Derived(
                value=endpoint.value,
                reason=endpoint.purpose + ("" if endpoint.confirmed else " (unconfirmed)"),
                sources=(endpoint.source,),
            )
            for name, endpoint in profile.endpoints.items()
        },
    )
