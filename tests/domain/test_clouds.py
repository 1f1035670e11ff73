"""Each cloud has its own endpoints, and no other's."""

from __future__ import annotations

from itertools import combinations

import pytest

from imagefleet.domain import clouds
from imagefleet.domain.clouds import Cloud


def test_every_cloud_has_a_profile():
    assert set(clouds.PROFILES) == set(Cloud)
    assert all(profile.cloud == cloud for cloud, profile in clouds.PROFILES.items())


@pytest.mark.parametrize(
    ("cloud", "audience"),
    [
        (Cloud.PUBLIC, "https://batch.core.windows.net/"),
        (Cloud.CHINA, "https://batch.chinacloudapi.cn/"),
        (Cloud.USGOV, "https://batch.core.usgovcloudapi.net/"),
    ],
)
def test_tokens_are_asked_for_the_batch_resource_of_the_cloud(cloud, audience):
    """D78 gives China's."""
    assert clouds.profile(cloud).batch_audience.value == audience


def test_no_two_clouds_share_an_endpoint():
    for one, other in combinations(clouds.PROFILES.values(), 2):
        values = [
            {endpoint.value for endpoint in profile.endpoints.values()} for profile in (one, other)
        ]
        assert not values[0] & values[1]


def test_azure_native_names_a_cloud_by_its_environment():
    assert clouds.cloud_of_environment(" China ") == Cloud.CHINA
    assert clouds.cloud_of_environment("usgovernment") == Cloud.USGOV
    assert clouds.cloud_of_environment("german") is None


def test_every_cloud_tells_the_same_things():
    kinds = {tuple(profile.endpoints) for profile in clouds.PROFILES.values()}
    assert len(kinds) == 1


@pytest.mark.parametrize(
    ("cloud", "scope", "host", "endpoint", "manager"),
    [
        (
            Cloud.PUBLIC,
            "https://batch.core.windows.net//.default",
            "login.microsoftonline.com",
            "https://fleet.westeurope.batch.azure.com",
            "https://management.azure.com/.default",
        ),
        (
            Cloud.CHINA,
            "https://batch.chinacloudapi.cn//.default",
            "login.chinacloudapi.cn",
            "https://fleet.westeurope.batch.chinacloudapi.cn",
            "https://management.chinacloudapi.cn/.default",
        ),
        (
            Cloud.USGOV,
            "https://batch.core.usgovcloudapi.net//.default",
            "login.microsoftonline.us",
            "https://fleet.westeurope.batch.usgovcloudapi.net",
            "https://management.usgovcloudapi.net/.default",
        ),
    ],
)
def test_clients_are_given_what_they_need_of_their_cloud(cloud, scope, host, endpoint, manager):
    profile = clouds.profile(cloud)
    assert profile.batch_scope == scope
    assert profile.authority_host == host
    assert profile.account_endpoint("fleet", "westeurope") == endpoint
    assert profile.resource_manager_scope == manager


def test_azure_cli_has_a_name_of_its_own_for_each_cloud():
    names = [profile.cli_name for profile in clouds.PROFILES.values()]
    assert names == ["AzureCloud", "AzureChinaCloud", "AzureUSGovernment"]
