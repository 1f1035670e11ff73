"""Resize timeouts: how long a pool of fixed size may take to get its nodes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import durations
from imagefleet.domain.fleet import FixedScale
from imagefleet.domain.plan import plan
from rules.examples import lone_pool
from rules.pool_scale import (
    POOL_AUTOSCALE_EXEMPT,
    POOL_RESIZE_TIMEOUT,
    POOL_RESIZE_TIMEOUT_STEPPED,
)
from tests.domain import strategies
from tests.policy.direct import judged, verdict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
AUTO = {"formula": "$TargetDedicatedNodes = 4;"}


def fixed(dedicated: object, timeout: object = None, low: object = None):
    scale = {
        "targetDedicatedNodes": dedicated,
        "targetLowPriorityNodes": low,
        "resizeTimeout": timeout,
    }
    return lone_pool({"/scaleSettings": {"fixedScale": scale}})


def scaled(settings: object):
    return lone_pool({"/scaleSettings": settings})


@pytest.mark.parametrize(
    "text", ["PT30M", "PT1800S", "P0DT0H30M0S", "00:30:00", "pt0.5H", " PT1H "]
)
def test_every_form_of_a_duration_is_read(text):
    expected = "fail" if text == "pt0.5H" else "pass"
    assert verdict(POOL_RESIZE_TIMEOUT, *fixed(2_000.0, text)) == expected


@pytest.mark.parametrize(
    ("nodes", "timeout", "linear", "stepped"),
    [
        (0, None, "pass", "pass"),
        (1, None, "pass", "pass"),
        (1_000, None, "pass", "pass"),
        (1_000, "PT15M", "pass", "pass"),
        (1_000, "PT14M59S", "fail", "not-applicable"),
        (1_000, "PT10M", "fail", "not-applicable"),
        (500, "PT10M", "pass", "fail"),
        (1_001, None, "fail", "not-applicable"),
        (1_001, "PT15M", "fail", "not-applicable"),
        (1_001, "PT15M1S", "pass", "fail"),
        (1_001, "PT16M", "pass", "fail"),
        (1_001, "PT30M", "pass", "pass"),
        (2_000, "PT29M", "fail", "not-applicable"),
        (2_000, "PT30M", "pass", "pass"),
        (1, "PT4M59S", "fail", "not-applicable"),
        (1, "PT5M", "pass", "fail"),
        (0, "PT5M", "pass", "pass"),
        (10, "soon", "fail", "not-applicable"),
        (10, "", "fail", "not-applicable"),
        ("2000", "PT30M", "pass", "pass"),
        ("2000", "PT29M", "fail", "not-applicable"),
        ("many", "PT30M", "fail", "fail"),
        (1.5, "PT30M", "fail", "fail"),
        (True, "PT30M", "fail", "fail"),
        (-1, "PT30M", "fail", "not-applicable"),
        (10, 30, "fail", "fail"),
        (10, UNKNOWN, "undecided", "undecided"),
        (UNKNOWN, "PT30M", "undecided", "undecided"),
    ],
)
def test_the_timeout_grows_with_the_nodes(nodes, timeout, linear, stepped):
    assert verdict(POOL_RESIZE_TIMEOUT, *fixed(nodes, timeout)) == linear
    assert verdict(POOL_RESIZE_TIMEOUT_STEPPED, *fixed(nodes, timeout)) == stepped


def test_both_kinds_of_nodes_count():
    assert verdict(POOL_RESIZE_TIMEOUT, *fixed(600, "PT15M", 401)) == "fail"
    assert verdict(POOL_RESIZE_TIMEOUT, *fixed(None, "PT15M", 1_000)) == "pass"


def test_the_known_nodes_alone_can_be_too_many():
    """An unknown number of further nodes makes nothing better."""
    (finding,) = judged(POOL_RESIZE_TIMEOUT, *fixed(2_000, "PT15M", UNKNOWN)).findings
    assert finding.actual == "PT15M for at least 2000 nodes"


def test_the_finding_names_the_value_to_write():
    (finding,) = judged(POOL_RESIZE_TIMEOUT, *fixed(3_500)).findings
    assert finding.path == "scaleSettings.fixedScale.resizeTimeout"
    assert finding.actual == "absent, which is PT15M, for 3500 nodes"
    assert finding.needed == "PT1H or more"


@pytest.mark.parametrize(
    ("settings", "timeout", "exempt"),
    [
        (None, "pass", "not-applicable"),
        ({}, "pass", "not-applicable"),
        ({"autoScale": AUTO}, "not-applicable", "pass"),
        ({"autoScale": AUTO, "fixedScale": {"targetDedicatedNodes": 5_000}}, "not-applicable",
         "fail"),
        ({"fixedScale": {"targetDedicatedNodes": 5_000}}, "fail", "not-applicable"),
        ({"autoScale": UNKNOWN, "fixedScale": {"targetDedicatedNodes": 5_000}}, "undecided",
         "undecided"),
        ({"autoScale": UNKNOWN, "fixedScale": {"targetDedicatedNodes": 5}}, "pass", "undecided"),
        ({"autoScale": AUTO, "fixedScale": UNKNOWN}, "not-applicable", "undecided"),
        (UNKNOWN, "undecided", "undecided"),
    ],
)  # fmt: skip
def test_autoscale_is_exempt_and_excludes_a_fixed_size(settings, timeout, exempt):
    assert verdict(POOL_RESIZE_TIMEOUT, *scaled(settings)) == timeout
    assert verdict(POOL_AUTOSCALE_EXEMPT, *scaled(settings)) == exempt


nodes = st.integers(0, 200_000)
minutes = st.integers(5, 5_000)


@given(nodes, minutes)
def test_both_rules_together_pass_exactly_what_the_stepped_reading_allows(count, length):
    sample = fixed(count, durations.from_minutes(length))
    linear = verdict(POOL_RESIZE_TIMEOUT, *sample)
    stepped = verdict(POOL_RESIZE_TIMEOUT_STEPPED, *sample)
    assert (linear == "pass") == (length * 1_000 >= 15 * count)
    assert (stepped == "pass") == (length >= 15 * math.ceil(count / 1_000))
    assert stepped != "pass" or linear == "pass"


@given(nodes, minutes)
def test_more_nodes_never_make_a_short_timeout_long_enough(count, length):
    text = durations.from_minutes(length)
    if verdict(POOL_RESIZE_TIMEOUT, *fixed(count, text)) == "fail":
        assert verdict(POOL_RESIZE_TIMEOUT, *fixed(count + 1, text)) == "fail"


@given(strategies.fleets_without_faults())
def test_every_pool_of_a_plan_satisfies_both_readings(fleet):
    """What the plan writes into a pool is what the rules ask for."""
    for planned in plan(fleet).pools:
        scale = planned.settings.scale
        if not isinstance(scale, FixedScale):
            assert planned.resize_timeout is None
            sample = scaled({"autoScale": {"formula": scale.formula}})
            assert verdict(POOL_RESIZE_TIMEOUT, *sample) == "not-applicable"
            continue
        assert planned.resize_timeout is not None
        sample = fixed(scale.dedicated, planned.resize_timeout.value, scale.low_priority)
        assert verdict(POOL_RESIZE_TIMEOUT, *sample) == "pass"
        assert verdict(POOL_RESIZE_TIMEOUT_STEPPED, *sample) == "pass"
