"""What Azure's words about builder machines mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import builders
from imagefleet.domain.fleet import Generation, ImageIdentifier


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2025-11-01", True),
        ("2026-03-01", True),
        ("2025-11-01-preview", True),
        ("2025-10-31", False),
        ("2024-11-01", False),
        (None, False),
        ("latest", False),
    ],
)
def test_the_default_of_machines_changed_with_an_api_version(version, expected):
    assert builders.machine_default_is_trusted_launch(version) is expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("canonical/ubuntu-24_04-lts/server", Generation.V2),
        ("Canonical/ubuntu-24_04-lts/server-gen1", Generation.V1),
        ("microsoft-dsvm/ubuntu-hpc/2404", Generation.V2),
        ("Canonical/0001-com-ubuntu-server-jammy/22_04-lts-gen2", Generation.V2),
        ("Canonical/0001-com-ubuntu-server-jammy/22_04-lts", Generation.V1),
        ("MicrosoftWindowsServer/WindowsServer/2019-datacenter-gensecond", Generation.V2),
        ("MicrosoftWindowsServer/WindowsServer/2022-datacenter-g2", Generation.V2),
        ("MicrosoftWindowsServer/WindowsServer/2022-datacenter-azure-edition", Generation.V2),
        ("MicrosoftWindowsServer/WindowsServer/2022-datacenter", None),
        ("//", None),
    ],
)
def test_the_generation_is_read_from_publisher_offer_and_sku(base, expected):
    publisher, offer, sku = base.split("/")
    image = ImageIdentifier(publisher=publisher, offer=offer, sku=sku)
    assert builders.base_generation(image) is expected


@pytest.mark.parametrize("licence", builders.THIRD_PARTY_LICENCES)
def test_a_distributors_licence_is_a_third_partys_in_any_case(licence):
    assert builders.is_third_party_licence(licence)
    assert builders.is_third_party_licence(f" {licence.lower()} ")


@pytest.mark.parametrize("licence", builders.FIRST_PARTY_LICENCES)
def test_the_hybrid_benefit_of_windows_is_not(licence):
    assert not builders.is_third_party_licence(licence.upper())


@given(st.text())
def test_every_script_has_an_answer(script):
    assert builders.moves_temp_drive(f"{script}\nmounts:\n")
    assert builders.moves_temp_drive(script) in (True, False)
