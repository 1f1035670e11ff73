"""Refresh and destroy: no program runs, the state follows the service."""

from __future__ import annotations

TWO = """
a = Thing("a", value=1)
Thing("b", value=a.shown)
"""


def test_refresh_of_what_has_not_changed_changes_nothing(lab):
    lab.up(TWO)
    assert lab.run("refresh"), lab.errors()
    assert lab.changes() == {"same": 3}
    assert lab.up(TWO) == {"same": 3}


def test_drift_is_told_kept_and_undone_by_the_next_update(lab, azure):
    lab.up(TWO)
    azure.resources["/things/a/"]["value"] = 5
    assert lab.run("refresh"), lab.errors()
    assert lab.changes() == {"same": 2, "update": 1}
    data = lab.metadata("a", "update", "resOutputsEvent")
    assert data["detailedDiff"] == {"value": {"diffKind": "update", "inputDiff": True}}
    assert lab.resource("a")["outputs"]["shown"] == 5
    assert lab.up(TWO) == {"same": 2, "update": 1}
    assert azure.resources["/things/a/"]["value"] == 1


def test_property_that_appeared_is_an_addition(lab, azure):
    lab.up(TWO)
    azure.resources["/things/a/"]["extra"] = "x"
    assert lab.run("refresh"), lab.errors()
    data = lab.metadata("a", "update", "resOutputsEvent")
    assert data["detailedDiff"]["extra"]["diffKind"] == "add"


def test_resource_that_has_gone_is_forgotten_and_made_again(lab, azure):
    lab.up(TWO)
    del azure.resources["/things/a/"]
    assert lab.run("refresh"), lab.errors()
    assert lab.changes() == {"delete": 1, "same": 2}
    assert lab.metadata("a", "delete", "resOutputsEvent")["new"] is None
    assert "dependencies" not in lab.resource("b")
    assert lab.up(TWO) == {"create": 1, "same": 2}


def test_destroy_deletes_everything_the_last_first(lab, azure):
    lab.up(TWO)
    assert lab.run("destroy"), lab.errors()
    assert azure.calls[-2:] == [("delete", "b"), ("delete", "a")]
    assert lab.changes() == {"delete": 3}
    assert lab.exported() == []
    assert lab.engine().outputs() == {}


def test_destroy_of_nothing_succeeds(lab):
    assert lab.run("destroy")
    assert lab.changes() == {}
