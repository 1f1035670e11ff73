"""Until when images can be used: the earlier end of base image and node agent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain.cloud_errors.catalogue import CATALOGUE
from imagefleet.domain.cloud_errors.model import Topic
from imagefleet.domain.cloud_errors.stack_values import stack_values
from imagefleet.domain.fleet import ImageIdentifier
from imagefleet.domain.node_agents import BaseImage, support
from imagefleet.domain.node_support import image_support
from imagefleet.domain.plan import plan
from tests.domain import fleets

END_22 = date(2027, 6, 30)
AGENT_22 = "batch.node.ubuntu 22.04"


def test_an_image_ends_with_the_base_that_it_descends_from():
    (found,) = image_support(fleets.with_image(base_image=fleets.JAMMY))
    assert found.base == "Canonical/0001-com-ubuntu-server-jammy/22_04-lts-gen2"
    assert (found.agent, found.ends, found.source) == (
        "batch.node.ubuntu 22.04",
        END_22,
        "Azure/Batch#200",
    )
    assert found.pools == ("render-1.0.0",)
    assert found.versions == ("1.0.0",)


def test_an_image_without_an_announced_end_has_none():
    (found,) = image_support(fleets.fleet())
    assert found.ends is None
    assert found.listed
    assert not found.ended(date.max)
    assert found.days_left(date(2026, 8, 1)) is None


def test_a_base_that_the_catalogue_lacks_is_said_not_to_be_listed():
    other = ImageIdentifier(publisher="contoso", offer="linux", sku="1")
    (found,) = image_support(fleets.with_image(base_image=other))
    assert (found.agent, found.listed, found.ends) == ("unknown", False, None)


def test_pools_with_agents_of_their_own_are_told_apart():
    fleet = fleets.fleet(
        pools={
            "own": fleets.pool(node_agent="batch.node.ubuntu 22.04"),
            "usual": fleets.pool(),
        }
    )
    first, second = image_support(fleet)
    assert (first.agent, first.pools, first.ends) == (
        "batch.node.ubuntu 22.04",
        ("own-1.0.0",),
        END_22,
    )
    assert (second.agent, second.pools) == ("batch.node.ubuntu 24.04", ("usual-1.0.0",))


def test_an_image_that_no_pool_lists_is_told_too():
    fleet = fleets.fleet(pools={})
    assert [found.pools for found in image_support(fleet)] == [()]


def test_what_ends_first_is_told_first():
    fleet = fleets.fleet(
        images={"new": fleets.image(), "old": fleets.image(base_image=fleets.JAMMY)}, pools={}
    )
    assert [found.image for found in image_support(fleet)] == ["old", "new"]


@given(st.integers(min_value=-4000, max_value=4000))
def test_the_last_day_of_support_is_still_supported(days):
    (found,) = image_support(fleets.with_image(base_image=fleets.JAMMY))
    on = END_22 + timedelta(days=days)
    assert found.ended(on) is (days > 0)
    assert found.days_left(on) == -days


@pytest.mark.parametrize(
    ("base", "agent"),
    [(fleets.JAMMY, None), (fleets.JAMMY, AGENT_22), (fleets.NOBLE, AGENT_22),
     (fleets.JAMMY, "batch.node.ubuntu 24.04")],
    ids=["the base alone", "both", "the agent first", "the base first"],
)  # fmt: skip
def test_list_plan_and_explained_errors_tell_the_same_end(base, agent):
    fleet = fleets.fleet(
        images={"ubuntu": fleets.image(base_image=base)},
        pools={"render": fleets.pool(node_agent=agent)},
    )
    (listed,) = image_support(fleet)
    assert listed.ends == END_22
    planned = plan(fleet, today=END_22 - timedelta(days=30))
    (note,) = [one for one in planned.notes if one.message.startswith("support for ")]
    assert f"ends on {END_22};" in note.message
    error = next(one for one in CATALOGUE if Topic.NODE_AGENTS in one.topics)
    words = " ".join(stack_values(error, planned))
    assert f"supported until {END_22}" in words


@given(
    st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_support_ends_with_whichever_of_base_and_agent_ends_first(of_base, of_agent):
    image = ImageIdentifier(publisher="p", offer="o", sku="1")
    catalogue = (
        BaseImage(
            publisher="p", offer="o", skus=("1",), agent="batch.node.a 1", ends=of_base, source="b"
        ),
        BaseImage(
            publisher="q", offer="o", skus=("1",), agent="batch.node.b 1", ends=of_agent, source="a"
        ),
    )
    found = support(image, "batch.node.b 1", catalogue)
    known = [end for end in (of_base, of_agent) if end is not None]
    assert (found.ends, found.listed) == (min(known, default=None), True)
    assert support(image, None, catalogue).ends == of_base
    other = ImageIdentifier(publisher="z", offer="o", sku="1")
    assert not support(other, None, catalogue).listed
