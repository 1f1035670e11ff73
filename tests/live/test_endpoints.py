"""Where clients go: never to another cloud than the stack's."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain.clouds import PROFILES, Cloud
from imagefleet.live.endpoints import EndpointsError, at_doors, of_cloud
from tests.live.conftest import described


@pytest.mark.parametrize("cloud", list(Cloud))
def test_everything_comes_from_the_profile_of_the_cloud(cloud):
    found, known = of_cloud(cloud), PROFILES[cloud]
    assert f"{found.arm_url}/" == known.resource_manager.value
    assert f"{found.authority}/" == known.authority.value
    assert found.arm_scope == f"{known.resource_manager.value}.default"
    # the audience of Batch keeps its own slash, as azure-batch itself asks
    assert found.batch_scope == f"{known.batch_audience.value}/.default"
    assert not found.simulated


def test_the_public_batch_scope_is_the_one_that_azure_batch_would_take():
    assert of_cloud(Cloud.PUBLIC).batch_scope == "https://batch.core.windows.net//.default"


def test_doors_are_read_from_their_file_or_its_folder(doors, tmp_path):
    file = described(doors, tmp_path)
    assert at_doors(file, Cloud.PUBLIC) == at_doors(tmp_path, Cloud.PUBLIC)
    assert at_doors(file, Cloud.PUBLIC).simulated


def test_doors_of_another_cloud_are_refused(doors, tmp_path):
    with pytest.raises(EndpointsError, match=r"another cloud .* the stack says china"):
        at_doors(described(doors, tmp_path), Cloud.CHINA)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "armUrl"), ('{"armUrl": 1}', "armUrl")],
)
def test_a_file_that_is_none_says_so_and_what_to_do(tmp_path, text, message):
    file = tmp_path / "doors.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(EndpointsError, match=rf"{message}.*imagefleet simulate"):
        at_doors(file, Cloud.PUBLIC)


def test_a_certificate_that_is_gone_is_told_before_anybody_is_asked(doors, tmp_path):
    file = described(doors, tmp_path)
    file.write_text(file.read_text().replace(str(doors.ca_file), str(tmp_path / "gone.pem")))
    with pytest.raises(EndpointsError, match=r"gone\.pem.*start `imagefleet simulate`"):
        at_doors(file, Cloud.PUBLIC)


def test_a_file_without_one_key_names_it(doors, tmp_path):
    file = described(doors, tmp_path)
    about = json.loads(file.read_text())
    del about["caFile"]
    file.write_text(json.dumps(about))
    with pytest.raises(EndpointsError, match="says nothing about caFile"):
        at_doors(file, Cloud.PUBLIC)
