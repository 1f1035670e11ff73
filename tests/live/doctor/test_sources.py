"""Checks of disks, snapshots, images and machines: each fails, passes and cannot tell."""

from __future__ import annotations

import copy

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.crew import Crew
from imagefleet.live.doctor import sources
from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.live.doctor.model import Status
from imagefleet.live.doctor.run import outcomes
from tests.live.doctor.conftest import words
from tests.live.fleets import BUILDERS, DISK, IMAGE, MACHINE, fleet, image, version

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
SNAPSHOT = f"{BUILDERS}/snapshots/os"
GOOD_MACHINE = {
    "location": "westeurope",
    "properties": {
        "storageProfile": {
            "osDisk": {"name": "os", "caching": "ReadWrite", "managedDisk": {"id": DISK}},
            "dataDisks": [{"lun": 0, "name": "data", "managedDisk": {"id": f"{DISK}-data"}}],
        },
        "instanceView": {
            "hyperVGeneration": "V2",
            "statuses": [{"code": "OSState/generalized"}],
        },
    },
}
GOOD_DISK = {
    "location": "westeurope",
    "managedBy": MACHINE,
    "properties": {
        "osType": "Linux",
        "hyperVGeneration": "V2",
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
    },
}
GOOD_IMAGE = {
    "location": "westeurope",
    "properties": {
        "hyperVGeneration": "V2",
        "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized"}},
    },
}


def of(source):
    return fleet(images={"ubuntu": image(versions={"1.0.0": version(source=source)})})


FROM_MACHINE = of(f.VirtualMachineSource(virtual_machine=MACHINE))
FROM_DISK = of(f.SnapshotSource(os_disk=DISK))
FROM_VHD = of(f.VhdSource(uri="https://store.blob.core.windows.net/vhds/os.vhd"))


def changed(body, path, value):
    """A copy of a body with one value changed, or taken away where it is None."""
    made = copy.deepcopy(body)
    *above, last = path.split(".")
    place = made
    for key in above:
        place = place.setdefault(key, {})
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return made


def outcome(world, check, stack, *resources):
    world.suppose(resources=[{"id": each, "body": body} for each, body in resources])
    return world.examine(check, stack)


OS = "properties.storageProfile.osDisk"


@pytest.mark.parametrize(
    ("check", "path", "value", "status", "said"),
    [
        ("source-there", "location", "westeurope", PASS, "is there"),
        ("source-there", "location", "uksouth", FAIL, "lies in uksouth"),
        ("source-standard", "properties.tags", None, PASS, "standard security type"),
        ("source-standard", "properties.securityProfile", {"securityType": "TrustedLaunch"},
         FAIL, "has the security type TrustedLaunch"),
        ("source-generation", "properties.tags", None, PASS, "generation V2"),
        ("source-generation", "properties.instanceView.hyperVGeneration", "V1", FAIL,
         "is of generation V1, the stack says V2"),
        ("source-generation", "properties.instanceView.hyperVGeneration", None, UNKNOWN,
         "does not show"),
        ("source-no-plan", "properties.tags", None, PASS, "no purchase plan"),
        ("source-no-plan", "plan", {"name": "pro", "publisher": "acme", "product": "os"}, FAIL,
         "name pro, product os, publisher acme"),
        ("source-managed-disks", "properties.tags", None, PASS, "2 managed disks"),
        ("source-managed-disks", f"{OS}.managedDisk", None, FAIL, "not managed: os"),
        ("source-managed-disks", "properties.storageProfile", None, UNKNOWN, "does not show"),
        ("source-no-extensions", "properties.tags", None, PASS, "no extension"),
        ("source-no-extensions", "properties.instanceView.extensions", [{"name": "CustomScript"}],
         FAIL, "extensions: CustomScript"),
        ("source-unencrypted", "properties.tags", None, PASS, "no encryption"),
        ("source-unencrypted", "properties.securityProfile", {"encryptionAtHost": True}, FAIL,
         "encryption at host"),
        ("source-unencrypted", f"{OS}.encryptionSettings", {"enabled": True}, FAIL,
         "Azure Disk Encryption"),
        ("source-unencrypted", f"{OS}.managedDisk.diskEncryptionSet", {"id": "/des"}, FAIL,
         "a disk encryption set"),
        ("source-generalized", "properties.tags", None, PASS, "is generalized"),
        ("source-generalized", "properties.instanceView.statuses", [{"code": "PowerState/running"}],
         FAIL, "not marked as generalized"),
        ("source-generalized", "properties.instanceView", None, UNKNOWN, "does not show"),
        ("source-caching", "properties.tags", None, PASS, "cached ReadWrite"),
        ("source-caching", f"{OS}.caching", "ReadOnly", FAIL, "cached ReadOnly"),
        ("source-caching", f"{OS}.caching", None, UNKNOWN, "does not show"),
    ],
)  # fmt: skip
def test_a_machine_as_source(world, check, path, value, status, said):
    extension = (f"{MACHINE}/extensions/none", {"properties": {}})
    told = [(MACHINE, changed(GOOD_MACHINE, path, value))]
    # a list of extensions answers only where there is one; another machine's does for that
    told.append((extension[0].replace("builder/", "other/"), extension[1]))
    found = outcome(world, check, FROM_MACHINE, *told)
    assert (found.status, said in words(found)) == (status, True), words(found)


def test_extensions_of_a_machine_are_listed_and_the_mend_names_them(world):
    extension = f"{MACHINE}/extensions/CustomScript"
    found = outcome(
        world, "source-no-extensions", FROM_MACHINE, (MACHINE, GOOD_MACHINE),
        (extension, {"properties": {}}),
    )  # fmt: skip
    assert found.status is FAIL
    (by_hand,) = found.found[0].by_hand
    assert by_hand.command == f"az vm extension delete --ids {extension}"
    assert "takes away" in by_hand.why


def test_a_machine_is_never_marked_as_generalized_by_a_script(world):
    """It can never be started again: whoever runs that must know that it was prepared."""
    running = changed(GOOD_MACHINE, "properties.instanceView.statuses", [{"code": "x"}])
    found = outcome(world, "source-generalized", FROM_MACHINE, (MACHINE, running)).found[0]
    assert found.commands == ()
    assert [each.command for each in found.by_hand] == [f"az vm generalize --ids {MACHINE}"]
    assert "never be started again" in found.by_hand[0].why


def test_sources_are_worked_out_once_for_all_checks(world, monkeypatch):
    worked_out = []
    inner = sources._sources
    monkeypatch.setattr(sources, "_sources", lambda view: worked_out.append(view) or inner(view))
    checks = [check for check in CHECKS if check.id.startswith("source-")]
    with Crew() as crew:
        found = list(outcomes(checks, world.view(FROM_MACHINE, crew)))
    assert (len(checks), len(found), len(worked_out)) == (9, 9, 1)


@pytest.mark.parametrize(
    ("check", "path", "value", "status"),
    [
        ("source-there", "location", "westeurope", PASS),
        ("source-there", "location", "uksouth", FAIL),
        ("source-standard", "tags", None, PASS),
        ("source-standard", "properties.securityProfile",
         {"securityType": "ConfidentialVM_NonPersistedTPM"}, FAIL),
        ("source-generation", "properties.hyperVGeneration", "V1", FAIL),
        ("source-generation", "properties.hyperVGeneration", None, UNKNOWN),
        ("source-unencrypted", "tags", None, PASS),
        ("source-unencrypted", "properties.encryption.type", "EncryptionAtRestWithCustomerKey",
         FAIL),
        ("source-unencrypted", "properties.encryptionSettingsCollection", {"enabled": True}, FAIL),
        ("source-generalized", "tags", None, UNKNOWN),
        ("source-managed-disks", "tags", None, PASS),
        ("source-no-plan", "tags", None, PASS),
        ("source-no-plan", "managedBy", None, UNKNOWN),
        ("source-caching", "managedBy", None, UNKNOWN),
    ],
)  # fmt: skip
def test_a_disk_as_source_with_the_machine_it_is_attached_to(world, check, path, value, status):
    disk = (DISK, changed(GOOD_DISK, path, value))
    found = outcome(world, check, FROM_DISK, disk, (MACHINE, GOOD_MACHINE))
    assert found.status is status, words(found)


@pytest.mark.parametrize(
    ("check", "path", "value", "status"),
    [
        ("source-there", "location", "westeurope", PASS),
        ("source-standard", "tags", None, PASS),
        ("source-generalized", "tags", None, PASS),
        ("source-no-plan", "tags", None, UNKNOWN),
    ],
)
def test_a_managed_image_as_source(world, check, path, value, status):
    # managed images are simulated, so this one is made from a disk outside
    properties = {**GOOD_IMAGE["properties"]}
    properties["storageProfile"] = {
        "osDisk": {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": DISK}}
    }
    world.site.put(IMAGE.partition("/providers/")[0], {"location": "westeurope"})
    world.site.put(IMAGE, {"location": "westeurope", "properties": properties})
    found = world.examine(check, fleet())
    assert found.status is status, words(found)


@pytest.mark.parametrize(
    "check",
    ["source-there", "source-no-plan", "source-managed-disks", "source-no-extensions",
     "source-caching"],
)  # fmt: skip
def test_nobody_looks_into_a_vhd(world, check):
    found = world.examine(check, FROM_VHD)
    assert found.status is UNKNOWN
    assert "VHD of ubuntu-1.0.0" in words(found)


def test_a_source_that_is_not_there_is_told_once(world):
    world.suppose(resources=[{"id": MACHINE, "missing": True}])
    assert world.examine("source-there", FROM_MACHINE).status is FAIL
    found = world.examine("source-standard", FROM_MACHINE)
    assert (found.status, words(found).count("source-there says why")) == (UNKNOWN, 1)


@pytest.mark.parametrize(
    "check",
    ["source-there", "source-standard", "source-generation", "source-no-plan",
     "source-managed-disks", "source-no-extensions", "source-unencrypted", "source-generalized",
     "source-caching"],
)  # fmt: skip
def test_what_may_not_be_read_cannot_be_told(world, check):
    world.suppose(resources=[{"id": MACHINE, "readable": False}])
    assert world.examine(check, FROM_MACHINE).status is UNKNOWN


def test_several_disks_of_a_group_are_one_list(world):
    data = {0: f"{DISK}-data", 1: f"{DISK}-more"}
    stack = of(f.SnapshotSource(os_disk=DISK, data_disks=data))
    world.suppose(
        resources=[{"id": each, "body": GOOD_DISK} for each in (DISK, *data.values())]
        + [{"id": MACHINE, "body": GOOD_MACHINE}]
    )
    assert world.examine("source-there", stack).status is PASS
    disks = [path for path in world.around.paths if "disks" in path]
    assert [path.rpartition("/")[2] for path in disks] == ["disks"]


def test_a_version_that_is_there_needs_its_source_no_more(world):
    world.bring_up(FROM_MACHINE, version={"storageProfile": {"source": {"id": IMAGE}}})
    found = world.examine("source-there", FROM_MACHINE, nothing=True)
    assert (found.status, found.found) == (PASS, ())
