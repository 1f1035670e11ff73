"""What the stack says to azure-native, and where it must agree with the fleet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefleet.domain import clouds, naming, regions
from imagefleet.domain.clouds import Cloud
from imagefleet.settings.errors import SettingsFault
from imagefleet.settings.wording import got

SUBSCRIPTION_KEY = "azure-native:subscriptionId"
ENVIRONMENT_KEY = "azure-native:environment"
LOCATION_KEY = "azure-native:location"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderContext:
    """The keys of azure-native in the same stack file, None where they are not set."""

    subscription_id: str | None = None
    location: str | None = None
    environment: str | None = None


def provider_faults(
    provider: ProviderContext, *, cloud: Cloud | None, location: str | None, at: str
) -> Iterator[SettingsFault]:
    """Faults of azure-native's keys, and where they disagree with the fleet's own.

    `cloud` and `location` are the fleet's, None where these are not usable themselves.
    """
    if not provider.subscription_id:
        advice = (
            "is missing: the subscription of the fleet; set it: "
            f"pulumi config set {SUBSCRIPTION_KEY} <id>"
        )
        yield SettingsFault(key=SUBSCRIPTION_KEY, message=advice)
    elif not naming.is_guid(provider.subscription_id):
        message = (
            "must be the id of a subscription, a GUID such as "
            f"00000000-0000-4000-8000-000000000001, got {got(provider.subscription_id)}"
        )
        yield SettingsFault(key=SUBSCRIPTION_KEY, message=message)
    yield from _environment_faults(provider.environment, cloud, at)
    if provider.location and location and not regions.same(provider.location, location):
        message = (
            f"is {got(provider.location)} and {at}.location is {got(location)}; they must agree: "
            f"pulumi config set {LOCATION_KEY} {regions.normalise(location)}, or take it out"
        )
        yield SettingsFault(key=LOCATION_KEY, message=message)


def _environment_faults(
    environment: str | None, cloud: Cloud | None, at: str
) -> Iterator[SettingsFault]:
    known = [profile.environment for profile in clouds.PROFILES.values()]
    said = environment or clouds.profile(Cloud.PUBLIC).environment
    meant = clouds.cloud_of_environment(said)
    if meant is None:
        message = f"must be one of {', '.join(known)}, got {got(said)}"
        yield SettingsFault(key=ENVIRONMENT_KEY, message=message)
    elif cloud is not None and meant != cloud:
        is_what = f"is {got(said)}" if environment else f"is not set, which means {got(said)},"
        needed = clouds.profile(cloud).environment
        message = (
            f"{is_what} and {at}.cloud is {got(str(cloud))}; they must agree: "
            f"pulumi config set {ENVIRONMENT_KEY} {needed}"
        )
        yield SettingsFault(key=ENVIRONMENT_KEY, message=message)
