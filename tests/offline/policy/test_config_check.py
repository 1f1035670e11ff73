"""Faults in a policy configuration, all of them, each with the way out."""

from __future__ import annotations

import pytest

from imagefleet.domain.judgements import RuleFacts
from imagefleet.offline.policy.config_check import config_faults


def rule(name, **settings):
    return RuleFacts(
        id=name,
        summary="A sentence.",
        kind="resource",
        level="mandatory",
        severity="high",
        sentences=(),
        remedy="",
        settings=settings,
    )


RULES = {
    "pool-extensions": rule(
        "pool-extensions", allowed={"type": "array", "items": {"type": "string"}}
    ),
    "replica-headroom": rule("replica-headroom", extra={"type": "integer", "minimum": 1}),
    "image-protect": rule("image-protect"),
}


def faults(config):
    return [str(fault) for fault in config_faults(config, RULES)]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"all": "advisory"},
        {"all": {"enforcementLevel": "disabled"}, "image-protect": "mandatory"},
        {"replica-headroom": {"enforcementLevel": "mandatory", "extra": 2}},
        {"pool-extensions": {"enforcementLevel": "advisory", "allowed": ["a"]}},
        {"environments": ["team/levels"]},
    ],
)
def test_a_good_configuration_has_no_fault(config):
    assert faults(config) == []


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ([], "must be an object of rules, each with a level or an object"),
        (
            {"image-protec": "advisory"},
            "image-protec: no rule of the pack; did you mean 'image-protect'?",
        ),
        ({"zzz": "advisory"}, "zzz: no rule of the pack"),
        (
            {"image-protect": "Advisory"},
            (
                "image-protect: level 'Advisory' is none of advisory, mandatory, disabled; did you "
                "mean 'advisory'?"
            ),
        ),
        (
            {"image-protect": {"enforcementLevel": 1}},
            (
                "image-protect: level of another kind than text is none of advisory, mandatory, "
                "disabled"
            ),
        ),
        (
            {"image-protect": "remediate"},
            "image-protect: level 'remediate': no rule of the pack changes resources",
        ),
        (
            {"image-protect": 1},
            "image-protect: must be a level (advisory, mandatory, disabled) or an object",
        ),
        (
            {"image-protect": {}},
            "image-protect: no enforcementLevel; add one of advisory, mandatory, disabled",
        ),
        (
            {"replica-headroom": {"enforcementLevel": "advisory", "extras": 2}},
            "replica-headroom.extras: no setting of the rule; did you mean 'extra'?",
        ),
        (
            {"replica-headroom": {"enforcementLevel": "advisory", "zzz": 2}},
            "replica-headroom.zzz: no setting of the rule; it has extra",
        ),
        (
            {"image-protect": {"enforcementLevel": "advisory", "zzz": 2}},
            "image-protect.zzz: no setting of the rule; it has none",
        ),
        (
            {"replica-headroom": {"enforcementLevel": "advisory", "extra": "2"}},
            "replica-headroom.extra: '2' is not of type 'integer'",
        ),
        (
            {"pool-extensions": {"enforcementLevel": "advisory", "allowed": ["a", 1]}},
            "pool-extensions.allowed[1]: 1 is not of type 'string'",
        ),
        (
            {"all": {"enforcementLevel": "advisory", "extra": 1}},
            "all.extra: 'all' sets a level and no settings",
        ),
        ({"all": {}}, "all: no enforcementLevel; add one of advisory, mandatory, disabled"),
        ({"environments": "a"}, "environments: must be a list of names of Pulumi ESC environments"),
    ],
)
def test_a_fault_names_place_and_way_out(config, fault):
    assert faults(config) == [fault]


def test_every_fault_is_found_at_once():
    assert len(faults({"a": "b", "image-protect": {"x": 1}, "replica-headroom": "nothing"})) == 4


def test_only_a_missing_level_leaves_an_entry_usable():
    (missing,) = config_faults({"replica-headroom": {"extra": 2}}, RULES)
    (wrong,) = config_faults({"replica-headroom": "loud"}, RULES)
    assert (missing.usable, wrong.usable) == (True, False)
