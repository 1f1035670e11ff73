"""Reading a stack file: what is read, what is refused, and what is never read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefleet.stack_yaml import (
    SECRET_PLACEHOLDER,
    StackFile,
    StackFileError,
    config_strings,
    full_key,
    read_mapping,
    read_stack_file,
    secret_config_keys,
)

CIPHER = "v1:Zm9vYmFyYmF6:c2VjcmV0IHN0dWZm"


@pytest.fixture
def read(tmp_path: Path):
    """A function from the content of a stack file to what it says."""

    def read_content(content: str | bytes) -> StackFile:
        path = tmp_path / "Pulumi.test.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_stack_file(path)

    return read_content


def refused(read, content: str | bytes) -> StackFileError:
    """The error that reading `content` ends in."""
    with pytest.raises(StackFileError) as caught:
        read(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("---\n", "is empty"),
        ("just text\n", "must hold a mapping"),
        ("- a\n- b\n", "must hold a mapping"),
        ("config: 5\n", "config must be a mapping"),
        ("config: [a]\n", "config must be a mapping"),
        (b"config:\n  a: \xff\xfe\n", "is not UTF-8 text (byte 14)"),
        ("config:\n  a: 1\n".encode("utf-16"), "is not UTF-8 text"),
        ("config:\n  a: \x07\n", "U+0007 is not allowed"),
        ("config:\n\ta: 1\n", "there is a tab in this line"),
        ("config: {a: 1\n", "is not YAML"),
        ("config: &x {a: *x}\n", "has an alias that holds itself"),
        ("config:\n  a: *nowhere\n", "is not YAML: found undefined alias"),
        ("config: " + "[" * 1_000, "is nested more than"),
        ("config:\n  a: " + "[" * 150 + "]" * 150, "is nested more than"),
        ("config: {}\nconfig: {}\n", "is there twice"),
        ("config: {? [a]: 1}\n", "has a key that is not a single value"),
        ("config: {~: 1}\n", "quote the key"),
        ("config: {a: !!set {b}}\n", "has the tag !!set"),
        ("config: {a: !thing b}\n", "has the tag !thing"),
        ("environment: dev\nconfig: {}\n", "environment must be a list"),
        ("enviroment: [dev]\n", "did you mean 'environment'?"),
        ("config: {'a:b:c:d': 1}\n", "<namespace>:<name>"),
    ],
)
def test_what_is_no_stack_file_is_refused_in_one_error(read, content, says):
    assert says in " ".join(str(refused(read, content)).split())


def test_a_bomb_of_aliases_does_not_go_off(read):
    levels = ["config:\n  l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "expands to more than 1,000,000 values" in str(refused(read, "\n".join(levels)))


def test_a_missing_file_is_told_with_those_beside_it(tmp_path: Path):
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    with pytest.raises(StackFileError, match=r"does not exist; beside it: Pulumi\.dev\.yaml"):
        read_stack_file(tmp_path / "Pulumi.def.yaml")


def test_a_folder_is_not_a_stack_file(tmp_path: Path):
    with pytest.raises(StackFileError, match="cannot be read"):
        read_stack_file(tmp_path)


def test_every_fault_is_told_at_once_with_its_place(read):
    error = refused(read, "config:\n  p:a: yes\n  p:b:\n    - 010\n    - 2027-06-30\n  p:a: 1\n")
    assert [(fault.line, fault.column, fault.key) for fault in error.faults] == [
        (2, 8, "p:a"),
        (4, 7, "p:b[0]"),
        (5, 7, "p:b[1]"),
        (6, 3, "p:a"),
    ]


def test_nothing_of_a_line_is_shown_because_it_may_hold_a_secret(read):
    error = refused(read, f"config:\n  p:password: {CIPHER!r} x: hunter2\n")
    assert "hunter2" not in str(error)
    assert CIPHER not in str(error)


def test_a_byte_order_mark_is_not_part_of_the_text(read):
    assert read(b"\xef\xbb\xbfconfig:\n  a: x\n").config == {"a": "x"}


def test_no_configuration_is_an_empty_one(read):
    assert read("config:\n").config == {}
    assert read("encryptionsalt: v1:x\n").config == {}


def test_secrets_become_placeholders_and_are_named_by_their_key(read):
    stack = read(
        f"config:\n  token: {{secure: '{CIPHER}'}}\n  p:open: a\n"
        f"  p:deep:\n    list:\n      - {{secure: '{CIPHER}'}}\n      - b\n"
        "  p:not:\n    secure: [a]\n    other: b\n"
    )
    assert stack.config["token"] == SECRET_PLACEHOLDER
    assert stack.config["p:deep"] == {"list": [SECRET_PLACEHOLDER, "b"]}
    assert stack.config["p:not"] == {"secure": ["a"], "other": "b"}
    assert stack.secret_keys == {"token", "p:deep"}
    assert secret_config_keys(stack, "fleet") == {"fleet:token", "p:deep"}
    assert CIPHER not in str(config_strings(stack, "fleet"))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("[dev, shared/base]", ("dev", "shared/base")),
        ("[dev: {merge: false}]", ("dev",)),
        ("{imports: [dev], values: {a: 1}}", ("(values written in the stack file)", "dev")),
        ("{values: {a: 1}}", ("(values written in the stack file)",)),
        ("", ()),
    ],
)
def test_imported_environments_are_named(read, written, names):
    assert read(f"environment: {written}\nconfig: {{}}\n").environment == names


def test_anchors_aliases_and_merges_are_read(read):
    stack = read(
        "config:\n  p:base: &base {a: 1, b: 2}\n  p:more: {<<: *base, b: 3}\n"
        "  p:two: {<<: [{a: 4}, *base]}\n  p:same: *base\n"
    )
    assert stack.config["p:more"] == {"a": 1, "b": 3}
    assert stack.config["p:two"] == {"a": 4, "b": 2}
    assert stack.config["p:same"] == {"a": 1, "b": 2}


def test_strings_are_those_of_the_engine(read):
    stack = read(
        "config:\n  plain: 5\n  azure-native:location: westeurope\n  p:config:old: x\n"
        "  p:yes: true\n  p:none:\n  p:half: 0.5\n  p:map: {z: <a&b>, 10: é, b: [1, ~, 'yes']}\n"
    )
    assert config_strings(stack, "fleet") == {
        "fleet:plain": "5",
        "azure-native:location": "westeurope",
        "p:old": "x",
        "p:yes": "true",
        "p:none": "",
        "p:half": "0.5",
        "p:map": '{"10":"é","b":[1,null,"yes"],"z":"\\u003ca\\u0026b\\u003e"}',
    }


def test_one_key_in_two_spellings_is_refused(read):
    stack = read("config:\n  size: 1\n  fleet:size: 2\n")
    with pytest.raises(StackFileError, match="is 'fleet:size' a second time"):
        config_strings(stack, "fleet")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("size", "fleet:size"),
        ("p:size", "p:size"),
        ("p:config:size", "p:size"),
        ("p:other:size", None),
        ("a:b:c:d", None),
        (":size", None),
        ("p:", None),
        ("", None),
    ],
)
def test_a_key_without_namespace_gets_the_project(key, expected):
    assert full_key(key, "fleet") == expected


def test_a_project_file_is_read_by_the_same_rules(tmp_path: Path):
    path = tmp_path / "Pulumi.yaml"
    path.write_text("name: fleet\nruntime:\n  name: python\n")
    assert read_mapping(path) == {"name": "fleet", "runtime": {"name": "python"}}
    path.write_text("name: fleet\nenabled: on\n")
    with pytest.raises(StackFileError, match="enabled is on"):
        read_mapping(path)


TEXTS = st.text(
    st.sampled_from("config:azt \n\t-[]{}&*!|>'\"%@`#,?~<0159.+_xeEyYnNo\\\u2028\u00e9\x00"),
    max_size=60,
)


@given(TEXTS)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_read_or_refused(tmp_path, text):
    path = tmp_path / "Pulumi.any.yaml"
    path.write_text(f"config:\n  p:k: {text}", encoding="utf-8")
    try:
        stack = read_stack_file(path)
    except StackFileError:
        return
    strings = config_strings(stack, "fleet")
    assert all(isinstance(value, str) for value in strings.values())
    assert json.dumps(strings)
