"""Fleets of any size for the benchmarks, as project folders that differ from ours in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STACK = "bench"
# As many image versions as a large fleet may have under way at once.
VERSIONS = 10
SUBSCRIPTION = "00000000-0000-4000-8000-00000000be0c"
_DISK = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/builders"
    "/providers/Microsoft.Compute/disks/builder-os"
)


def stack_file(pools: int, image_versions: int = VERSIONS) -> str:
    """Return the text of a stack file with `pools` pools on ten image versions, or that many."""
    config = {
        "azure-native:subscriptionId": SUBSCRIPTION,
        "azure-native:location": "westeurope",
        "imagefleet:fleet": fleet_value(pools, image_versions),
    }
    # JSON is YAML, and the keys keep their order.
    return json.dumps({"config": config}, indent=2)


def fleet_value(pools: int, image_versions: int) -> dict[str, Any]:
    """Return the value of `imagefleet:fleet` for `pools` pools on `image_versions` versions.

    Keys are short: the configuration of 1,000 pools only just fits into the environment variable
    in which Pulumi hands it to a program.
    """
    versions = [f"1.{number}.0" for number in range(image_versions)]
    return {
        "cloud": "public",
        "location": "westeurope",
        "resourceGroup": {"name": "rg-bench"},
        "gallery": {"name": "bench"},
        "images": {
            "u": {
                "osType": "Linux",
                "generation": "V1",
                "identifier": {"publisher": "bench", "offer": "ubuntu", "sku": "24_04"},
                "baseImage": {
                    "publisher": "canonical",
                    "offer": "ubuntu-24_04-lts",
                    "sku": "server",
                },
                "versions": {
                    version: {"source": {"snapshots": {"osDisk": _DISK}}} for version in versions
                },
            }
        },
        "accounts": {"m": {"name": "benchaccount", "location": "westeurope"}},
        "pools": {
            f"p{number}": {
                "account": "m",
                "image": "u",
                "versions": [versions[number % len(versions)]],
                "vmSize": "Standard_D2_v3",
                "nodes": {"dedicated": 9},
            }
            for number in range(pools)
        },
    }


def make_project(
    folder: Path,
    pools: int,
    *,
    image_versions: int = VERSIONS,
    program: Path = ROOT / "__main__.py",
) -> Path:
    """Lay out a project in `folder` around `program` and return the folder.

    Everything but the stack file is the repository's own, by symbolic link.
    """
    folder.mkdir(parents=True)
    for name in ("Pulumi.yaml", "components", "policy", "imagefleet", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "__main__.py").symlink_to(program)
    (folder / f"Pulumi.{STACK}.yaml").write_text(
        stack_file(pools, image_versions), encoding="utf-8"
    )
    return folder
