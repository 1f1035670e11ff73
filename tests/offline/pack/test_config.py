"""Policy configuration: layers, levels, and what is refused."""

from __future__ import annotations

import pytest

from imagefleet.offline.pack.config import PolicyConfigError, RuleConfig, layered, parse

DEFAULTS = {
    "a": RuleConfig(level="mandatory", properties={"x": 1}),
    "b": RuleConfig(level="advisory"),
}


def test_settings_without_a_level_leave_the_level_alone():
    result = layered(DEFAULTS, parse({"a": {"y": 2}}))
    assert result["a"] == RuleConfig(level="mandatory", properties={"x": 1, "y": 2})


def test_all_sets_every_level_and_an_own_entry_goes_over_it():
    result = layered(DEFAULTS, parse({"all": "disabled", "b": {"enforcementLevel": "mandatory"}}))
    assert result["a"] == RuleConfig(level="disabled", properties={"x": 1})
    assert result["b"].level == "mandatory"


def test_later_layers_go_over_earlier_ones():
    result = layered(DEFAULTS, parse({"a": "disabled"}), parse({"a": {"x": 3}}))
    assert result["a"] == RuleConfig(level="disabled", properties={"x": 3})


def test_names_that_are_no_rule_pass_unnoticed_as_with_the_engine():
    assert layered(DEFAULTS, parse({"c": "mandatory", "environments": ["e"]})) == DEFAULTS


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (1, "policy configuration of a: expected a level or an object, got 1"),
        ("high", "policy configuration of a: level 'high' is not one of advisory, mandatory"),
        ({"enforcementLevel": None}, "policy configuration of a: level None is not one of"),
    ],
)
def test_what_is_no_configuration_is_refused_by_rule(entry, message):
    with pytest.raises(PolicyConfigError) as caught:
        parse({"a": entry})
    assert str(caught.value).startswith(message)
