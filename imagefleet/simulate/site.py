"""What every handler knows: the model, where the doors stand, and how its clock moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from imagefleet.domain import clouds
from imagefleet.offline.azure import SimulatedAzure, shown
from imagefleet.offline.model import Azure, ProviderSettings
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.store import Store
from imagefleet.offline.values import Properties
from imagefleet.simulate.turns import Turns

# A made-up tenant; clients never need to know it, their local credential carries it.
TENANT = "7f0c5a1e-0000-4000-8000-5a1e0f1ee700"
# The page sizes of the services: ARM's are not promised, Batch's is 1,000 (Batch REST API).
ARM_PAGE = 100
BATCH_PAGE = 1000
# The most items of a page that a client may ask for: Batch's page (Batch REST API, `maxresults`),
# and the page of Azure Resource Manager's own lists (Azure REST API, Resources, `$top`).
MOST_ON_A_PAGE = 1000
# The clock follows in steps of a simulated second, so that not every question is a write.
_TICK_MINUTES = 1 / 60


class Pace:
    """How the simulated clock follows the real one: `latency` real seconds a simulated minute.

    0 lets it stand; then asking about an operation moves it to that operation's end.
    """

    def __init__(self, latency: float, now: Callable[[], float] = time.monotonic) -> None:
        if latency < 0:
            message = f"the latency must not be negative, got {latency:g} seconds a minute"
            raise ValueError(message)
        self.latency = latency
        self._now = now
        self._seen = now()
        self._lock = threading.Lock()

    @property
    def stands(self) -> bool:
        """Whether the clock only moves when an operation is asked about."""
        return self.latency == 0

    def catch_up(self, azure: Azure) -> None:
        """Move the simulated clock on by the real time since the last call."""
        if self.stands:
            return
        with self._lock:
            now = self._now()
            minutes = (now - self._seen) / self.latency
            if minutes < _TICK_MINUTES:
                return
            self._seen = now
            azure.advance(minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One set of doors.

    `azure` is the model, or a wrapper around it with the same protocol; `store` what it keeps;
    `base_url` where the doors stand (`https://127.0.0.1:<port>`, without a slash at the end).
    """

    azure: Azure
    store: Store
    base_url: str
    tenant: str = TENANT
    environment: str = "public"
    pace: Pace = field(default_factory=lambda: Pace(0))
    turns: Turns = field(default_factory=Turns)
    arm_page: int = ARM_PAGE
    batch_page: int = BATCH_PAGE

    @property
    def cloud(self) -> clouds.CloudProfile:
        """The profile of the cloud that is simulated."""
        cloud = clouds.cloud_of_environment(self.environment) or clouds.Cloud.PUBLIC
        return clouds.profile(cloud)

    @property
    def arm_audiences(self) -> tuple[str, ...]:
        """What a token for Azure Resource Manager may be issued for.

        It answers to its older name too, the service management endpoint (Azure CLI, cloud
        definitions).
        """
        older = f"https://management.{self.cloud.storage_suffix.value}/"
        return (self.cloud.resource_manager.value, older)

    @property
    def batch_audiences(self) -> tuple[str, ...]:
        """What a token for the Batch data plane may be issued for."""
        return (self.cloud.batch_audience.value,)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Every resource that a token of these doors may be for."""
        return (*self.arm_audiences, *self.batch_audiences)

    @property
    def model(self) -> Azure:
        """The model without what stands around it.

        For reads that no client has asked for: no fault may meet them.
        """
        return self.azure.model

    def look(self, kind: ResourceType, resource_id: str) -> Properties | None:
        """Return what a read of a resource shows, None where there is none; no fault meets it."""
        with self.store.read() as transaction:
            record = transaction.get(resource_id)
            if record is None or record.type != kind.arm_type:
                return None
            return shown(kind, transaction, record)

    def settings(self, subscription_id: str) -> ProviderSettings:
        """Return what the model must know about the caller."""
        return ProviderSettings(
            subscription_id=subscription_id, environment=self.environment, tenant_id=self.tenant
        )


def store_of(azure: Azure) -> Store:
    """Return the store of a model; raises `TypeError` where it has none."""
    if isinstance(azure.model, SimulatedAzure):
        return azure.model.store
    message = f"{type(azure).__name__} must be the simulated Azure, or have it as its 'model'"
    raise TypeError(message)
