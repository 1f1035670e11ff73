"""What a sample is filled with: one pool of a plan, its account and its cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagefleet.domain import clouds
from imagefleet.domain.fleet import BlobMount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.clouds import CloudProfile
    from imagefleet.domain.fleet import Pool
    from imagefleet.domain.fleet_plan import AccountPlan, FleetPlan, PoolPlan


class UnknownPoolError(LookupError):
    """A name that no pool of the plan has, or that more than one has; `known` are all names."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample as text; `left_out` says what the pool has and this route does not show."""

    text: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One pool with everything around it that a sample names."""

    pool: PoolPlan
    account: AccountPlan
    profile: CloudProfile

    @property
    def settings(self) -> Pool:
        """The pool as the stack file has it."""
        return self.pool.settings

    @property
    def endpoint(self) -> str:
        """The URL of the account, built from its name and region."""
        return self.profile.account_endpoint(self.account.name, self.account.location)

    @property
    def subscription_id(self) -> str:
        """The subscription of the account."""
        return self.account.id.split("/")[2]


def context(plan: FleetPlan, name: str) -> Context:
    """The context of a pool, by its id, its key in the plan, or its key in the stack file.

    Raises `UnknownPoolError` where no pool has that name, or where a key of the stack file stands
    for several pools, one for each version.
    """
    exact = [pool for pool in plan.pools if name in (pool.pool_id.value, pool.key)]
    found = exact or [pool for pool in plan.pools if name == pool.pool_key]
    if len(found) != 1:
        known = found or plan.pools
        raise UnknownPoolError(name, tuple(pool.pool_id.value for pool in known))
    account = next(each for each in plan.accounts if each.key == found[0].account_key)
    return Context(pool=found[0], account=account, profile=clouds.profile(plan.cloud.cloud))


def beyond_the_data_plane(of: Context) -> Iterator[str]:
    """What Batch's own API cannot give a pool: identities, and what works with them."""
    if not of.settings.identities:
        return
    yield (
        "the pool's identities: only Azure Resource Manager can give a pool one, which is what "
        "`pulumi up` does"
    )
    task = of.settings.start_task
    files = task.resource_files if task is not None else ()
    uses = [key for key, mount in of.settings.mounts.items() if isinstance(mount, BlobMount)]
    uses += [file.file_path or "a file" for file in files if file.identity is not None]
    if uses:
        yield f"without an identity these fail on the nodes: {', '.join(sorted(uses))}"
