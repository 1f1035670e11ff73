"""azure-identity's own credentials get their tokens at the doors, or the service's refusal."""

from __future__ import annotations

import base64
import json
import logging
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from azure.batch import BatchClient
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential, ClientSecretCredential, EnvironmentCredential
from azure.mgmt.batch import BatchManagementClient

from imagefleet.domain import clouds
from imagefleet.simulate import entra, running
from tests.simulate.conftest import SUBSCRIPTION
from tests.simulate.path import ACCOUNT_ID, Clients

SECRET = "correct horse battery staple"  # noqa: S105 nobody's
CLIENT = "33333333-3333-3333-3333-333333333333"
PAGE = (Path(__file__).parents[2] / "docs" / "simulated-azure.md").read_text(encoding="utf-8")


def secret_credential(doors, tenant=None, secret=SECRET):
    return ClientSecretCredential(
        tenant or doors.site.tenant,
        CLIENT,
        secret,
        authority=doors.authority_url,
        disable_instance_discovery=True,
        connection_verify=str(doors.ca_file),
    )


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def asked(client, path, **form):
    """Return status and body of a form that is sent to Entra ID without a token."""
    request = urllib.request.Request(  # noqa: S310 https, to loopback
        client.doors.authority_url + path, urllib.parse.urlencode(form).encode() if form else None
    )
    try:
        answer = urllib.request.urlopen(request, context=client._context)  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, json.loads(answer.read())


def test_a_client_secret_opens_both_doors(doors):
    clients = Clients(doors)
    clients.whole_path()
    clients.close()
    common = {"connection_verify": str(doors.ca_file)}
    with secret_credential(doors) as credential:
        with BatchManagementClient(
            credential,
            SUBSCRIPTION,
            base_url=doors.arm_url,
            credential_scopes=[doors.arm_scope],
            **common,
        ) as arm:
            assert [account.name for account in arm.batch_account.list()] == ["fleetbatch"]
        # azure-batch asks for its own scope, with two slashes, where none is given
        with BatchClient(doors.batch_url(ACCOUNT_ID), credential, **common) as batch:
            assert [pool.id for pool in batch.list_pools()] == ["render"]


def test_the_environment_is_enough(doors, monkeypatch):
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", doors.authority_url)
    monkeypatch.setenv("AZURE_TENANT_ID", doors.site.tenant)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(doors.ca_file))
    with EnvironmentCredential(disable_instance_discovery=True) as credential:
        token = credential.get_token(doors.arm_scope).token
    assert claims(token)["aud"].rstrip("/") == "https://management.azure.com"
    assert claims(token)["appid"] == CLIENT
    assert claims(token)["oid"] == entra.principal_of(CLIENT)


@pytest.mark.parametrize("environment", ["public", "china", "usgovernment"])
def test_every_cloud_has_tokens_for_its_own_audiences_alone(azure, environment):
    scopes = {profile.environment: profile.batch_scope for profile in clouds.PROFILES.values()}
    with (
        running(azure, environment=environment) as doors,
        secret_credential(doors) as credential,
    ):
        assert scopes[environment] == doors.batch_scope
        for name, scope in scopes.items():
            if name == environment:
                assert claims(credential.get_token(scope).token)["aud"] in scope
            else:
                with pytest.raises(ClientAuthenticationError, match="AADSTS500011"):
                    credential.get_token(scope)


def test_a_federated_assertion_is_taken_for_a_secret(doors):
    with ClientAssertionCredential(
        doors.site.tenant,
        CLIENT,
        lambda: "an.id.token",
        authority=doors.authority_url,
        disable_instance_discovery=True,
        connection_verify=str(doors.ca_file),
    ) as credential:
        assert claims(credential.get_token(doors.batch_scope).token)["tid"] == doors.site.tenant


def test_another_tenant_is_not_found(doors, client):
    other = "44444444-4444-4444-4444-444444444444"
    with (
        secret_credential(doors, tenant=other) as credential,
        pytest.raises(ClientAuthenticationError),
    ):
        credential.get_token(doors.arm_scope)
    status, body = asked(client, f"/{other}/v2.0/.well-known/openid-configuration")
    assert (status, body["error"], body["error_codes"]) == (400, "invalid_request", [90002])
    assert doors.site.tenant in body["error_description"]


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("https://graph.microsoft.com/.default", "AADSTS500011"),
        ("https://management.azure.com/user_impersonation", "AADSTS1002012"),
    ],
)
def test_a_wrong_scope_is_refused_as_entra_does(doors, scope, code):
    with (
        secret_credential(doors) as credential,
        pytest.raises(ClientAuthenticationError, match=code),
    ):
        credential.get_token(scope)


@pytest.mark.parametrize(
    ("form", "status", "error", "code"),
    [
        ({"client_id": CLIENT}, 401, "invalid_client", 7000218),
        ({"client_secret": SECRET}, 400, "invalid_request", 900144),
        ({"grant_type": "password", "client_id": CLIENT}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_what_is_missing_is_named(client, form, status, error, code):
    path = f"/{client.doors.site.tenant}/oauth2/v2.0/token"
    sent = {"grant_type": "client_credentials", "scope": client.doors.arm_scope, **form}
    got, body = asked(client, path, **sent)
    assert (got, body["error"], body["error_codes"]) == (status, error, [code])
    assert SECRET not in json.dumps(body)


def test_a_token_is_not_handed_out_on_get(client):
    status, body = asked(client, f"/{client.doors.site.tenant}/oauth2/v2.0/token")
    assert (status, body["error"]) == (400, "invalid_request")


def test_no_secret_is_logged(doors, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with secret_credential(doors) as credential:
        credential.get_token(doors.arm_scope)
        with pytest.raises(ClientAuthenticationError):
            credential.get_token("https://graph.microsoft.com/.default")
    ours = [
        record for record in caplog.records if record.name.startswith(("imagefleet", "uvicorn"))
    ]
    printed = "".join(record.getMessage() for record in ours) + "".join(capfd.readouterr())
    assert SECRET not in printed
    assert urllib.parse.quote_plus(SECRET) not in printed


def test_the_challenge_names_the_doors_themselves(client):
    status, _, headers = client.call(
        "GET", f"/subscriptions/{SUBSCRIPTION}", headers={"Authorization": None}
    )
    assert status == 401
    wanted = f'authorization_uri="{client.doors.authority_url}/{client.doors.site.tenant}"'
    assert wanted in headers["WWW-Authenticate"]


def test_every_refusal_is_in_the_page():
    codes = set(re.findall(r"AADSTS\d+", Path(entra.__file__).read_text(encoding="utf-8")))
    assert codes - {"AADSTS900144", "AADSTS900561"} <= set(re.findall(r"AADSTS\d+", PAGE))
