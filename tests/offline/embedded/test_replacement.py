"""Replacements in both orders, what they drag along, protection and former names."""

from __future__ import annotations

CHAIN = """
a = Thing("a", fixed=%r)
b = Thing("b", fixed=a.id)
c = Thing("c", value=a.id)
d = Thing("d", opts=Options(depends_on=[a]))
e = Thing("e", fixed=b.id)
"""


def test_new_resource_is_made_before_the_old_one_goes(lab, azure):
    lab.up('Thing("a", fixed="1")')
    azure.calls.clear()
    assert lab.up('Thing("a", fixed="2")') == {"replace": 1, "same": 1}
    assert azure.calls == [("create", "a"), ("delete", "a")]
    assert lab.steps() == ["create-replacement a", "replace a", "delete-replaced a"]
    assert sorted(azure.resources) == ["/things/a/2"]
    data = lab.metadata("a", "replace")
    assert data["keys"] == ["fixed"]
    assert data["detailedDiff"]["fixed"]["diffKind"] == "update-replace"


def test_old_resource_goes_first_where_the_program_says_so(lab, azure):
    program = 'Thing("a", fixed=%r, opts=Options(delete_before_replace=True))'
    lab.up(program % "1")
    azure.calls.clear()
    lab.up(program % "2")
    assert azure.calls == [("delete", "a"), ("create", "a")]
    assert lab.steps() == ["delete-replaced a", "replace a", "create-replacement a"]
    assert len(lab.exported()) == 3


def test_deletion_before_replacement_takes_along_what_the_properties_force(lab, azure):
    azure.delete_first = True
    lab.up(CHAIN % "1")
    azure.calls.clear()
    lab.up(CHAIN % "2")
    # b and e are named after ids that change; c only holds one, d only waits for a.
    assert azure.calls[:3] == [("delete", "e"), ("delete", "b"), ("delete", "a")]
    assert ("update", "c") in azure.calls
    assert not {("delete", "c"), ("delete", "d"), ("update", "d")} & set(azure.calls)
    assert sorted(azure.resources) == [
        "/things/a/2",
        "/things/b//things/a/2",
        "/things/c/",
        "/things/d/",
        "/things/e//things/b//things/a/2",
    ]
    assert lab.changes() == {"replace": 3, "same": 2, "update": 1}
    assert lab.metadata("b", "create-replacement")["keys"] == ["fixed"]
    assert lab.up(CHAIN % "2") == {"same": 6}


def test_preview_of_the_cascade_tells_the_same_story(lab, azure):
    azure.delete_first = True
    lab.up(CHAIN % "1")
    lab.program(CHAIN % "2")
    assert lab.run("preview"), lab.errors()
    assert lab.changes() == {"replace": 3, "same": 2, "update": 1}
    assert len(azure.resources) == 5


def test_dependent_that_the_program_no_longer_has_is_deleted_not_replaced(lab, azure):
    azure.delete_first = True
    lab.up('a = Thing("a", fixed="1"); Thing("b", fixed=a.id)')
    lab.up('a = Thing("a", fixed="2")')
    assert sorted(azure.resources) == ["/things/a/2"]
    assert len(lab.exported()) == 3


def test_replace_on_changes_makes_a_change_a_replacement(lab, azure):
    program = (
        'Thing("a", fixed="x", name=%r, tags={"x": %d}, opts=Options(replace_on_changes=["tags"]))'
    )
    lab.up(program % ("one", 1))
    lab.up(program % ("two", 2))
    data = lab.metadata("a", "replace")
    assert data["keys"] == ["name", "tags"]
    assert data["detailedDiff"]["tags"]["diffKind"] == "update-replace"
    assert sorted(azure.resources) == ["/things/two/x"]


def test_protected_resource_is_not_replaced(lab, azure):
    program = 'Thing("a", fixed=%r, opts=Options(protect=True))'
    lab.up(program % "1")
    lab.program(program % "2")
    for action in ("preview", "up"):
        assert not lab.run(action)
        assert lab.errors()[0].startswith('unable to replace resource "urn:pulumi:dev::demo::')
        assert "remove the `protect` flag" in lab.errors()[0]
    assert sorted(azure.resources) == ["/things/a/1"]


def test_protected_resource_is_not_deleted_and_keeps_what_it_needs(lab, azure):
    lab.up("""
        a = Thing("a")
        b = Thing("b", value=a.id, opts=Options(protect=True))
        Thing("c")
    """)
    assert not lab.run("destroy")
    assert "cannot be deleted\nbecause it is protected" in lab.errors()[0]
    assert lab.errors()[1] == "update failed"
    assert sorted(azure.resources) == ["/things/a/", "/things/b/"]
    assert {one["urn"].rsplit("::", 1)[1] for one in lab.exported()} == {
        "demo-dev",
        "default_3_29_0",
        "a",
        "b",
    }


def test_cascade_over_a_protected_resource_is_refused_before_anything_goes(lab, azure):
    azure.delete_first = True
    program = 'a = Thing("a", fixed=%r); Thing("b", fixed=a.id, opts=Options(protect=True))'
    lab.up(program % "1")
    lab.program(program % "2")
    assert not lab.run("up")
    assert "as part of replacing" in lab.errors()[0]
    assert len(azure.resources) == 2


def test_renamed_resource_is_kept_by_its_alias(lab, azure):
    lab.up('a = Thing("a", name="x"); Thing("b", value=a.id)')
    changes = lab.up("""
        a = Thing("new", name="x", opts=Options(aliases=[pulumi.Alias(name="a")]))
        Thing("b", value=a.id)
    """)
    assert changes == {"same": 3}
    assert lab.resource("b")["dependencies"] == [lab.resource("new")["urn"]]
    assert [call for call, _ in azure.calls] == ["create", "create"]


def test_children_follow_the_alias_of_their_component(lab, azure):
    lab.up('g = Group("g"); Thing("g-a", name="x", opts=Options(parent=g))')
    changes = lab.up("""
        g = Group("h", opts=Options(aliases=[pulumi.Alias(name="g")]))
        Thing("h-a", name="x", opts=Options(parent=g))
    """)
    assert changes == {"same": 3}
    assert [call for call, _ in azure.calls] == ["create"]


def test_component_of_another_type_keeps_its_children_by_alias(lab, azure):
    lab.up('g = Group("g"); Thing("a", opts=Options(parent=g))')
    changes = lab.up("""
        g = Group("g", type_="test:index:Other",
                  opts=Options(aliases=[pulumi.Alias(type_="test:index:Group")]))
        Thing("a", opts=Options(parent=g))
    """)
    assert changes == {"same": 3}
    assert lab.exported()[1]["type"] == "test:index:Other"


def test_resource_moved_out_of_a_component_is_kept_by_its_urn(lab, azure):
    lab.up('g = Group("g"); Thing("a", opts=Options(parent=g))')
    former = lab.resource("a")["urn"]
    assert lab.up(f'Group("g"); Thing("a", opts=Options(aliases=["{former}"]))') == {"same": 3}


def test_two_claims_on_one_former_name_are_refused(lab):
    lab.up('Thing("a")')
    lab.program("""
        alias = Options(aliases=[pulumi.Alias(name="a")])
        Thing("b", alias)
        Thing("c", alias)
    """)
    assert not lab.run("preview")
    assert lab.errors()[0].startswith("Duplicate resource alias")
