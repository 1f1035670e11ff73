"""Who asks: one chain of azure-identity's credentials, with the authority of the stack's cloud.

Shared keys have no part in it (D21, D22).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import TokenCredential
from azure.identity import (
    AzureCliCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from imagefleet.live.endpoints import Endpoints

# The doors of a simulated Azure take any application with any secret.
_SIMULATED_CLIENT = "00000000-0000-4000-8000-0000000000c1"
_ENVIRONMENT = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
_WORKLOAD = (*_ENVIRONMENT, "AZURE_FEDERATED_TOKEN_FILE")
# Where the platform offers a managed identity; elsewhere asking for one costs seconds.
_MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMAGEFLEET_MANAGED_IDENTITY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who the token of a credential speaks for; None for what it does not say."""

    object_id: str | None
    tenant: str | None


def credential(endpoints: Endpoints) -> TokenCredential:
    """The credential for `endpoints`: environment, workload or managed identity, then Azure CLI.

    At a simulated Azure, an application of its tenant. A machine of Azure outside App Service and
    its like sets IMAGEFLEET_MANAGED_IDENTITY=1 to have its identity asked for.
    """
    if endpoints.simulated:
        return ClientSecretCredential(
            endpoints.tenant or "",
            _SIMULATED_CLIENT,
            "simulated",
            authority=endpoints.authority,
            disable_instance_discovery=True,
            connection_verify=str(endpoints.ca_file),
        )
    links: list[TokenCredential] = [EnvironmentCredential(authority=endpoints.authority)]
    if all(os.environ.get(name) for name in _WORKLOAD):
        links.append(WorkloadIdentityCredential(authority=endpoints.authority))
    if any(os.environ.get(name) for name in _MANAGED):
        links.append(ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID")))
    links.append(AzureCliCredential())
    return ChainedTokenCredential(*links)


def caller_of(token: str) -> Caller:
    """Who an access token speaks for, by its claims; nothing is verified, it is our own token."""
    claims: dict[str, Any] = {}
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        claims = found if isinstance(found, dict) else {}
    except (IndexError, ValueError, binascii.Error):
        pass
    return Caller(object_id=_text(claims.get("oid")), tenant=_text(claims.get("tid")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
