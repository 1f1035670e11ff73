"""The Python of `imagefleet samples`, run as it is printed, makes its pool at the doors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from azure.batch import BatchClient

from tests.cli.projects import project
from tests.live.watch.test_command import ENVIRONMENTS, open_doors

__all__ = ["project"]
POOLS = {"dev": "work", "china": "large"}


def pointed(text, doors, endpoint):
    """The sample with the addresses of the doors, which are in no directory of Microsoft's."""
    alone = "authority=AUTHORITY"
    for pattern, by in (
        (r'^ENDPOINT = ".*"$', f'ENDPOINT = "https://{endpoint}"'),
        (r'^AUTHORITY = ".*"$', f'AUTHORITY = "{doors.authority_url}"'),
        (alone, f"{alone}, disable_instance_discovery=True"),
    ):
        text, found = re.subn(pattern, by, text, flags=re.MULTILINE)
        assert found == 1
    return text


@pytest.mark.parametrize("stack", sorted(POOLS))
def test_the_python_sample_makes_its_pool_again(project, stack, tmp_path):
    assert project.rehearse(stack)[0].code == 0
    sample = project.run("samples", "--stack", stack, "--pool", POOLS[stack], "--as", "python").out
    pool_id = re.search(r'client.get_pool\("(.+)"\)', sample)[1]
    with open_doors(project, stack, ENVIRONMENTS[stack]) as (doors, _):
        planned = json.loads(project.run("plan", "--stack", stack, "--json").out)
        (name,) = re.findall(r'^ENDPOINT = "https://([^.]+)\.', sample, flags=re.MULTILINE)
        (account,) = (each["id"] for each in planned["accounts"] if each["name"] == name)
        endpoint = doors.batch_url(account).removeprefix("https://")
        client = BatchClient(
            f"https://{endpoint}",
            doors.credential(),
            credential_scopes=[doors.batch_scope],
            connection_verify=str(doors.ca_file),
        )
        client.begin_delete_pool(pool_id, polling_interval=0).result()
        assert pool_id not in {each.id for each in client.list_pools()}
        file = tmp_path / "sample.py"
        file.write_text(pointed(sample, doors, endpoint), encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, str(file)],
            env={
                **os.environ,
                "REQUESTS_CA_BUNDLE": str(doors.ca_file),
                "AZURE_TENANT_ID": doors.site.tenant,
                "AZURE_CLIENT_ID": "00000000-0000-4000-8000-000000000001",
                "AZURE_CLIENT_SECRET": "of the test",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.startswith(f"{pool_id} ")
        assert pool_id in {each.id for each in client.list_pools()}
