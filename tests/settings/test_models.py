"""The models of the stack file say what the domain's dataclasses say: names and defaults."""

from __future__ import annotations

import dataclasses
import re

import pytest

from imagefleet.domain import fleet
from imagefleet.settings.base import Model, to_domain
from imagefleet.settings.image_models import SOURCES, Source
from imagefleet.settings.models import FleetModel
from imagefleet.settings.pool_models import Mount, Pool
from imagefleet.settings.reference import REFERENCE_FILE, reference_text, with_reference

SHAPES_OF_THEIR_OWN = {Source, Mount}
ONLY_IN_THE_DOMAIN = {FleetModel: {"subscription_id"}, Pool: {"scale"}}
ONLY_IN_THE_FILE = {Pool: {"nodes", "autoscale"}}


def all_models(model: type[Model] = Model) -> list[type[Model]]:
    """Every model of the stack file."""
    return [found for sub in model.__subclasses__() for found in (sub, *all_models(sub))]


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_a_model_has_the_fields_and_defaults_of_its_dataclass(model):
    if model in SHAPES_OF_THEIR_OWN:
        return
    theirs = {field.name: field for field in dataclasses.fields(model.becomes)}
    ours = model.model_fields
    assert set(ours) - ONLY_IN_THE_FILE.get(model, set()) == set(theirs) - ONLY_IN_THE_DOMAIN.get(
        model, set()
    )
    for name in set(ours) & set(theirs):
        if theirs[name].default is not dataclasses.MISSING:
            default = ours[name].get_default(call_default_factory=True)
            assert to_domain(default) == theirs[name].default, name


def test_every_dataclass_of_the_fleet_has_a_model():
    made = {model.becomes for model in all_models()}
    made |= {fleet.VirtualMachineSource, fleet.VhdSource, fleet.ManagedImageSource}
    made |= {fleet.ImageVersionSource}
    known = {
        value
        for value in vars(fleet).values()
        if dataclasses.is_dataclass(value) and value.__module__ == fleet.__name__
    }
    assert known <= made


def test_there_is_a_key_for_each_of_the_five_sources():
    assert tuple(Source.model_fields) == SOURCES


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_every_key_is_described_in_sentences(model):
    for field in model.model_fields.values():
        assert field.description
        assert field.description.rstrip().endswith(".")


def test_the_reference_page_is_current(root):
    page = (root / REFERENCE_FILE).read_text(encoding="utf-8")
    assert with_reference(page) == page, "run `python -m imagefleet.settings`"


def test_the_reference_has_every_key_of_every_mapping():
    text = reference_text()
    for model in all_models():
        for field in model.model_fields.values():
            assert f"| `{field.alias}` |" in text


def test_the_reference_cites_only_sentences_that_exist():
    cited = {int(number) for number in re.findall(r"\bD(\d+)\b", reference_text())}
    assert cited
    assert cited <= set(range(1, 97))


def test_a_page_without_a_place_for_the_reference_is_refused():
    with pytest.raises(ValueError, match="no place for the reference"):
        with_reference("# The stack file\n")
