"""Previews and updates: which steps are taken, what the program gets back, what is kept."""

from __future__ import annotations

import pytest


def test_first_update_creates_the_stack_its_provider_and_its_resources(lab, azure):
    changes = lab.up("""
        group = Group("g")
        thing = Thing("a", value=1, opts=Options(parent=group))
        group.register_outputs({"id": thing.id})
        pulumi.export("id", thing.id)
        pulumi.export("shown", thing.shown)
    """)
    assert changes == {"create": 3}
    assert lab.engine().outputs() == {"id": "/things/a/", "shown": 1}
    assert azure.calls == [("create", "a")]
    assert [one["urn"].split("::", 2)[2] for one in lab.exported()] == [
        "pulumi:pulumi:Stack::demo-dev",
        "test:index:Group::g",
        "pulumi:providers:azure-native::default_3_29_0",
        "test:index:Group$azure-native:test:Thing::a",
    ]


def test_second_update_changes_nothing(lab, azure):
    source = 'Thing("a", value=1)'
    lab.up(source)
    assert lab.up(source) == {"same": 2}
    assert azure.calls == [("create", "a")]


def test_preview_makes_nothing_and_gives_unknown_outputs(lab, azure):
    lab.program("""
        a = Thing("a", value=1)
        Thing("b", value=a.shown)
        pulumi.export("seen", a.shown.apply(lambda value: 1 / 0))
    """)
    assert lab.run("preview"), lab.errors()
    assert lab.changes() == {"create": 3}
    assert azure.resources == {}
    assert lab.exported() == []
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert lab.metadata("b", "create")["new"]["inputs"]["value"] == unknown


def test_update_in_place_shows_the_difference(lab, azure):
    lab.up('Thing("a", value=1)')
    assert lab.up('Thing("a", value=2)') == {"same": 1, "update": 1}
    data = lab.metadata("a", "update")
    assert data["detailedDiff"] == {"value": {"diffKind": "update", "inputDiff": True}}
    assert data["diffs"] == ["value"]
    assert (data["old"]["inputs"]["value"], data["new"]["inputs"]["value"]) == (1, 2)
    assert lab.resource("a")["outputs"]["shown"] == 2


def test_resource_taken_from_the_program_is_deleted_after_what_depends_on_it(lab, azure):
    lab.up("""
        a = Thing("a", value=1)
        b = Thing("b", value=a.shown)
        Thing("c", opts=Options(depends_on=[b]))
    """)
    assert lab.up("") == {"delete": 3, "same": 1}
    assert azure.calls[-3:] == [("delete", "c"), ("delete", "b"), ("delete", "a")]
    assert [one["type"] for one in lab.exported()] == ["pulumi:pulumi:Stack"]


def test_one_process_runs_many_programs_and_nothing_leaks(lab, azure):
    lab.up('Thing("a", value=1); leaked = 1')
    lab.up('assert "leaked" not in globals(); Thing("b")')
    assert sorted(azure.resources) == ["/things/b/"]


def test_program_reads_its_configuration_and_secrets(lab):
    lab.up("""
        config = pulumi.Config("demo")
        assert config.get_secret("token") is not None
        assert pulumi.get_organization() == "organization"
        assert (pulumi.get_project(), pulumi.get_stack()) == ("demo", "dev")
        pulumi.export("token", config.require_secret("token"))
    """)
    assert lab.engine().outputs() == {"token": "[secret]"}


def test_ignored_changes_keep_the_old_value(lab):
    lab.up('Thing("a", value=1, tags={"x": 1, "y": 1})')
    changes = lab.up(
        'Thing("a", value=2, tags={"x": 2, "y": 1},'
        ' opts=Options(ignore_changes=["value", "tags.x"]))'
    )
    assert changes == {"same": 2}


def test_component_whose_inputs_change_is_updated(lab):
    lab.up('Group("g", {"n": 1})')
    assert lab.up('Group("g", {"n": 2})') == {"same": 1, "update": 1}


def test_explicit_provider_is_a_resource_and_serves_those_that_name_it(lab):
    lab.up("""
        from pulumi_azure_native import Provider
        other = Provider("other", location="westeurope")
        Thing("a", opts=Options(provider=other))
    """)
    other, thing = lab.resource("other"), lab.resource("a")
    assert other["inputs"]["location"] == "westeurope"
    assert thing["provider"] == f"{other['urn']}::{other['id']}"
    assert lab.changes() == {"create": 3}


def test_resource_that_exists_elsewhere_is_read(lab, azure):
    azure.resources["/things/known/"] = {"name": "known", "value": 7}
    lab.up("""
        known = Thing("known", opts=Options(id="/things/known/"))
        pulumi.export("shown", known.shown)
    """)
    assert lab.engine().outputs() == {"shown": 7}
    assert lab.resource("known")["external"] is True
    assert lab.up("") == {"discard": 1, "same": 1}
    assert "/things/known/" in azure.resources


def test_resource_to_read_that_does_not_exist_fails_the_run(lab):
    lab.program('Thing("known", opts=Options(id="/things/known/"))')
    assert not lab.run("up")
    assert lab.errors()[0] == "resource '/things/known/' does not exist"


@pytest.mark.parametrize("action", ["preview", "up"])
def test_exception_of_the_program_is_reported_with_its_own_lines(lab, action):
    lab.program('Thing("a")\nraise KeyError("boom")')
    assert not lab.run(action)
    (error,) = lab.errors()
    assert error.startswith("Program failed with an unhandled exception:")
    assert "KeyError: 'boom'" in error
    assert "runpy" not in error


def test_run_error_is_reported_as_its_text_alone(lab):
    lab.program('raise pulumi.RunError("the stack file is wrong")')
    assert not lab.run("preview")
    assert lab.errors() == ["the stack file is wrong"]


def test_program_that_fails_deletes_nothing(lab, azure):
    lab.up('Thing("a")')
    lab.program('raise pulumi.RunError("no")')
    assert not lab.run("up")
    assert "/things/a/" in azure.resources
    assert lab.resource("a")


def test_messages_of_the_program_are_events(lab):
    lab.up('pulumi.log.warn("careful")')
    found = [e["diagnosticEvent"] for e in lab.events if "diagnosticEvent" in e]
    assert [(one["severity"], one["message"]) for one in found] == [("warning", "careful\n")]


def test_check_failure_names_resource_property_and_reason(lab, azure):
    lab.program('Thing("a", wrong="x"); Thing("b")')
    assert not lab.run("preview")
    assert (
        "azure-native:test:Thing resource 'a': property wrong value {x} has a problem: no"
        in (lab.errors()[0])
    )
    assert azure.resources == {}


def test_two_resources_of_one_urn_are_refused(lab):
    lab.program('Thing("a"); Thing("a", name="other")')
    assert not lab.run("preview")
    assert lab.errors()[0].startswith("Duplicate resource URN")
