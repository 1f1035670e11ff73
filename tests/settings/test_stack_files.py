"""The stack files of the project: valid, explained, and with the figures of the document."""

from __future__ import annotations

import json

import jsonschema
import pytest

from imagefleet.domain.fleet import (
    ImageVersionSource,
    ManagedImageSource,
    SnapshotSource,
    VhdSource,
    VirtualMachineSource,
)
from imagefleet.domain.plan import plan
from imagefleet.settings import SCHEMA_FILE, json_schema, schema_text
from imagefleet.stack_yaml import read_mapping

STACKS = ("dev", "prod", "china")


@pytest.fixture(params=STACKS)
def path(request, root):
    """The path of each stack file."""
    return root / f"Pulumi.{request.param}.yaml"


def replicas(planned) -> dict[str, dict[str, int]]:
    """Replicas by image version and region."""
    return {
        version.key: {region.name: region.replicas.value for region in version.regions}
        for version in planned.image_versions
    }


def timeouts(planned) -> dict[str, str | None]:
    """Resize timeouts by pool."""
    return {
        pool.key: pool.resize_timeout.value if pool.resize_timeout else None
        for pool in planned.pools
    }


def test_each_is_a_fleet_that_can_be_planned(path, read_path):
    assert plan(read_path(path)).pools


def test_each_fits_the_schema(path):
    validator = jsonschema.Draft7Validator(json_schema())
    assert list(validator.iter_errors(read_mapping(path))) == []


def test_each_names_the_schema_for_editors(path, root):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_FILE}"
    assert (root / SCHEMA_FILE).is_file()


def test_every_value_is_explained_beside_it(path):
    """By a comment above or beside it, or above the mapping it is in, or above that one."""
    unexplained: list[str] = []
    above: list[tuple[int, bool]] = []
    is_commented = False
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            is_commented = bool(text)
            continue
        indent = len(line) - len(line.lstrip())
        above = [(outer, commented) for outer, commented in above if outer < indent]
        is_commented = is_commented or " # " in line
        around = [commented for _, commented in above[-2:]]
        if not text.endswith(":") and not any([is_commented, *around]):
            unexplained.append(text)
        above.append((indent, is_commented))
        is_commented = False
    assert unexplained == []


def test_no_subscription_could_be_a_real_one(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("00000000-0000-4000-8000-") >= text.count("/subscriptions/")


def test_the_schema_file_is_current(root):
    assert (root / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text(), (
        "run `python -m imagefleet.settings`"
    )


def test_the_schema_is_draft_07_of_which_every_part_is_described():
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert json.loads(schema_text()) == schema
    undescribed = [
        f"{name}.{key}"
        for name, definition in schema["definitions"].items()
        for key, part in definition.get("properties", {}).items()
        if not part.get("description")
    ]
    assert undescribed == []


def test_all_five_sources_occur_over_the_three(root, read_path):
    sources = {
        type(version.source)
        for stack in STACKS
        for image in read_path(root / f"Pulumi.{stack}.yaml").images.values()
        for version in image.versions.values()
    }
    assert sources == {
        SnapshotSource, VirtualMachineSource, VhdSource, ManagedImageSource, ImageVersionSource,
        type(None),
    }  # fmt: skip


def test_china_has_the_figures_of_the_document(root, read_path):
    """3,000 nodes need 10 replicas, 600 need 2, each plus one of headroom; 45 minutes for 3,000."""
    planned = plan(read_path(root / "Pulumi.china.yaml"))
    assert replicas(planned) == {"ubuntu-1.0.0": {"chinanorth3": 11, "chinanorth2": 3}}
    assert timeouts(planned) == {"large-1.0.0": "PT45M", "second-1.0.0": "PT15M"}
    assert {account.authentication_modes.value for account in planned.accounts} == {("AAD",)}
    endpoints = planned.cloud.endpoints
    assert endpoints["batchAudience"].value == "https://batch.chinacloudapi.cn/"


def test_china_takes_os_and_data_disk_of_a_machine(root, read_path):
    version = read_path(root / "Pulumi.china.yaml").images["ubuntu"].versions["1.0.0"]
    assert isinstance(version.source, SnapshotSource)
    assert list(version.source.data_disks) == [0]


@pytest.mark.parametrize(("nodes", "expected"), [(900, 4), (1200, 5)])
def test_more_nodes_of_prod_bring_a_replica_more(root, read_text, nodes, expected):
    text = (root / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    assert text.count("dedicated: 900") == 1
    planned = plan(read_text(text.replace("dedicated: 900", f"dedicated: {nodes}")))
    assert replicas(planned)["ubuntu-1.1.0"]["westeurope"] == expected


def test_prod_rolls_out_a_version_beside_another(root, read_path):
    pools = [pool.pool_id.value for pool in plan(read_path(root / "Pulumi.prod.yaml")).pools]
    assert {"encode-1-0-0", "encode-1-1-0", "review"} <= set(pools)
