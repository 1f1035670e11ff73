"""Small readings of a registration: durations, URNs, provider references."""

from __future__ import annotations

import pytest

from imagefleet.offline.embedded import urns
from imagefleet.offline.embedded.goal import duration_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 0), ("90m", 5400), ("1h30m", 5400), ("2h", 7200), ("1.5s", 1.5), ("250ms", 0.25)],
)
def test_duration_is_read_as_go_reads_it(text, seconds):
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["90", "m", "1h x", "-1h"])
def test_text_that_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="90m or 2h"):
        duration_seconds(text)


def test_urn_chains_the_types_of_its_parents_but_not_the_stack():
    stack = urns.make_urn("dev", "demo", "", urns.ROOT_STACK_TYPE, "demo-dev")
    group = urns.make_urn("dev", "demo", stack, "my:index:Group", "g")
    thing = urns.make_urn("dev", "demo", group, "azure-native:batch:Pool", "p::q")
    assert group == "urn:pulumi:dev::demo::my:index:Group::g"
    assert thing == "urn:pulumi:dev::demo::my:index:Group$azure-native:batch:Pool::p::q"
    assert urns.type_of(thing) == "azure-native:batch:Pool"
    assert urns.name_of(thing) == "p::q"


def test_timeouts_of_a_resource_reach_the_state_in_seconds(lab):
    lab.up('Thing("a", opts=Options(custom_timeouts=pulumi.CustomTimeouts(create="3h")))')
    assert lab.resource("a")["customTimeouts"] == {"create": 10800}


def test_place_in_the_program_is_kept_relative_to_the_project(lab):
    lab.up('thing = Thing("a")')
    assert lab.resource("a")["sourcePosition"].startswith("project:///__main__.py#")


def test_duration_that_is_none_fails_the_run_with_its_text(lab):
    lab.program('Thing("a", opts=Options(custom_timeouts=pulumi.CustomTimeouts(create="soon")))')
    assert not lab.run("preview")
    assert (
        "custom_timeouts of azure-native:test:Thing 'a': 'soon' is not a duration"
        in (lab.errors()[0])
    )
