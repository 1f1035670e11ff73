"""Every figure of a plan can be explained, with a source that exists."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from imagefleet.domain import sources
from imagefleet.domain.explain import derived_values
from imagefleet.domain.plan import plan
from tests.domain import fleets, strategies

TODAY = date(2026, 11, 24)
DOCUMENT = Path(__file__).parents[3] / "shared" / "facts" / "document.md"
DOMAIN = Path(__file__).parents[2] / "imagefleet" / "domain"


def test_all_derived_values_of_a_plan_are_found_by_their_keys():
    paths = [path for path, _ in derived_values(plan(fleets.fleet()))]
    assert [path for path in paths if not path.startswith("cloud.")] == [
        "definitions[ubuntu].security_type",
        "image_versions[ubuntu-1.0.0].regions[westeurope].replicas",
        "image_versions[ubuntu-1.0.0].regions[westeurope].recommended",
        "image_versions[ubuntu-1.0.0].create_timeout_hours",
        "grants[app].reason",
        "accounts[main].authentication_modes",
        "pools[render-1.0.0].pool_id",
        "pools[render-1.0.0].nodes",
        "pools[render-1.0.0].node_agent_sku",
        "pools[render-1.0.0].resize_timeout",
    ]
    assert "cloud.endpoints[batchAudience]" in paths


@given(strategies.fleets_without_faults())
@settings(max_examples=40)
def test_every_derived_value_has_a_reason_and_known_sources(fleet):
    planned = plan(fleet, today=TODAY)
    paths = []
    for path, derived in derived_values(planned):
        paths.append(path)
        assert derived.reason.strip() == derived.reason != ""
        assert derived.sources
        assert [source for source in derived.sources if not sources.is_known(source)] == []
        assert len(set(derived.sources)) == len(derived.sources)
    assert len(set(paths)) == len(paths)
    for note in planned.notes:
        assert note.message
        assert note.sources
        assert [source for source in note.sources if not sources.is_known(source)] == []


@given(strategies.fleets_without_faults())
@settings(max_examples=40)
def test_reasons_of_figures_hold_the_figure(fleet):
    for path, derived in derived_values(plan(fleet)):
        if path.endswith((".replicas", ".recommended")):
            assert re.search(rf"\b{derived.value}\b", derived.reason)


@pytest.mark.parametrize("source", ["", "D", "D0", "D100", "d91", "somewhere"])
def test_what_is_no_source(source):
    assert not sources.is_known(source)


def test_every_cited_sentence_exists_in_the_document():
    if not DOCUMENT.is_file():
        pytest.skip("the numbered sentences of the document are not beside this repository")
    known = set(re.findall(r"^\| (D\d+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(known) == 96
    cited = {
        number
        for file in DOMAIN.glob("*.py")
        for number in re.findall(r"\bD\d+\b", file.read_text(encoding="utf-8"))
    }
    assert {"D91", "D95", "D32"} <= cited
    assert cited - known == set()
