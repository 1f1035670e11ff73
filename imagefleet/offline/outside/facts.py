"""Facts about what the simulated Azure does not make itself: the vocabulary of `--outside`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imagefleet.domain import pools
from imagefleet.offline.values import Properties

AMPLE_CORES = 100_000_000
AMPLE_POOLS = 1_000_000
"""Beyond any fleet; Azure starts accounts at 0 to 900 cores and 0 to 100 pools (Batch quotas)."""
ANY = "*"

SUBSCRIPTION_STATES = ("Enabled", "Warned", "PastDue", "Disabled", "Deleted")
PROVIDER_STATES = ("Registered", "Registering", "NotRegistered", "Unregistering", "Unregistered")
LOCK_LEVELS = ("CanNotDelete", "ReadOnly")
PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuota:
    """What one Batch account may use; cores of a family that is not named are not limited.

    Cores only count in accounts of the mode BatchService (Azure documentation, Batch quotas).
    """

    dedicated_cores: int = AMPLE_CORES
    low_priority_cores: int = AMPLE_CORES
    cores_by_family: Mapping[str, int] = field(default_factory=dict)
    pools: int = AMPLE_POOLS


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionQuota:
    """What a subscription may use in one region: Batch accounts, and cores of its own.

    The cores are those of accounts of the mode UserSubscription.
    """

    accounts: int = pools.ACCOUNTS_IN_REGION_MAXIMUM
    cores: int = AMPLE_CORES
    low_priority_cores: int = AMPLE_CORES
    cores_by_family: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """Quotas by account and by region; the entry `*` is for those that are not named."""

    accounts: Mapping[str, AccountQuota] = field(default_factory=dict)
    regions: Mapping[str, RegionQuota] = field(default_factory=dict)

    def account(self, name: str) -> AccountQuota:
        """Return the quota of an account."""
        return self.accounts.get(name) or self.accounts.get(ANY) or AccountQuota()

    def region(self, name: str) -> RegionQuota:
        """Return the quota of a region, by its name in lower case without spaces."""
        return self.regions.get(name) or self.regions.get(ANY) or RegionQuota()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """How one subscription is; `providers` are states by namespace, in lower case.

    `tenant` is another tenant than the caller's. One that is not `readable` answers 403, one that
    is `missing` 404.
    """

    display_name: str = "Simulated subscription"
    state: str = "Enabled"
    tenant: str | None = None
    providers: Mapping[str, str] = field(default_factory=dict)
    readable: bool = True
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One resource: `body` is what a read shows, in ARM's form, None for one not told.

    `readable` and `missing` are those of `Subscription`.
    """

    id: str
    body: Properties | None = None
    readable: bool = True
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the caller may do at a scope and below it."""

    scope: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role assignment that somebody has made; `role` is a built-in role's name, or an id."""

    scope: str
    role: str
    principal: str
    principal_type: str = "User"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A management lock on a scope and what lies below it."""

    scope: str
    level: str
    name: str = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """All of it. `document` is what it was read from, as plain values.

    `subscriptions` are by id in lower case. `permissions` None: the caller may do everything.
    `not_offered` are VM sizes by region; `supported_images` those of the Batch data plane in its
    own form, None for the domain's catalogue.
    """

    document: Properties = field(default_factory=dict)
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    resources: tuple[Thing, ...] = ()
    permissions: tuple[Permission, ...] | None = None
    grants: tuple[Grant, ...] = ()
    locks: tuple[Lock, ...] = ()
    quotas: Quotas = field(default_factory=Quotas)
    not_offered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    supported_images: tuple[Properties, ...] | None = None

    def subscription(self, subscription_id: str) -> Subscription:
        """Return how a subscription is: as it should be, where nothing is said."""
        return self.subscriptions.get(subscription_id.casefold()) or Subscription()

    def provider(self, subscription_id: str, namespace: str) -> str:
        """Return the registration state of a resource provider in a subscription."""
        states = self.subscription(subscription_id).providers
        return states.get(namespace.casefold(), PROVIDER_STATES[0])
