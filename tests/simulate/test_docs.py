"""docs/simulated-azure.md says what the doors do: every error code, every action, every option."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from imagefleet.cli.app import app
from imagefleet.simulate.arm.actions import ACTIONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulated-azure.md").read_text(encoding="utf-8")
CODE = re.compile(r'(?:AzureError\(\s*|code = )"(\w+)"')
SOURCES = sorted((ROOT / "imagefleet" / "simulate").rglob("*.py"))
CODES = sorted({code for file in SOURCES for code in CODE.findall(file.read_text("utf-8"))})


def test_the_codes_are_found():
    assert {"PoolNotFound", "AuthenticationFailed", "MissingRequiredQueryParameter"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_is_in_the_page(code):
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("action", sorted({name for _, name in ACTIONS}))
def test_every_action_is_in_the_page(action):
    assert f"`{action}`" in PAGE.casefold()


OPTIONS = sorted(
    option
    for parameter in get_command(app).commands["simulate"].params
    for option in parameter.opts
    if option.startswith("--")
)


def test_the_options_are_found():
    assert {"--data", "--faults", "--latency", "--port"} <= set(OPTIONS)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_in_the_table(option):
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `--")]
    assert f"`{option}`" in "".join(rows)
