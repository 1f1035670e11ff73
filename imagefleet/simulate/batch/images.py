"""The Marketplace images that the simulated Batch supports: the catalogue's, each by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from imagefleet.domain import node_agents
from imagefleet.domain.fleet import ImageIdentifier, OsType
from imagefleet.offline.values import Properties

# The catalogue has patterns for Windows Server; these are names that fit them: of Azure's
# documentation (Batch supported images), of its official example (List Supported Images), and of
# Marketplace images of generation 2.
WINDOWS_SKUS = (
    "2022-datacenter", "2022-datacenter-azure-edition-smalldisk", "2022-datacenter-g2",
    "2019-datacenter", "2016-datacenter", "2012-r2-datacenter", "2012-datacenter",
)  # fmt: skip
_ANY = "*"


def supported() -> Iterator[Properties]:
    """Return the images in the form of the data plane, in the order of the catalogue."""
    for entry in node_agents.CATALOGUE:
        if _ANY not in entry.offer:
            yield from (_body(entry, sku) for sku in _names(entry))


def _names(entry: node_agents.BaseImage) -> Iterator[str]:
    """Return the SKUs of an entry that have a name."""
    if node_agents.os_type(entry.agent) == OsType.WINDOWS:
        image = partial(ImageIdentifier, publisher=entry.publisher, offer=entry.offer)
        yield from (sku for sku in WINDOWS_SKUS if entry.fits(image(sku=sku)))
        return
    yield from (sku for sku in entry.skus if _ANY not in sku)


def _body(entry: node_agents.BaseImage, sku: str) -> Properties:
    body: Properties = {
        "nodeAgentSKUId": entry.agent,
        "imageReference": {
            "publisher": entry.publisher,
            "offer": entry.offer,
            "sku": sku,
            "version": "latest",
        },
        "osType": node_agents.os_type(entry.agent).value.casefold(),
        "verificationType": "verified",
        "capabilities": [],
    }
    if entry.ends is not None:
        body["batchSupportEndOfLife"] = f"{entry.ends.isoformat()}T00:00:00Z"
    return body
