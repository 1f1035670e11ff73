"""Files that `imagefleet policy check` reads: both forms, secrets, and every way to be unusable."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain.judgements import SourcePlace
from imagefleet.offline.pack.wire import AnalyzerProvider, analyze_request
from imagefleet.offline.policy.json_file import PolicyInputError
from imagefleet.offline.policy.read import read_input
from imagefleet.offline.values import SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN, Secret

POOL = "azure-native:batch:Pool"
VERSION = "azure-native:compute:GalleryImageVersion"
URN = "urn:pulumi:dev::fleet::{}::{}"
PROVIDER = URN.format("pulumi:providers:azure-native", "default_3_29_0")
SECRET = {SIGNATURE_KEY: SECRET_SIGNATURE}


@pytest.fixture
def read(tmp_path):
    def reader(document):
        file = tmp_path / "input.json"
        if isinstance(document, bytes):
            file.write_bytes(document)
        else:
            file.write_text(json.dumps(document), encoding="utf-8")
        return read_input(file)

    return reader


def listed(*resources):
    return {"resources": list(resources)}


def entry(name="pool", kind=POOL, **more):
    return {"type": kind, "name": name, "props": {}} | more


def exported(*resources):
    return {"version": 3, "deployment": {"manifest": {}, "resources": list(resources)}}


def state(name="pool", kind=POOL, **more):
    return {"urn": URN.format(kind, name), "type": kind, "custom": True} | more


class TestResources:
    """`{"resources": [...]}`."""

    def test_dependencies_by_name_become_urns(self, read):
        pool, version = read(
            listed(
                entry(
                    propertyDependencies={"deploymentConfiguration": ["ver"]},
                    dependencies=["ver"],
                ),
                entry("ver", VERSION),
            )
        ).resources
        assert pool.known.property_dependencies == {"deploymentConfiguration": (version.known.urn,)}
        assert pool.known.dependencies == (version.known.urn,)
        assert version.known.urn == f"urn:pulumi:check::policy::{VERSION}::ver"
        assert (pool.shown, version.shown) == ("pool", "ver")

    def test_what_a_property_depends_on_the_whole_depends_on(self, read):
        pool, version = read(
            listed(entry(propertyDependencies={"accountName": "ver"}), entry("ver", VERSION))
        ).resources
        assert pool.known.dependencies == (version.known.urn,)

    def test_a_dependency_outside_the_file_is_dropped_as_the_engine_does(self, read):
        (pool,) = read(listed(entry(dependencies=["elsewhere", "pool"]))).resources
        assert pool.known.dependencies == ()

    def test_same_name_and_type_is_made_unique_and_one_name_of_two_types_is_shown_by_urn(
        self, read
    ):
        resources = read(listed(entry(), entry(), entry("ver"), entry("ver", VERSION))).resources
        urns = [resource.known.urn for resource in resources]
        assert len(set(urns)) == 4
        assert [resource.shown for resource in resources] == ["pool", "pool-2", *urns[2:]]

    def test_options_parent_and_provider(self, read):
        component, provider, pool = read(
            listed(
                entry("fleet", "my:index:Fleet"),
                entry("cloud", "pulumi:providers:azure-native", props={"environment": "china"}),
                entry(
                    options={
                        "protect": True,
                        "ignoreChanges": ["a"],
                        "parent": "fleet",
                        "provider": "cloud",
                    }
                ),
            )
        ).resources
        assert pool.known.urn == f"urn:pulumi:check::policy::my:index:Fleet${POOL}::pool"
        assert pool.known.parent == component.known.urn
        assert pool.known.options.protect
        assert pool.known.options.ignore_changes == ("a",)
        assert pool.known.provider == AnalyzerProvider(
            urn=provider.known.urn,
            type=provider.known.type,
            name="cloud",
            properties={"environment": "china"},
        )

    def test_parents_in_a_circle_end(self, read):
        first, second = read(
            listed(entry("a", options={"parent": "b"}), entry("b", options={"parent": "a"}))
        ).resources
        assert first.known.urn != second.known.urn

    def test_no_resources_is_a_list_too(self, read):
        assert read(listed()).resources == ()

    @pytest.mark.parametrize(
        ("resource", "complaint"),
        [
            ("text", "resources[0] must be an object"),
            ({"name": "a", "props": {}}, "resources[0].type is missing"),
            ({"type": POOL, "props": {}}, "resources[0].name is missing"),
            ({"type": POOL, "name": "a"}, "resources[0].props is missing"),
            (entry(props=[]), "resources[0].props must be an object"),
            (entry(name=3), "resources[0].name must be a text"),
            (entry(kind="a::b"), "resources[0].type is no type token"),
            (entry(propertydependencies={}), "did you mean 'propertyDependencies'?"),
            (entry(options={"protect": "yes"}), "resources[0].options.protect must be true"),
            (entry(options={"ignore_changes": []}), "did you mean 'ignoreChanges'?"),
            (entry(props={"a": "\ud800"}), "surrogate"),
        ],
    )
    def test_a_wrong_resource_is_named_with_its_place(self, read, resource, complaint):
        with pytest.raises(PolicyInputError) as error:
            read(listed(resource))
        assert complaint in str(error.value)

    def test_every_fault_is_told_at_once(self, read):
        with pytest.raises(PolicyInputError) as error:
            read(listed({}, 3, *[{}] * 20))
        text = str(error.value)
        assert "resources[0].type is missing" in text
        assert "resources[1] must be an object" in text
        assert "more faults" in text


class TestDeployment:
    """What `pulumi stack export` writes."""

    def test_inputs_outputs_graph_options_and_provider(self, read):
        version_urn = URN.format(VERSION, "ver")
        subject = read(
            exported(
                state("default_3_29_0", "pulumi:providers:azure-native", inputs={"location": "x"}),
                state(
                    inputs={"vmSize": "a", "nodes": 3},
                    outputs={"id": "b"},
                    parent=URN.format("pulumi:pulumi:Stack", "fleet-dev"),
                    provider=f"{PROVIDER}::1f2e",
                    protect=True,
                    ignoreChanges=["a"],
                    customTimeouts={"create": 60},
                    dependencies=[version_urn],
                    propertyDependencies={"deploymentConfiguration": [version_urn]},
                    sourcePosition="project:///__main__.py#12,3",
                ),
            )
        )
        pool = subject.resources[1]
        assert (subject.project, subject.stack) == ("fleet", "dev")
        assert pool.shown == pool.known.urn == URN.format(POOL, "pool")
        assert pool.known.properties == {"vmSize": "a", "nodes": 3}
        assert pool.outputs == {"id": "b"}
        assert pool.known.dependencies == (version_urn,)
        assert pool.known.property_dependencies == {"deploymentConfiguration": (version_urn,)}
        assert pool.known.options.create_timeout == 60
        assert pool.known.provider.properties == {"location": "x"}
        assert pool.place == SourcePlace(uri="__main__.py", line=12, column=3)

    def test_what_is_only_read_is_not_asked_about_and_what_goes_is_left_out(self, read):
        resources = read(exported(state("a", external=True), state("b", delete=True))).resources
        assert [(each.known.name, each.asked) for each in resources] == [("a", False)]

    @pytest.mark.parametrize(
        "document",
        [
            {"version": 3, "deployment": {"manifest": {}}},
            {"version": 3, "deployment": {"manifest": {}, "resources": None}},
            {"manifest": {}, "resources": []},
        ],
    )
    def test_an_empty_stack_and_the_inner_part_are_read(self, read, document):
        assert read(document).resources == ()

    @pytest.mark.parametrize(
        ("value", "judged"),
        [
            (SECRET | {"ciphertext": "v1:abc"}, "[secret]"),
            (SECRET | {"plaintext": '"open"'}, Secret("open")),
            (SECRET | {"plaintext": "not JSON"}, "[secret]"),
            (SECRET | {"value": {"a": 1}}, Secret({"a": 1})),
            ({SIGNATURE_KEY: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}, UNKNOWN),
            ({SIGNATURE_KEY: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "u", "id": "i"}, "i"),
            ({SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "hash": "x"}, "[secret]"),
            ([None, True, 1.5, {"a": []}], [None, True, 1.5, {"a": []}]),
        ],
    )
    def test_values_as_a_pack_is_shown_them(self, read, value, judged):
        (pool,) = read(exported(state(inputs={"x": value}))).resources
        assert pool.known.properties == {"x": judged}
        analyze_request(pool.known)  # it can be sent

    @pytest.mark.parametrize(
        ("resource", "complaint"),
        [
            (3, "resources[0] must be an object"),
            (state(urn="pool"), "resources[0].urn must be"),
            ({"urn": URN.format(POOL, "a")}, "resources[0].type must be a text"),
            (state(inputs=[]), "resources[0].inputs must be an object"),
            (state(dependencies={}), "resources[0].dependencies must be a list"),
        ],
    )
    def test_a_wrong_resource_is_named_with_its_place(self, read, resource, complaint):
        with pytest.raises(PolicyInputError) as error:
            read(exported(resource))
        assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"resources: []", "is not JSON"),
        (b'{"resources": [', "may be cut off"),
        (b'{"resources": [{"type": "a', "may be cut off"),
        (b"\x80\x02\x00binary", "is no text in UTF-8"),
        (b"\x1f\x8b\x08\x00", "is no text in UTF-8"),
        (b"[]", "holds no JSON object"),
        (b"3", "holds no JSON object"),
        (b"{}", "has no key 'resources'"),
        (b'{"resources": {}}', "resources must be a list"),
        (b'{"resources": null}', "resources must be a list"),
        (b'{"resources": [], "resources": []}', "gives 'resources' twice"),
        (b'{"resources": [], "resource": []}', "did you mean 'resources'?"),
        (b'{"deployment": {}}', "deployment without resources or manifest"),
        (b'{"deployment": 3}', "deployment without resources or manifest"),
        (b'{"checkpoint": {}}', "pulumi stack export"),
        (b'{"steps": []}', "pulumi preview --json"),
        (b'{"resources": NaN}', "NaN"),
        (b'{"resources": 1e999}', "too large"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (
            b'{"resources": [{"type": "a", "name": "b", "props": {"a": 1' + b"0" * 400 + b"}}]}",
            "too large",
        ),
        (
            b'{"resources": [{"type": "a", "name": "b", "props": '
            + b'{"a":' * 900
            + b"1"
            + b"}" * 900
            + b"}]}",
            "nested too deeply",
        ),
    ],
)
def test_an_unusable_file_is_one_error_that_names_it(read, content, complaint):
    with pytest.raises(PolicyInputError) as error:
        read(content)
    assert "input.json" in str(error.value)
    assert complaint in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_as_shells_redirect_it_is_read(read, encoding):
    content = json.dumps(listed(entry("größe")), ensure_ascii=False).encode(encoding)
    assert read(content).resources[0].shown == "größe"


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    with pytest.raises(PolicyInputError, match="does not exist"):
        read_input(tmp_path / "none.json")
    with pytest.raises(PolicyInputError, match="is a folder"):
        read_input(tmp_path)
