"""The file of `--outside`: what it may say, and every mistake in it at once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.outside.facts import AccountQuota, Outside, RegionQuota
from imagefleet.offline.outside.parse import parse_outside, read_outside

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
SUB = f"/subscriptions/{SUBSCRIPTION}"
DISK = f"{SUB}/resourceGroups/builders/providers/Microsoft.Compute/disks/os"
GALLERY = f"{SUB}/resourceGroups/fleet/providers/Microsoft.Compute/galleries/fleet"
PAGE = (Path(__file__).parents[3] / "docs" / "simulated-azure.md").read_text(encoding="utf-8")


def mistakes(document):
    with pytest.raises(WorkspaceError) as caught:
        parse_outside(document)
    first, *lines = str(caught.value).splitlines()
    assert first == "outside does not say what lies outside:"
    return [line.strip() for line in lines]


def test_nothing_said_is_nothing_special():
    found = parse_outside({})
    assert found == Outside()
    assert found.subscription(SUBSCRIPTION).state == "Enabled"
    assert found.provider(SUBSCRIPTION, "Microsoft.Batch") == "Registered"
    assert found.quotas.account("x") == AccountQuota()
    assert found.quotas.region("westeurope") == RegionQuota()


def test_names_are_read_in_any_case():
    found = parse_outside(
        {
            "subscriptions": {SUBSCRIPTION: {"providers": {"microsoft.BATCH": "NotRegistered"}}},
            "quotas": {"regions": {"West Europe": {"cores": 8}}},
            "notOffered": {"West Europe": ["Standard_D4ds_v5"]},
        }
    )
    assert found.provider(SUBSCRIPTION.upper(), "Microsoft.Batch") == "NotRegistered"
    assert found.quotas.region("westeurope").cores == 8
    assert found.not_offered == {"westeurope": {"standard_d4ds_v5"}}


@pytest.mark.parametrize(
    ("document", "mistake"),
    [
        ({"quota": {}}, "quota: 'quota' is not known; did you mean 'quotas'? allowed: "),
        ({"resources": {}}, "resources: must be a list, got {}"),
        ({"resources": [{"id": DISK}]}, "resources[0]: needs a body, readable: false or missing"),
        ({"resources": [{"id": "x", "body": {}}]}, "resources[0].id: 'x' is no id of a resource"),
        ({"resources": [{"id": GALLERY, "body": {}}]}, "resources[0].id: Microsoft.Compute/gall"),
        ({"subscriptions": {"x": {}}}, "subscriptions.x: a subscription's id must be a GUID"),
        ({"subscriptions": {SUBSCRIPTION: {"state": "enabled"}}},
         f"subscriptions.{SUBSCRIPTION}.state: 'enabled' is not known; did you mean 'Enabled'?"),
        ({"quotas": {"accounts": {"a": {"pools": -1}}}},
         "quotas.accounts.a.pools: must be a whole number of at least 0, got -1"),
        ({"quotas": {"accounts": {"a": {"coresByFamily": {"f": "8"}}}}},
         "quotas.accounts.a.coresByFamily.f: must be a whole number of at least 0, got '8'"),
        ({"locks": [{"scope": "x", "level": "ReadOnly"}]}, "locks[0].scope: must be an id that"),
        ({"locks": [{"scope": SUB}]}, "locks[0].level: 'None' is not known; allowed: CanNot"),
        ({"grants": [{"scope": SUB, "role": "Reader", "principal": "me"}]},
         "grants[0].principal: must be a GUID, got 'me'"),
        ({"grants": [{"scope": SUB, "role": "Raeder", "principal": SUBSCRIPTION}]},
         "grants[0].role: 'Raeder' is not known; did you mean 'Reader'? allowed: Owner, "),
        ({"grants": [{"scope": SUB, "role": "/roles/reader", "principal": SUBSCRIPTION}]},
         "grants[0].role: '/roles/reader' is not known"),
        ({"permissions": [{"scope": SUB, "actions": "*"}]},
         "permissions[0].actions: must be a list, got '*'"),
        ({"notOffered": {"westeurope": [1]}}, "notOffered.westeurope[0]: must be a text, got 1"),
        ({"supportedImages": ["ubuntu"]}, "supportedImages[0]: must be a mapping, got 'ubuntu'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key(document, mistake):
    (found,) = mistakes(document)
    assert found.startswith(mistake)


@pytest.mark.parametrize("value", [date(2026, 1, 1), float("nan")])
def test_what_json_cannot_hold_is_refused(value):
    (found,) = mistakes({"resources": [{"id": DISK, "body": {"properties": {"at": value}}}]})
    assert found.startswith("the file: must hold plain values, as JSON has them")


def test_every_mistake_is_told_at_once():
    assert len(mistakes({"quota": {}, "locks": [{"scope": "x"}], "grants": [{}]})) == 6


def test_a_simulated_resource_may_be_unreadable():
    found = parse_outside({"resources": [{"id": GALLERY, "readable": False}]})
    assert not found.resources[0].readable


def test_a_file_that_is_no_yaml_is_refused_with_its_place(tmp_path):
    file = tmp_path / "outside.yaml"
    file.write_text("resources: [")
    with pytest.raises(WorkspaceError, match=r"outside.yaml does not say .*\n +\d+:\d+: "):
        read_outside(file)


def test_the_example_of_the_page_is_read(tmp_path):
    example = re.search(r"```yaml\n# outside.yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    file = tmp_path / "outside.yaml"
    file.write_text(example)
    found = read_outside(file)
    sections = (found.subscriptions, found.resources, found.permissions, found.grants, found.locks,
                found.quotas.accounts, found.quotas.regions, found.not_offered,
                found.supported_images)  # fmt: skip
    assert all(sections)
