"""Answers as plain values, also where a client hands out JSON in place of a model."""

from __future__ import annotations

from azure.mgmt.resource.resources.models import Provider

from imagefleet.live.bodies import plain

JSON = {"namespace": "Microsoft.Batch", "registrationState": "Registered"}


def test_a_model_and_the_json_in_its_place_are_the_same():
    assert plain(Provider(JSON)) == plain(dict(JSON)) == JSON
