"""The event stream: the shape of every event, and the order in which a reader may rely on."""

from __future__ import annotations

import pytest

from imagefleet.offline.report import Report


def kinds(events):
    return [next(key for key in event if key not in ("sequence", "timestamp")) for event in events]


@pytest.mark.parametrize("action", ["preview", "up", "refresh", "destroy"])
def test_every_run_starts_with_the_configuration_and_ends_with_summary_and_cancel(lab, action):
    lab.program('Thing("a")')
    assert lab.run(action), lab.errors()
    assert kinds(lab.events)[0] == "preludeEvent"
    assert kinds(lab.events)[-2:] == ["summaryEvent", "cancelEvent"]
    assert [event["sequence"] for event in lab.events] == list(range(len(lab.events)))
    assert all(isinstance(event["timestamp"], int) for event in lab.events)
    assert lab.events[0]["preludeEvent"]["config"] == {
        "azure-native:subscriptionId": "11111111-1111-1111-1111-111111111111",
        "demo:token": "[secret]",
    }


def test_step_carries_the_states_before_and_after(lab):
    lab.up('Thing("a", value=1, opts=Options(protect=True))')
    urn = "urn:pulumi:dev::demo::azure-native:test:Thing::a"
    provider = lab.resource("a")["provider"]
    data = lab.metadata("a", "create", "resOutputsEvent")
    assert data == {
        "op": "create",
        "urn": urn,
        "type": "azure-native:test:Thing",
        "old": None,
        "new": {
            "type": "azure-native:test:Thing",
            "urn": urn,
            "custom": True,
            "id": "/things/a/",
            "parent": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev",
            "protect": True,
            "inputs": {"name": "a", "value": 1},
            "outputs": {"__inputs": {"name": "a", "value": 1}, "name": "a", "shown": 1},
            "provider": provider,
            # the one field that the real engine has in deployments only
            "sourcePosition": lab.resource("a")["sourcePosition"],
        },
        "detailedDiff": None,
        "logical": True,
        "provider": provider,
    }


def test_component_reports_its_outputs_once_at_an_update_and_at_each_step_of_a_preview(lab):
    program = 'Group("g").register_outputs({"x": 1})'
    lab.program(program)
    assert lab.run("preview")
    assert lab.steps("resOutputsEvent", all_of_them=True).count("create g") == 2
    lab.up(program)
    assert lab.steps("resOutputsEvent", all_of_them=True).count("create g") == 1


def test_default_provider_is_reported_but_not_counted(lab):
    lab.up('Thing("a")')
    assert "create default_3_29_0" in lab.steps(all_of_them=True)
    assert lab.changes() == {"create": 2}


def test_only_previews_are_marked_as_planning(lab):
    lab.program('Thing("a")')
    for action, planning in (("preview", True), ("up", False)):
        assert lab.run(action)
        marks = {
            e["resourcePreEvent"].get("planning", False)
            for e in lab.events
            if "resourcePreEvent" in e
        }
        assert marks == {planning}
        assert lab.summary()["isPreview"] is planning


def test_report_reads_a_replacement_from_the_events(lab):
    lab.up('Thing("a", fixed="1")')
    lab.program('Thing("a", fixed="2")')
    report = Report()
    assert lab.engine().preview(report.add)
    (change,) = [one for one in report.changed if one.custom]
    assert (change.op, change.name) == ("replace", "a")
    assert [(one.path, one.old, one.new) for one in change.properties] == [("fixed", "1", "2")]


def test_preview_of_a_replacement_shows_the_old_resource_going_last(lab):
    lab.up('Thing("a", fixed="1"); Thing("b")')
    lab.program('Thing("a", fixed="2"); Thing("b")')
    assert lab.run("preview")
    assert lab.steps() == ["create-replacement a", "replace a", "delete-replaced a"]
    assert lab.changes() == {"replace": 1, "same": 2}
