"""Supported images: the catalogue's by name, Windows among them."""

from __future__ import annotations

import pytest

from imagefleet.domain import node_agents
from imagefleet.domain.fleet import ImageIdentifier
from imagefleet.simulate.batch import images


def identifier(body):
    reference = body["imageReference"]
    names = {name: reference[name] for name in ("publisher", "offer", "sku")}
    return ImageIdentifier(**names)


def test_every_image_is_of_the_catalogue_with_its_agent_and_its_end():
    listed = list(images.supported())
    assert len({str(body["imageReference"]) for body in listed}) == len(listed) > 20
    for body in listed:
        entry = node_agents.base_image(identifier(body))
        assert entry is not None
        assert body["nodeAgentSKUId"] == entry.agent
        ends = None if entry.ends is None else f"{entry.ends.isoformat()}T00:00:00Z"
        assert body.get("batchSupportEndOfLife") == ends


@pytest.mark.parametrize("sku", images.WINDOWS_SKUS)
def test_windows_server_is_listed_by_each_name(sku):
    (body,) = [each for each in images.supported() if each["imageReference"]["sku"] == sku]
    assert (body["osType"], body["nodeAgentSKUId"]) == ("windows", "batch.node.windows amd64")
