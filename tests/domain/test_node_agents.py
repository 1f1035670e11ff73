"""The node agent follows from the base image, and both come to an end."""

from __future__ import annotations

from datetime import date

import pytest

from imagefleet.domain import node_agents
from imagefleet.domain.fleet import ImageIdentifier, OsType

BEFORE, AFTER = date(2020, 1, 1), date(2100, 1, 1)


def base(text):
    publisher, offer, sku = text.split("/")
    return ImageIdentifier(publisher=publisher, offer=offer, sku=sku)


@pytest.mark.parametrize(
    ("image", "agent", "ends"),
    [
        ("Canonical/ubuntu-24_04-lts/server", "batch.node.ubuntu 24.04", None),
        ("microsoft-dsvm/ubuntu-hpc/2404", "batch.node.ubuntu 24.04", None),
        ("canonical/0001-com-ubuntu-server-jammy/22_04-LTS", "batch.node.ubuntu 22.04",
         date(2027, 6, 30)),
        ("Canonical/0001-com-ubuntu-server-focal/20_04-lts-gen2", "batch.node.ubuntu 20.04",
         date(2025, 4, 23)),
        ("Canonical/UbuntuServer/16.04-LTS", "batch.node.ubuntu 16.04", date(2024, 12, 31)),
        ("almalinux/almalinux-x86_64/9-gen2", "batch.node.el 9", None),
        ("MicrosoftWindowsServer/WindowsServer/2022-Datacenter-azure-edition-smalldisk",
         "batch.node.windows amd64", None),
        ("MicrosoftWindowsServer/WindowsServer/2016-Datacenter", "batch.node.windows amd64",
         date(2027, 1, 12)),
    ],
)  # fmt: skip
def test_a_base_image_decides_the_agent_and_the_end(image, agent, ends):
    found = node_agents.base_image(base(image))
    assert (found.agent, found.ends) == (agent, ends)


@pytest.mark.parametrize(
    "image",
    [
        "canonical/ubuntu-24_04-lts/server-arm64",
        "canonical/ubuntu-24_04-lts/server-gen1",
        "canonical/ubuntuserver/18_04-lts-gen2",
        "contoso/anything/1",
        "debian/debian-12/12",
    ],
)
def test_what_is_not_confirmed_is_not_in_the_catalogue(image):
    assert node_agents.base_image(base(image)) is None


def test_the_agent_of_the_documents_sample_is_known_as_retired():
    """D70: its sample agent must never be copied."""
    agent = node_agents.agent("Batch.Node.Ubuntu  16.04")
    assert agent.ended(node_agents.AS_OF)
    assert agent.sku not in node_agents.skus()


def test_support_is_over_the_day_after_its_last():
    entry = node_agents.base_image(base("Canonical/0001-com-ubuntu-server-jammy/22_04-lts"))
    for ending in (entry, node_agents.agent(entry.agent)):
        assert not ending.ended(date(2027, 6, 30))
        assert ending.ended(date(2027, 7, 1))


def test_an_agent_lives_as_long_as_one_of_its_bases():
    assert node_agents.agent("batch.node.windows amd64").ends is None
    assert node_agents.agent("batch.node.ubuntu 22.04").ends == date(2027, 6, 30)
    assert node_agents.agent("batch.node.plan9 4") is None


def test_the_skus_in_support_shrink_with_time():
    assert set(node_agents.skus(AFTER)) < set(node_agents.skus()) < set(node_agents.skus(BEFORE))


@pytest.mark.parametrize("sku", node_agents.skus(BEFORE))
def test_every_sku_has_the_form_and_a_family(sku):
    assert node_agents.form_fault(sku) is None
    assert node_agents.os_type(sku) == (OsType.WINDOWS if "windows" in sku else OsType.LINUX)


def test_a_malformed_sku_is_refused_with_the_nearest():
    assert node_agents.form_fault("batch.node.ubuntu24.04") == (
        "must have the form 'batch.node.<system> <version>'; did you mean 'batch.node.ubuntu "
        "24.04'?"
    )


def test_every_end_has_a_source_of_its_own():
    assert all(entry.source != node_agents.SOURCE for entry in node_agents.CATALOGUE if entry.ends)
