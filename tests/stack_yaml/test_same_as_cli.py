"""The Pulumi CLI and our reader hand the same strings to a program."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from imagefleet.stack_yaml import config_strings, read_stack_file

ROOT = Path(__file__).resolve().parents[2]

EVERYTHING = """\
config:
  plain: 5
  imagefleet:config:old: x
  imagefleet:open: true
  imagefleet:none:
  imagefleet:half: 0.5
  imagefleet:quoted: "1.10"
  imagefleet:tagged: !!str 1.0
  imagefleet:text: |
    two
    lines
  imagefleet:map:
    z: <a&b>
    'yes': "no"
    empty: ~
    0: zero
    nested: &n {b: [1, -2, 0.25, TRUE, "é", "\\u2028"], a: {}}
    again: *n
    merged: {<<: *n, a: []}
"""


@pytest.fixture
def strings_of_cli(tmp_path: Path):
    """A function from the text of a stack file to the values the CLI reads in it."""
    (tmp_path / "backend").mkdir()
    env = os.environ | {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def pulumi(*args: str) -> str:
        done = subprocess.run(
            ["pulumi", *args], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(text: str) -> dict[str, str]:
        (tmp_path / "Pulumi.yaml").write_text("name: imagefleet\nruntime: python\n")
        pulumi("stack", "init", "test")
        path = tmp_path / "Pulumi.test.yaml"
        path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")
        found = json.loads(pulumi("config", "--json", "--stack", "test"))
        return {key: item["value"] for key, item in found.items()}

    return read


def ours(text: str, tmp_path: Path) -> dict[str, str]:
    """What our reader makes of `text`."""
    path = tmp_path / "Pulumi.ours.yaml"
    path.write_text(text, encoding="utf-8")
    return config_strings(read_stack_file(path), "imagefleet")


@pytest.mark.engine
def test_whatever_we_read_the_cli_reads_alike(strings_of_cli, tmp_path):
    assert ours(EVERYTHING, tmp_path) == strings_of_cli(EVERYTHING)


@pytest.mark.engine
@pytest.mark.parametrize("stack", ["dev", "prod", "china"])
def test_the_stack_files_of_the_project_are_read_alike(strings_of_cli, tmp_path, stack):
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    assert ours(text, tmp_path) == strings_of_cli(text)
