"""Until when the images of a fleet can be used: the end of their base image and node agent.

A custom image ends with the Marketplace image it descends from and with the node agent that
image needs: new pools may be refused then, and nodes be taken away (Azure documentation, Batch
best practices).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from imagefleet.domain import naming, node_agents
from imagefleet.domain.versions import ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagefleet.domain.fleet import Fleet, Image, Pool
    from imagefleet.domain.node_agents import BaseImage


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSupport:
    """One image of a fleet with the node agent that its pools run.

    `base` is publisher/offer/sku of the Marketplace image. `ends` is the earlier end of base image
    and node agent, None where none is announced; `listed` is false where the catalogue knows
    neither, and nothing can be said. `pools` are plan keys, empty for an image that no pool lists.
    """

    image: str
    base: str
    agent: str
    versions: tuple[str, ...]
    pools: tuple[str, ...]
    ends: date | None
    source: str
    listed: bool

    def ended(self, on: date) -> bool:
        """Whether support is over on that day."""
        return self.ends is not None and self.ends < on

    def days_left(self, on: date) -> int | None:
        """Days from `on` to the last day of support, negative when it is over; None without end."""
        return None if self.ends is None else (self.ends - on).days


def image_support(
    fleet: Fleet, catalogue: Sequence[BaseImage] = node_agents.CATALOGUE
) -> tuple[ImageSupport, ...]:
    """Every image of the fleet, once for each node agent that its pools run, soonest end first.

    `catalogue` may be what an account's own list of supported images says, in the same form.
    """
    found = [
        _support((key, image), agent, pools, catalogue)
        for key, image in sorted(fleet.images.items())
        for agent, pools in sorted(_agents(fleet, key, image, catalogue).items())
    ]
    return tuple(sorted(found, key=lambda each: (each.ends or date.max, each.image, each.agent)))


def _agents(
    fleet: Fleet, key: str, image: Image, catalogue: Sequence[BaseImage]
) -> dict[str, list[tuple[str, Pool]]]:
    """The node agents that run an image, each with its pools; the base's own where none does."""
    entry = node_agents.base_image(image.base_image, catalogue)
    own = entry.agent if entry is not None else "unknown"
    agents: dict[str, list[tuple[str, Pool]]] = defaultdict(list)
    for pool_key, pool in sorted(fleet.pools.items()):
        if pool.image == key:
            agent = node_agents.normalise(pool.node_agent) if pool.node_agent else own
            agents[agent].append((pool_key, pool))
    return dict(agents) or {own: []}


def _support(
    of_image: tuple[str, Image],
    agent_sku: str,
    of_pools: list[tuple[str, Pool]],
    catalogue: Sequence[BaseImage],
) -> ImageSupport:
    key, image = of_image
    support = node_agents.support(image.base_image, agent_sku, catalogue)
    base = image.base_image
    return ImageSupport(
        image=key,
        base=f"{base.publisher}/{base.offer}/{base.sku}",
        agent=agent_sku,
        versions=ordered(tuple(image.versions)),
        pools=tuple(
            naming.pool_key(pool_key, version, pool.id)
            for pool_key, pool in of_pools
            for version in ordered(pool.versions)
        ),
        ends=support.ends,
        source=support.source,
        listed=support.listed,
    )
