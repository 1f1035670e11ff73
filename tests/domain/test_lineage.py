"""Which source may become which artefact, and what stays the same on the way."""

from __future__ import annotations

import pytest

from imagefleet.domain import lineage
from imagefleet.domain.fleet import Architecture, Generation, ImageIdentifier, OsType
from imagefleet.domain.lineage import Artefact, OsState, Step, Traits
from imagefleet.domain.security import SecurityType

COMPUTE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute"


@pytest.mark.parametrize(
    ("source", "target", "step"),
    [
        (Artefact.DISK, Artefact.SNAPSHOT, Step.DOCUMENT),
        (Artefact.SNAPSHOT, Artefact.MANAGED_IMAGE, Step.DOCUMENT),
        (Artefact.VIRTUAL_MACHINE, Artefact.MANAGED_IMAGE, Step.DOCUMENT),
        (Artefact.VHD, Artefact.MANAGED_IMAGE, Step.DOCUMENT),
        (Artefact.MANAGED_IMAGE, Artefact.IMAGE_VERSION, Step.DOCUMENT),
        (Artefact.VIRTUAL_MACHINE, Artefact.IMAGE_VERSION, Step.ALLOWED),
        (Artefact.SNAPSHOT, Artefact.IMAGE_VERSION, Step.ALLOWED),
        (Artefact.IMAGE_VERSION, Artefact.MANAGED_IMAGE, Step.REFUSED),
        (Artefact.VIRTUAL_MACHINE, Artefact.SNAPSHOT, Step.REFUSED),
        (Artefact.MANAGED_IMAGE, Artefact.MANAGED_IMAGE, Step.REFUSED),
    ],
)
def test_steps(source, target, step):
    assert lineage.step(source, target) == step


def test_sources_of_an_artefact_are_exactly_those_not_refused():
    for target in Artefact:
        allowed = {kind for kind in Artefact if lineage.step(kind, target) != Step.REFUSED}
        assert set(lineage.sources_of(target)) == allowed
    assert lineage.sources_of(Artefact.IMAGE_VERSION)[0] == Artefact.MANAGED_IMAGE


@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        ("disks/d", Artefact.DISK),
        ("SNAPSHOTS/s", Artefact.SNAPSHOT),
        ("images/i", Artefact.MANAGED_IMAGE),
        ("virtualMachines/v", Artefact.VIRTUAL_MACHINE),
        ("galleries/g/images/i/versions/1.0.0", Artefact.IMAGE_VERSION),
        ("galleries/g/images/i", None),
        ("galleries/g", None),
    ],
)
def test_the_kind_of_an_id(tail, kind):
    assert lineage.kind_of(f"{COMPUTE}/{tail}") == kind


def test_what_is_no_id_has_no_kind():
    assert lineage.kind_of("disk") is None


def test_contradictions_are_named_one_by_one_and_silence_agrees():
    source = Traits(
        os_type=OsType.LINUX,
        os_state=OsState.SPECIALIZED,
        generation=Generation.V1,
        architecture=Architecture.X64,
        security_type=SecurityType.TRUSTED_LAUNCH,
    )
    target = Traits(
        os_type=OsType.WINDOWS,
        os_state=OsState.GENERALIZED,
        generation=Generation.V2,
        architecture=Architecture.ARM64,
        security_type=SecurityType.STANDARD,
    )
    words = [text.split(" is ")[0] for text in lineage.disagreements(source, target)]
    assert words == [
        "operating system", "OS state", "generation", "architecture", "security type"
    ]  # fmt: skip
    assert list(lineage.disagreements(Traits(), target)) == []
    assert list(lineage.disagreements(source, source)) == []


def test_a_supported_type_agrees_with_a_standard_one():
    one = Traits(security_type=SecurityType.TRUSTED_LAUNCH_SUPPORTED)
    assert list(lineage.disagreements(one, Traits(security_type=SecurityType.STANDARD))) == []


def test_pools_run_generalized_standard_images_only():
    """D19, D37, D38."""
    good = Traits(os_state=OsState.GENERALIZED, security_type=SecurityType.STANDARD)
    assert list(lineage.usable_for_pools(good)) == []
    bad = Traits(os_state=OsState.SPECIALIZED, security_type=SecurityType.CONFIDENTIAL_VM)
    assert len(list(lineage.usable_for_pools(bad))) == 2


def test_managed_images_know_neither_arm_nor_trusted_launch():
    standard = SecurityType.STANDARD
    assert lineage.managed_image_fault(Architecture.X64, standard) is None
    assert "Arm64" in lineage.managed_image_fault(Architecture.ARM64, standard)
    assert "TrustedLaunch" in lineage.managed_image_fault(
        Architecture.X64, SecurityType.TRUSTED_LAUNCH
    )


@pytest.mark.parametrize(
    ("sku", "generation", "architecture"),
    [
        ("22_04-lts-gen2", Generation.V2, None),
        ("2022-datacenter-g2", Generation.V2, None),
        ("9-gen1", Generation.V1, None),
        ("server-arm64", None, Architecture.ARM64),
        ("server", None, None),
    ],
)
def test_what_a_base_sku_tells(sku, generation, architecture):
    traits = lineage.base_traits(ImageIdentifier(publisher="p", offer="o", sku=sku))
    assert (traits.generation, traits.architecture) == (generation, architecture)
