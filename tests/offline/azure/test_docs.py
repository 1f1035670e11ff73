"""docs/simulated-azure.md says what the code does: every error code, every type, every version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imagefleet.offline import clock
from imagefleet.offline.services import registry

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "simulated-azure.md").read_text(encoding="utf-8")
SOURCES = [
    ROOT / "imagefleet" / "offline" / "azure.py",
    *(ROOT / "imagefleet" / "offline" / "services").glob("*.py"),
]
# A code is the first argument of an AzureError, or of a helper that makes one.
CODE = re.compile(r'(?:AzureError\(|_require_guid\(put, "[a-z ]+", |code(?:: str)? = )\s*"(\w+)"')


def codes() -> set[str]:
    return {code for file in SOURCES for code in CODE.findall(file.read_text(encoding="utf-8"))}


def test_the_codes_are_found():
    assert {"InvalidParameter", "RoleAssignmentExists", "InvalidRoleDefinitionId"} <= codes()


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_error_code_is_in_the_page(code):
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("kind", registry.TYPES, ids=lambda kind: kind.name)
def test_every_type_is_in_the_page_with_its_version(kind):
    row = next(
        line
        for line in PAGE.splitlines()
        if re.match(rf"\| .*`(?:{kind.module}:)?{kind.name}`", line)
    )
    assert kind.api_version in row


def test_the_start_of_the_clock_is_in_the_page():
    assert clock.START.strftime("%Y-%m-%d %H:%M UTC") in PAGE
