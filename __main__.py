"""The program: settings in, plan, components out, exports."""

from __future__ import annotations

import pulumi

from components.image_fleet import ImageFleet
from components.runtime import prepare_program, registrations_begun
from imagefleet import settings
from imagefleet.domain.plan import plan

fleet_plan = plan(settings.load())
prepare_program(keep_provider_aliases=fleet_plan.keep_provider_aliases)
fleet = ImageFleet(pulumi.get_project(), fleet_plan)

pulumi.export("galleryId", fleet.gallery_id)
pulumi.export("imageVersions", fleet.image_versions)
pulumi.export("accounts", fleet.accounts)
pulumi.export("pools", fleet.pools)
pulumi.export("endpoints", fleet.endpoints)
pulumi.run(registrations_begun)
