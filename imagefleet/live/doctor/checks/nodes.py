"""What a node is made of: its size, its agent, its address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imagefleet.domain import arm_ids, node_agents, regions, subnets
from imagefleet.domain.fleet_plan import AccountPlan, PoolPlan
from imagefleet.domain.node_agents import BaseImage
from imagefleet.live.doctor import reads
from imagefleet.live.doctor.cores import sizes_in, sizes_of, subscription_of
from imagefleet.live.doctor.model import Check, Found, bad, each, good, unsure
from imagefleet.live.doctor.reads import Body
from imagefleet.live.doctor.view import View, group_of, properties
from imagefleet.live.failures import Unreadable
from imagefleet.live.supported import catalogue


def _offered(view: View) -> Iterable[Found]:
    places = dict.fromkeys((sub, region) for sub, region, _ in _sizes(view))
    view.reader.warm(sizes_in(*place) for place in places)
    view.reader.warm(reads.compute_sizes(*place) for place in places)

    def judge(wanted: tuple[str, str, str]) -> Iterator[Found]:
        sub, region, size = wanted
        offered = view.reader.get(sizes_in(sub, region))
        if size.lower() not in offered:
            yield bad(size, f"Batch does not offer it in {region}")
            return
        reasons = _restrictions(view.reader.get(reads.compute_sizes(sub, region)), size, region)
        if reasons:
            yield bad(size, f"is restricted in {region}: {', '.join(reasons)}")
        else:
            yield good(size, f"is offered in {region}")

    return each(_sizes(view), lambda wanted: wanted[2], judge)


def _restrictions(listed: Sequence[Body], size: str, region: str) -> list[str]:
    return [
        str(restriction.get("reasonCode") or "no reason given")
        for sku in listed
        if str(sku.get("resourceType", "")).lower() == "virtualmachines"
        and str(sku.get("name", "")).lower() == size.lower()
        for restriction in sku.get("restrictions") or ()
        if str(restriction.get("type", "")).lower() == "location"
        and any(regions.same(str(value), region) for value in restriction.get("values") or ())
    ]


def _fitting(view: View) -> Iterable[Found]:
    def judge(pool: PoolPlan) -> Iterator[Found]:
        account = _account(view, pool)
        region = account.location
        image = view.fleet.images[pool.settings.image]
        known = view.reader.get(sizes_of(account))
        size = known.get(pool.settings.vm_size.lower())
        name = pool.pool_id.value
        if size is None:
            yield unsure(name, f"Batch shows no {pool.settings.vm_size} in {region}")
            return
        generations = size.capabilities.get("HyperVGenerations", "")
        architecture = size.capabilities.get("CpuArchitectureType", "")
        if not generations or not architecture:
            yield unsure(name, f"{size.name} does not show generations and architecture")
        elif image.generation.value not in generations.upper().split(","):
            yield bad(
                name, f"{size.name} starts {generations}, its image is {image.generation.value}"
            )
        elif architecture.lower() != image.architecture.value.lower():
            yield bad(name, f"{size.name} is {architecture}, its image {image.architecture.value}")
        else:
            yield good(name, f"{size.name} starts {image.generation.value} {architecture}")

    return each(view.plan.pools, lambda pool: pool.pool_id.value, judge)


def _agents(view: View) -> Iterable[Found]:
    def judge(pool: PoolPlan) -> Iterator[Found]:
        name, agent = pool.pool_id.value, pool.node_agent_sku.value
        supported = _supported(view, _account(view, pool))
        if supported is None:
            yield unsure(name, "no Batch account is there yet that could say what is supported")
            return
        if node_agents.agent(agent, supported) is None:
            near = ", ".join(sorted({each.agent for each in supported}))
            yield bad(name, f"Batch supports no agent '{agent}'; it has {near}")
            return
        base = view.fleet.images[pool.settings.image].base_image
        whole = f"{base.publisher}/{base.offer}/{base.sku}"
        ours = [each for each in supported if each.fits(base)]
        serving = node_agents.agent(agent, ours)
        if serving is not None:
            yield _ending(view, name, serving, whole)
        elif ours:
            yield bad(name, f"{whole} needs the agent {ours[0].agent}, not '{agent}'")
        else:
            yield unsure(name, f"'{agent}' is supported, its base image is not in Batch's list")

    view.reader.warm(reads.accounts_in(group_of(each.id)) for each in view.plan.accounts)
    return each(view.plan.pools, lambda pool: pool.pool_id.value, judge)


def _ending(view: View, name: str, agent: node_agents.Agent, base: str) -> Found:
    if agent.ends is None:
        return good(name, f"'{agent.sku}' serves {base}, no end of support is announced")
    if agent.ended(view.today):
        return bad(name, f"support for {base} ended on {agent.ends.isoformat()}")
    return good(name, f"'{agent.sku}' serves {base} until {agent.ends.isoformat()}")


def _supported(view: View, account: AccountPlan) -> Sequence[BaseImage] | None:
    """What Batch supports, asked of the first account that answers, one of that region if any.

    None where no account is there; raises `Unreadable` where there are some and none answers.
    """
    ordered = sorted(
        view.plan.accounts, key=lambda each: not regions.same(each.location, account.location)
    )
    troubles = []
    for asked in ordered:
        try:
            there = view.account_seen(asked)
            endpoint = None if there is None else properties(there).get("accountEndpoint")
            if endpoint:
                read = catalogue(str(endpoint), asked.name, view.today)
                return view.reader.get(read).entries
        except Unreadable as trouble:
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
    return None


def _subnets(view: View) -> Iterable[Found]:
    wanted: dict[str, list[PoolPlan]] = {}
    for pool in view.plan.pools:
        if pool.settings.subnet_id is not None:
            wanted.setdefault(pool.settings.subnet_id, []).append(pool)
    view.reader.warm(reads.subnet(subnet) for subnet in wanted)

    def judge(subnet: str) -> Iterator[Found]:
        said = properties(view.reader.get(reads.subnet(subnet)))
        prefixes = [said.get("addressPrefix"), *(said.get("addressPrefixes") or ())]
        size = subnets.addresses(str(prefix) for prefix in prefixes if prefix)
        name = f"subnet {arm_ids.parse(subnet).name}"
        if size is None:
            yield unsure(name, "shows no IPv4 addresses")
            return
        used = len(said.get("ipConfigurations") or ())
        standing = sum(_standing(view, pool) for pool in wanted[subnet])
        needed = sum(pool.nodes.value for pool in wanted[subnet])
        free = size - used
        words = f"{needed} nodes, {standing} of them there; {free} addresses are free"
        yield good(name, words) if needed - standing <= free else bad(name, words)

    return each(wanted, lambda subnet: f"subnet {arm_ids.parse(subnet).name}", judge)


def _standing(view: View, pool: PoolPlan) -> int:
    """The nodes that a pool of the plan has now."""
    for body in view.pools_seen(_account(view, pool)):
        if str(body["name"]).lower() == pool.pool_id.value.lower():
            said = properties(body)
            return int(said.get("currentDedicatedNodes") or 0) + int(
                said.get("currentLowPriorityNodes") or 0
            )
    return 0


def _account(view: View, pool: PoolPlan) -> AccountPlan:
    return next(each for each in view.plan.accounts if each.key == pool.account_key)


def _sizes(view: View) -> tuple[tuple[str, str, str], ...]:
    """Each size once for each subscription and region in which pools want it."""
    found: dict[tuple[str, str, str], None] = {}
    for pool in view.plan.pools:
        account = _account(view, pool)
        found[subscription_of(account), account.location, pool.settings.vm_size] = None
    return tuple(found)


CHECKS: Final = (
    Check(
        id="size-offered",
        title="The VM sizes are offered in the regions of the accounts",
        run=_offered,
        remedy="Take another size or region: `az batch location list-skus`.",
        calls="2 lists a region (Batch's sizes, compute SKUs)",
        source="Azure documentation, Batch pool VM sizes",
    ),
    Check(
        id="size-fits-image",
        title="The VM sizes start images of the pools' generation and architecture",
        run=_fitting,
        remedy="Take another size, or build the image for the other generation.",
        calls="1 list a region, shared",
        source="Azure documentation, Batch pool VM sizes",
    ),
    Check(
        id="node-agent-supported",
        title="Batch supports each pool's node agent, for the base of its image",
        run=_agents,
        remedy="Take the agent that Batch names for the base image; rebuild before support ends.",
        calls="1 list a region with an account that is there (data plane)",
        sentences=("D42", "D66", "D69"),
    ),
    Check(
        id="subnet-addresses",
        title="The subnets have addresses for all nodes",
        run=_subnets,
        remedy="Take a larger subnet, or fewer nodes.",
        calls="1 get a subnet",
        source="Azure documentation, Batch in a virtual network",
    ),
)
