"""What an edit of the stack file, or of the program, leads to: the promises of the README."""

from __future__ import annotations

import pytest

from tests.cli.projects import Project

VERSION = "compute:GalleryImageVersion"
NEXT_IMAGE = (
    "/subscriptions/00000000-0000-4000-8000-000000000de0/resourceGroups/image-build/providers/"
    "Microsoft.Compute/images/next"
)
NEW_VERSION = f"""\
"1.1.0":
            source:
              managedImage: {NEXT_IMAGE}
          "1.0.0":"""
RAW = """
from pulumi_azure_native import batch, compute
GROUP = "imagefleet-dev"
"""
RAW_TRUSTED_LAUNCH = """
compute.GalleryImage(
    "raw", gallery_image_name="raw", gallery_name="imagefleetdev", resource_group_name=GROUP,
    identifier={"publisher": "raw", "offer": "raw", "sku": "raw"}, os_type="Linux",
    os_state="Generalized", hyper_v_generation="V2",
    features=[{"name": "SecurityType", "value": "TrustedLaunch"}],
)
"""
RAW_SPECIALIZED = """
compute.GalleryImage(
    "raw", gallery_image_name="raw", gallery_name="imagefleetdev", resource_group_name=GROUP,
    identifier={"publisher": "raw", "offer": "raw", "sku": "raw"}, os_type="Linux",
    os_state="Specialized", hyper_v_generation="V2",
    features=[{"name": "SecurityType", "value": "Standard"}],
)
"""
RAW_SHARED_KEY = """
batch.BatchAccount(
    "raw", account_name="rawaccount", resource_group_name=GROUP, location="westeurope",
    allowed_authentication_modes=["SharedKey", "AAD"],
)
"""


def replicas(resource: dict, region: str) -> int:
    regions = resource["inputs"]["publishingProfile"]["targetRegions"]
    return next(each["regionalReplicaCount"] for each in regions if each["name"] == region)


def test_a_second_run_changes_nothing(project: Project) -> None:
    first, made = project.rehearse("dev")
    again, changed = project.rehearse("dev")
    assert (first.code, again.code) == (0, 0)
    assert len(made) == 8
    assert changed == {}
    assert "nothing changes" in again.out


def test_the_china_stack_is_the_documents_own_scenario(project: Project) -> None:
    answer, _ = project.rehearse("china")
    made = project.resources()
    version = made[f"{VERSION} imagefleet-ubuntu-1.0.0"]
    large = made["batch:Pool imagefleet-large-1.0.0"]
    accounts = [each for key, each in made.items() if key.startswith("batch:BatchAccount ")]
    assert answer.code == 0, answer.out + answer.err
    assert replicas(version, "chinanorth3") == 11
    assert replicas(version, "chinanorth2") == 3
    assert large["inputs"]["scaleSettings"]["fixedScale"]["resizeTimeout"] == "PT45M"
    assert [each["inputs"]["allowedAuthenticationModes"] for each in accounts] == [["AAD"]] * 2
    assert "https://management.chinacloudapi.cn" in answer.out
    assert ".batch.chinacloudapi.cn" in answer.out


def test_more_nodes_raise_the_replicas_in_place(project: Project) -> None:
    project.rehearse("prod")
    version = f"{VERSION} imagefleet-ubuntu-1.1.0"
    before = replicas(project.resources()[version], "westeurope")
    project.edit("prod", ("dedicated: 900", "dedicated: 1200"))
    answer, changed = project.rehearse("prod")
    assert answer.code == 0, answer.out + answer.err
    assert changed == {version: "update", "batch:Pool imagefleet-render-1.1.0": "update"}
    assert (before, replicas(project.resources()[version], "westeurope")) == (4, 5)


def test_a_roll_out_adds_a_pool_and_ends_by_removing_one(project: Project) -> None:
    project.rehearse("dev")
    project.edit(
        "dev", ('"1.0.0":', NEW_VERSION), ('versions: ["1.0.0"]', 'versions: ["1.0.0", "1.1.0"]')
    )
    answer, changed = project.rehearse("dev")
    assert answer.code == 0, answer.out + answer.err
    assert changed == {
        f"{VERSION} imagefleet-ubuntu-1.1.0": "create",
        "batch:Pool imagefleet-work-1.1.0": "create",
    }

    project.edit("dev", ('versions: ["1.0.0", "1.1.0"]', 'versions: ["1.1.0"]'))
    answer, changed = project.rehearse("dev")
    assert answer.code == 0, answer.out + answer.err
    assert changed == {"batch:Pool imagefleet-work-1.0.0": "delete"}
    assert f"{VERSION} imagefleet-ubuntu-1.0.0" in project.resources()


def test_a_large_roll_out_ends_without_a_replica_lost(project: Project) -> None:
    """Replicas that went with the list would be missing while the old nodes still start."""
    both, new = 'versions: ["1.0.0", "1.1.0"]', 'versions: ["1.1.0"]'
    edits = (
        ('"1.0.0":', NEW_VERSION),
        ('versions: ["1.0.0"]', both),
        ("dedicated: 4", "dedicated: 900"),
    )
    project.edit("dev", *edits)
    project.rehearse("dev")
    project.edit("dev", (both, new))
    answer, changed = project.rehearse("dev")
    assert answer.code == 0, answer.out + answer.err
    assert changed == {"batch:Pool imagefleet-work-1.0.0": "delete"}
    assert replicas(project.resources()[f"{VERSION} imagefleet-ubuntu-1.0.0"], "westeurope") == 4


def test_the_roll_out_under_way_in_prod_ends_by_removing_one_pool(project: Project) -> None:
    project.rehearse("prod")
    project.edit("prod", ('versions: ["1.0.0", "1.1.0"]', 'versions: ["1.1.0"]'))
    answer, changed = project.rehearse("prod")
    assert answer.code == 0, answer.out + answer.err
    assert changed == {"batch:Pool imagefleet-encode-1.0.0": "delete"}


def test_a_version_copied_from_a_later_one_of_the_fleet_comes_up(project: Project) -> None:
    """By key it would come first, and Azure would not find its source."""
    file = project.folder / "Pulumi.dev.yaml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("      ubuntu:\n"), text.index("    accounts:\n")
    image = text[start:end]
    copied = image.replace("      ubuntu:", "      alpha:").replace(
        "offer: ubuntu\n", "offer: alpha\n"
    )
    at = copied.index("              snapshots:")
    origin = "/subscriptions/00000000-0000-4000-8000-000000000DE0/resourcegroups/IMAGEFLEET-DEV/"
    origin += "providers/Microsoft.Compute/galleries/imagefleetdev/images/ubuntu/versions/1.0.0"
    copied = f"{copied[:at]}              imageVersion: {origin}\n"
    file.write_text(text[:start] + copied + text[start:], encoding="utf-8")
    answer, changed = project.rehearse("dev")
    assert answer.code == 0, answer.out + answer.err
    assert changed[f"{VERSION} imagefleet-alpha-1.0.0"] == "create"
    made = project.resources()[f"{VERSION} imagefleet-alpha-1.0.0"]
    (urn,) = made["propertyDependencies"]["storageProfile"]
    assert urn.endswith("::imagefleet-ubuntu-1.0.0")


def test_a_pool_with_a_fixed_id_goes_before_it_comes_back(project: Project) -> None:
    project.edit("dev", ('versions: ["1.0.0"]', 'id: work\n        versions: ["1.0.0"]'))
    project.rehearse("dev")
    project.edit("dev", ('"1.0.0":', NEW_VERSION), ('versions: ["1.0.0"]', 'versions: ["1.1.0"]'))
    answer, changed = project.rehearse("dev")
    assert answer.code == 0, answer.out + answer.err
    assert changed["batch:Pool imagefleet-work"] == "delete-replaced replace create-replacement"


@pytest.mark.parametrize(
    ("code", "rule", "value", "needed", "sentence"),
    [
        (RAW_TRUSTED_LAUNCH, "image-no-trusted-launch", "TrustedLaunch", "Standard", "D19"),
        (RAW_SPECIALIZED, "image-generalized", "Specialized", "Generalized", "D38"),
        (RAW_SHARED_KEY, "account-entra-only", "SharedKey", "AAD", "D21"),
    ],
)
def test_what_the_document_forbids_is_refused_and_changes_nothing(
    project: Project, code: str, rule: str, value: str, needed: str, sentence: str
) -> None:
    project.rehearse("dev")
    before = project.resources()
    project.add_to_program(RAW + code)
    answer, changed = project.rehearse("dev")
    assert answer.code == 1
    assert changed == {}
    assert project.resources() == before
    words = " ".join(answer.out.split())
    assert f"{rule} [mandatory] raw" in words
    for part in (value, needed, "Remedy:", sentence, "nothing has changed"):
        assert part in words


def test_another_source_under_the_same_version_is_refused(project: Project) -> None:
    project.rehearse("dev")
    project.edit("dev", ("disks/ubuntu-os", "disks/another-os"))
    answer, _ = project.rehearse("dev")
    assert answer.code == 1
    assert "creationData" in answer.out


def test_destroy_begins_nothing_where_something_is_protected(project: Project) -> None:
    project.edit("dev", ("    gallery:", "    protect: true\n    gallery:"))
    project.rehearse("dev")
    before = project.resources()
    answer = project.run("destroy", "--stack", "dev", "--engine", "embedded", "--yes")
    words = " ".join(answer.out.split())
    assert answer.code == 1
    assert "protected: imagefleet, imagefleet-ubuntu, imagefleet-ubuntu-1.0.0" in words
    assert "protect: false" in words
    project.rehearse("dev", "--preview-only")
    assert project.resources() == before


def test_destroy_undoes_a_rehearsal(project: Project) -> None:
    project.rehearse("dev")
    answer = project.run("destroy", "--stack", "dev", "--engine", "embedded", "--yes")
    assert answer.code == 0, answer.out + answer.err
    answer, made = project.rehearse("dev", "--preview-only")
    assert answer.code == 0
    assert "to create" in answer.out
    assert project.resources() == {}
    assert made == {}


def test_pools_that_never_become_steady_exit_with_1_and_say_why(project: Project) -> None:
    """Nine minutes for 600 nodes is what the pack's mandatory reading just allows."""
    project.add_to_program(
        RAW
        + """
import pulumi
image = fleet.image_versions["ubuntu-1.0.0"]["id"]
batch.Pool(
    "slow", pool_name="slow", account_name="imagefleetdev", resource_group_name=GROUP,
    vm_size="Standard_D2s_v3",
    deployment_configuration={"virtual_machine_configuration": {
        "image_reference": {"id": image}, "node_agent_sku_id": "batch.node.ubuntu 24.04"}},
    scale_settings={"fixed_scale": {"target_dedicated_nodes": 600, "resize_timeout": "PT9M"}},
    opts=pulumi.ResourceOptions(depends_on=[fleet]),
)
"""
    )
    answer, made = project.rehearse("dev")
    words = " ".join(answer.out.split())
    assert answer.code == 1
    assert made["batch:Pool slow"] == "create"
    assert "✗ slow" in answer.out
    assert "AllocationTimedout" in words


def test_a_long_property_path_stays_readable_at_80_columns(project: Project) -> None:
    project.rehearse("prod")
    project.edit("prod", ("dedicated: 900", "dedicated: 1200"))
    answer, _ = project.rehearse("prod", "--preview-only")
    path = "publishingProfile.targetRegions[0].regionalReplicaCount: 4 → 5"
    assert path in " ".join(answer.out.split())
    assert [line for line in answer.out.splitlines() if len(line) > 80] == []
