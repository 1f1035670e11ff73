"""A good stack file in miniature, and the way every stack file takes to a fleet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imagefleet.domain.fleet import Fleet
from imagefleet.settings import fleet_from_config
from imagefleet.stack_yaml import config_strings, read_stack_file

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
config:
  azure-native:subscriptionId: "00000000-0000-4000-8000-000000000001"
  azure-native:location: westeurope
  imagefleet:fleet:
    location: westeurope
    resourceGroup:
      name: fleet
    gallery:
      name: images
    images:
      ubuntu:
        osType: Linux
        generation: V2
        identifier: {publisher: us, offer: ubuntu, sku: base}
        baseImage: {publisher: canonical, offer: ubuntu-24_04-lts, sku: server}
        versions:
          "1.0.0":
            source:
              managedImage: /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/b\
/providers/Microsoft.Compute/images/one
            endOfLife: "2027-06-30"
    access:
      app:
        principalId: "00000000-0000-4000-8000-00000000000a"
    accounts:
      main:
        name: fleetbatch
        location: westeurope
    pools:
      work:
        account: main
        image: ubuntu
        versions: ["1.0.0"]
        vmSize: Standard_D2s_v3
        nodes:
          dedicated: 4
          lowPriority: 0
        startTask:
          commandLine: printenv
          environment:
            MODE: "on"
"""


@pytest.fixture
def good() -> str:
    """The text of a small stack file without faults."""
    return GOOD


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[[str], Fleet]:
    """A function from the text of a stack file to its fleet."""

    def read(text: str) -> Fleet:
        path = tmp_path / "Pulumi.test.yaml"
        path.write_text(text, encoding="utf-8")
        return fleet_from_config(config_strings(read_stack_file(path), "imagefleet"))

    return read


@pytest.fixture
def read_path() -> Callable[[Path], Fleet]:
    """A function from the path of a stack file to its fleet."""
    return lambda path: fleet_from_config(config_strings(read_stack_file(path), "imagefleet"))
