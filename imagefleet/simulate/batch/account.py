"""The account that a data-plane request goes to, and its pools."""

from __future__ import annotations

from dataclasses import dataclass

from imagefleet.domain import arm_ids
from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties
from imagefleet.simulate.batch.bodies import POOL
from imagefleet.simulate.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One Batch account; `url` is where its data plane answers."""

    site: Site
    record: Record
    url: str

    @property
    def settings(self) -> ProviderSettings:
        """What the model must know about a caller in the account's subscription."""
        return self.site.settings(self.record.id.split("/")[2])

    @property
    def group(self) -> str:
        """The name of the account's resource group."""
        return self.record.id.split("/")[4]

    def pool_id(self, name: str) -> str:
        """Return the ARM id of a pool in this account."""
        return arm_ids.batch_pool(self.record.id, name)

    def pool(self, name: str) -> tuple[float, Record]:
        """Return the minute and a pool; raises `AzureError` where there is none."""
        with self.site.store.read() as transaction:
            record, now = transaction.get(self.pool_id(name)), transaction.now
        if record is None:
            raise no_pool(name)
        return now, record

    def shown_pool(self, name: str) -> Properties:
        """Return the model's outputs of a pool; raises `AzureError` where there is none."""
        outputs = self.site.look(POOL, self.pool_id(name))
        if outputs is None:
            raise no_pool(name)
        return outputs

    def pools(self) -> tuple[float, tuple[Record, ...]]:
        """Return the minute and the pools, in the order of their ids."""
        with self.site.store.read() as transaction:
            records = transaction.children(self.record.id, arm_ids.BATCH_POOL)
            return transaction.now, records


def no_pool(name: str) -> AzureError:
    """Return Batch's error for a pool that is not there."""
    message = f"The specified pool '{name}' does not exist."
    return AzureError("PoolNotFound", message, status=404, target=name)
