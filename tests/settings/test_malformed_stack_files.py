"""Malformed stack files: each gives one error that names the exact key and what is allowed.

Every file is a good one with one text replaced, read the whole way: YAML, the strings that the
engine hands over, `parse`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from imagefleet.settings import SettingsError, json_schema
from imagefleet.stack_yaml import StackFileError, config_strings, read_stack_file

FLEET = "imagefleet:fleet"
POOL = f"{FLEET}.pools.work"
IMAGE = f"{FLEET}.images.ubuntu"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
GALLERY = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/galleries/g"
VHD = "https://studio.blob.core.windows.net/vhds/one.vhd"
LOCATION = "azure-native:location: westeurope"
VERSION = f'{IMAGE}.versions["1.0.0"]'


@dataclass(frozen=True)
class Case:
    """`old` in the good file becomes `new`; the fault at `key` then says every text of `says`."""

    name: str
    old: str
    new: str
    key: str
    says: tuple[str, ...]
    schema_sees: bool = True


# What YAML makes of a value before any program sees it. The schema never gets that far.
YAML_TRAPS = [
    Case("yes", 'MODE: "on"', "MODE: yes", f"{POOL}.startTask.environment.MODE", ("quote", "true")),
    Case("off", 'MODE: "on"', "MODE: Off", f"{POOL}.startTask.environment.MODE", ("quote", "true")),
    Case(
        "base 60", 'MODE: "on"', "MODE: 12:30", f"{POOL}.startTask.environment.MODE", ('"12:30"',)
    ),
    Case("octal", "dedicated: 4", "dedicated: 010", f"{POOL}.nodes.dedicated", ("octal", "010")),
    Case("hexadecimal", "dedicated: 4", "dedicated: 0x1F", f"{POOL}.nodes.dedicated", ("0x1F",)),
    Case("underscores", "dedicated: 4", "dedicated: 1_000", f"{POOL}.nodes.dedicated", ("1_000",)),
    Case("plus sign", "dedicated: 4", "dedicated: +4", f"{POOL}.nodes.dedicated", ("+4",)),
    Case("exponent", "dedicated: 4", "dedicated: 1e3", f"{POOL}.nodes.dedicated", ("1e3",)),
    Case("infinity", "dedicated: 4", "dedicated: .inf", f"{POOL}.nodes.dedicated", (".inf",)),
    Case("too large", "dedicated: 4", f"dedicated: {9**40}", f"{POOL}.nodes.dedicated", ("size",)),
    Case("bare date", '"2027-06-30"', "2027-06-30", f"{VERSION}.endOfLife", ('"2027-06-30"',)),
    Case("version as float", '["1.0.0"]', "[1.0]", f"{POOL}.versions[0]", ('"1.0"', "quote")),
    Case("float 1.10", '["1.0.0"]', "[1.10]", f"{POOL}.versions[0]", ('"1.10"', "quote")),
    Case("float as key", '"1.0.0":', "1.0:", f'{IMAGE}.versions["1.0"]', ('"1.0"', "quote")),
    Case("true as key", "MODE:", "true:", f"{POOL}.startTask.environment.true", ("quote",)),
    Case("key twice", "      name: fleet", "      name: fleet\n      name: x",
         f"{FLEET}.resourceGroup.name", ("twice",)),
    Case("tag", "name: fleet\n", "name: !!binary ZmxlZXQ=\n",
         f"{FLEET}.resourceGroup.name", ("tag !!binary",)),
    Case("merge of a text", "name: fleet\n", "<<: fleet\n",
         f"{FLEET}.resourceGroup.<<".replace(".<<", '["<<"]'), ("mapping",)),
    Case("tab", "      name: fleet", "\tname: fleet", "", ("tab", "spaces")),
    Case("not YAML", "name: fleet", "name: [fleet", "", ("is not YAML",)),
    Case("two documents", "config:\n", "a: b\n---\nconfig:\n", "", ("second document", "one")),
    Case("list at the top", "config:\n", "- config\n- ", "", ("is not YAML",)),
    Case("misspelt config", "config:\n", "confg:\n", "confg", ("did you mean 'config'?",)),
    Case("key of no form", "azure-native:location", "azure:native:location:x",
         "azure:native:location:x", ("<namespace>:<name>",)),
]  # fmt: skip

# What is YAML, and no fleet.
FORM = [
    Case("misspelt key", "    location: westeurope\n    res", "    locaton: westeurope\n    res",
         f"{FLEET}.locaton", ("not a known key", "did you mean 'location'?")),
    Case("snake case", "osType: Linux", "os_type: Linux", f"{IMAGE}.os_type", ("'osType'",)),
    Case("unknown key", "osType: Linux", "osType: Linux\n        colour: red",
         f"{IMAGE}.colour", ("not a known key", "known here", "osType", "generation")),
    Case("unknown provider-like key", "principalId:", "principal:",
         f"{FLEET}.access.app.principal", ("did you mean 'principalId'?",)),
    Case("missing resource group", "resourceGroup:\n      name: fleet\n", "protect: true\n",
         f"{FLEET}.resourceGroup", ("is missing",)),
    Case("missing generation", "        generation: V2\n", "", f"{IMAGE}.generation", ("missing",)),
    Case("missing size", "        vmSize: Standard_D2s_v3\n", "", f"{POOL}.vmSize", ("missing",)),
    Case("missing principal", 'principalId: "00000000-0000-4000-8000-00000000000a"', "role: custom",
         f"{FLEET}.access.app.principalId", ("is missing", "object id")),
    Case("empty value", "name: fleet\n", "name:\n",
         f"{FLEET}.resourceGroup.name", ("is empty", "take the key out")),
    Case("empty text", "name: fleet\n", 'name: ""\n',
         f"{FLEET}.resourceGroup.name", ("is empty",)),
    Case("number for text", "name: fleet\n", "name: 5\n",
         f"{FLEET}.resourceGroup.name", ("must be a text", "the number 5", 'quote it: "5"')),
    Case("true for text", 'MODE: "on"', "MODE: true",
         f"{POOL}.startTask.environment.MODE", ("must be a text", "quote it")),
    Case("text for number", "dedicated: 4", "dedicated: many",
         f"{POOL}.nodes.dedicated", ("whole number of at least 0", "'many'")),
    Case("quoted number", "dedicated: 4", 'dedicated: "4"',
         f"{POOL}.nodes.dedicated", ("whole number", "without quotes")),
    Case("fraction", "dedicated: 4", "dedicated: 4.5",
         f"{POOL}.nodes.dedicated", ("whole number", "4.5")),
    Case("negative", "dedicated: 4", "dedicated: -1",
         f"{POOL}.nodes.dedicated", ("at least 0", "-1")),
    Case("quoted boolean", "name: fleet\n", 'name: fleet\n      existing: "yes"\n',
         f"{FLEET}.resourceGroup.existing", ("true or false", "'yes'")),
    Case("wrong case", "osType: Linux", "osType: linux",
         f"{IMAGE}.osType", ("Linux, Windows", "'linux'", "did you mean 'Linux'?")),
    Case("unknown choice", "generation: V2", "generation: V3",
         f"{IMAGE}.generation", ("V1, V2", "'V3'")),
    Case("unknown cloud", "fleet:\n    location", "fleet:\n    cloud: germany\n    location",
         f"{FLEET}.cloud", ("public, china, usgov", "'germany'")),
    Case("date with time", '"2027-06-30"', '"2027-06-30 00:00:00 +0000 UTC"',
         f"{VERSION}.endOfLife", ("in quotes", "timestamp"), schema_sees=False),
    Case("no date", '"2027-06-30"', '"next summer"',
         f"{VERSION}.endOfLife", ("2027-06-30", "'next summer'"), schema_sees=False),
    Case("text for list", '["1.0.0"]', '"1.0.0"', f"{POOL}.versions", ("list", "'1.0.0'")),
    Case("empty list", '["1.0.0"]', "[]", f"{POOL}.versions", ("at least one",)),
    Case("list for mapping", "resourceGroup:\n      name: fleet", "resourceGroup: [fleet]",
         f"{FLEET}.resourceGroup", ("mapping", "a list")),
    Case("text for mapping", "nodes:\n          dedicated: 4\n          lowPriority: 0", "nodes: 4",
         f"{POOL}.nodes", ("mapping", "the number 4")),
    Case("two sources", "            source:\n", f"            source:\n              vhd: {VHD}\n",
         f"{VERSION}.source", ("exactly one of", "managedImage", "vhd and managedImage")),
    Case("no source", "managedImage: /subscriptions", "vhdd: /subscriptions",
         f"{VERSION}.source.vhdd", ("did you mean 'vhd'?",)),
    Case("fixed and autoscale", "        startTask:",
         "        autoscale: {formula: $T=1, maximumNodes: 1}\n        startTask:",
         POOL, ("exactly one of", "nodes", "autoscale")),
    Case("two kinds of mount", "        startTask:", "        mounts: {m: {}}\n        startTask:",
         f"{POOL}.mounts.m", ("exactly one of", "blob", "nfs", "none")),
    Case("unit number", "managedImage: /subscriptions",
         "snapshots: {osDisk: /x, dataDisks: {a: /y}}\n              #",
         f"{VERSION}.source.snapshots.dataDisks.a", ("whole number", "logical unit number")),
    Case("encrypted value", "name: images", "name: {secure: AAABAE0LlAgWhGnQ}",
         f"{FLEET}.gallery.name", ("secure:", "in plain"), schema_sees=False),
    Case("fleet is a text", "imagefleet:fleet:\n", "imagefleet:fleet: none\n  other:fleet:\n",
         FLEET, ("must be a mapping", "'none'")),
    Case("fleet is a list", "imagefleet:fleet:\n", "imagefleet:fleet: [a]\n  other:fleet:\n",
         FLEET, ("must be a mapping", "a list")),
    Case("no fleet", "imagefleet:fleet:\n", "other:fleet:\n", FLEET, ("is missing",)),
]  # fmt: skip

# What has the form of a fleet, and cannot be one.
PROVIDER = [
    Case("no subscription", f'  azure-native:subscriptionId: "{SUBSCRIPTION}"\n', "",
         "azure-native:subscriptionId",
         ("is missing", "pulumi config set azure-native:subscriptionId")),
    Case("subscription of no form", f'"{SUBSCRIPTION}"', '"my subscription"',
         "azure-native:subscriptionId", ("GUID", "'my subscription'")),
    Case("other location", LOCATION, "azure-native:location: northeurope",
         "azure-native:location", ("northeurope", "westeurope", "must agree"), schema_sees=False),
    Case("other environment", LOCATION, "azure-native:environment: china",
         "azure-native:environment", ("china", "public", "must agree"), schema_sees=False),
    Case("unknown environment", LOCATION, "azure-native:environment: moon",
         "azure-native:environment", ("public, china, usgovernment", "'moon'")),
]  # fmt: skip

MEANING = [
    Case("unknown account", "account: main", "account: mian", f"{POOL}.account", ("main",), False),
    Case("unknown image", "image: ubuntu", "image: debian", f"{POOL}.image", ("ubuntu",), False),
    Case("unknown version", '["1.0.0"]', '["1.0.1"]', f"{POOL}.versions[0]", ("1.0.0",), False),
    Case("two-part version", '["1.0.0"]', '["1.0"]', f"{POOL}.versions[0]", ("Major",), False),
    Case("gallery with dash", "name: images", "name: my-images",
         f"{FLEET}.gallery.name", ("dash",), False),
    Case("account in capitals", "name: fleetbatch", "name: FleetBatch",
         f"{FLEET}.accounts.main.name", ("lower-case",), False),
    Case("principal of no form", '"00000000-0000-4000-8000-00000000000a"', '"the scheduler"',
         f"{FLEET}.access.app.principalId", ("GUID",), False),
    Case("region of another cloud", "        location: westeurope\n    pools",
         "        location: chinanorth3\n    pools",
         f"{FLEET}.accounts.main.location", ("china", "public"), False),
    Case("source of another kind", "Microsoft.Compute/images/one", "Microsoft.Compute/disks/one",
         f"{VERSION}.source.managedImage", ("Microsoft.Compute/images",), False),
    Case("gallery named twice", "name: images", f"name: images\n      id: {GALLERY}",
         f"{FLEET}.gallery", ("name", "id"), True),
]  # fmt: skip

ALL = [*YAML_TRAPS, *FORM, *PROVIDER, *MEANING]
NAMES = ("pydantic", "Traceback", "ValidationError", "input_value", "type=")


def broken(good: str, case: Case) -> str:
    """The good file with the case's fault in it."""
    assert case.old in good
    return good.replace(case.old, case.new, 1)


def test_the_good_file_has_no_fault(good, read_text):
    assert read_text(good).pools["work"].vm_size == "Standard_D2s_v3"


def test_there_are_enough_of_them():
    assert len(ALL) >= 40
    assert len({case.name for case in ALL}) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_one_error_names_the_key_and_what_is_allowed(case, good, read_text):
    with pytest.raises((SettingsError, StackFileError)) as caught:
        read_text(broken(good, case))
    error = caught.value
    assert [fault.key for fault in error.faults if fault.key == case.key] == [case.key]
    message = " ".join(str(error).split())
    assert case.key in str(error)
    for text in case.says:
        assert text in message
    assert not [name for name in NAMES if name in message]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_single_slip_is_one_fault_and_what_it_leads_to(case, good, read_text):
    """A misspelt key also leaves the right one missing; nothing else may follow from a slip."""
    with pytest.raises((SettingsError, StackFileError)) as caught:
        read_text(broken(good, case))
    rest = [fault for fault in caught.value.faults if fault.key != case.key]
    assert all(" is missing" in f" {fault.message}" or "one of" in fault.message for fault in rest)


@pytest.mark.parametrize("case", YAML_TRAPS, ids=lambda case: case.name)
def test_what_yaml_gets_wrong_is_told_with_line_and_column(case, good, read_text):
    text = broken(good, case)
    with pytest.raises((SettingsError, StackFileError)) as caught:
        read_text(text)
    assert isinstance(caught.value, StackFileError)
    assert all(fault.line > 0 and fault.column > 0 for fault in caught.value.faults)
    assert f"Pulumi.test.yaml:{caught.value.faults[0].line}:" in str(caught.value)


@pytest.mark.parametrize(
    "case", [*FORM, *PROVIDER, *MEANING], ids=lambda case: f"{case.name} {case.schema_sees}"
)
def test_the_schema_refuses_what_an_editor_can_see(case, good, tmp_path: Path):
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(broken(good, case), encoding="utf-8")
    stack = read_stack_file(path)
    document = {"config": json.loads(json.dumps(stack.config))}
    found = list(jsonschema.Draft7Validator(json_schema()).iter_errors(document))
    assert bool(found) == case.schema_sees


def test_every_fault_is_in_one_error(good, read_text):
    """Faults of form, of meaning and of the provider's keys, in three different entries."""
    text = good
    for old, new in [
        ("osType: Linux", "osType: linux"),
        ("name: fleetbatch", "name: FleetBatch"),
        ("azure-native:location: westeurope", "azure-native:environment: moon"),
        ("      app:\n", f'      app: {{principalId: "{SUBSCRIPTION}", x: 1}}\n      other:\n'),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(SettingsError) as caught:
        read_text(text)
    assert {fault.key for fault in caught.value.faults} == {
        f"{IMAGE}.osType",
        f"{FLEET}.accounts.main.name",
        "azure-native:environment",
        f"{FLEET}.access.app.x",
    }


def test_the_message_fits_a_terminal(good, read_text):
    """Only a key may be longer than 80 columns, because a broken key cannot be searched for."""
    text = good.replace("osType: Linux", "osType: linux").replace("generation: V2", "colour: V2")
    with pytest.raises(SettingsError) as caught:
        read_text(text)
    lines = str(caught.value).splitlines()
    assert lines[0] == "stack configuration is not usable:"
    assert all(len(line) <= 80 for line in lines)


def test_config_strings_are_what_json_reads(good, tmp_path: Path):
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(good, encoding="utf-8")
    strings = config_strings(read_stack_file(path), "imagefleet")
    assert sorted(strings) == [
        "azure-native:location", "azure-native:subscriptionId", "imagefleet:fleet",
    ]  # fmt: skip
    assert json.loads(strings["imagefleet:fleet"])["location"] == "westeurope"
