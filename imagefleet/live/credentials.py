"""Who asks: one chain of azure-identity's credentials, with the authority of the stack's cloud.

Shared keys have no part in it (D21, D22).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.identity import (
    AzureCliCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from imagefleet.live.endpoints import Endpoints
from imagefleet.live.patience import BoundedRetryPolicy, Patience, StoppableTransport

# The doors of a simulated Azure take any application with any secret.
_SIMULATED_CLIENT = "00000000-0000-4000-8000-0000000000c1"
# The clients ask for another token when one has five minutes left (azure-core,
# BearerTokenCredentialPolicy): kept longer, the old one would be handed out again.
_LAST_SECONDS = 300
# The claim `idtyp` of an access token (Microsoft identity platform, optional claims).
_KINDS = {"user": "User", "app": "ServicePrincipal"}
_ENVIRONMENT = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
_WORKLOAD = (*_ENVIRONMENT, "AZURE_FEDERATED_TOKEN_FILE")
# Where the platform offers a managed identity; elsewhere asking for one costs seconds.
_MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMAGEFLEET_MANAGED_IDENTITY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who the token of a credential speaks for; None for what it does not say.

    `kind` is Azure's word for a principal of that kind, `User` or `ServicePrincipal`.
    """

    object_id: str | None
    tenant: str | None
    kind: str | None = None


class OneAtATime:
    """A credential that is asked by one thread at a time, and whose tokens are kept.

    A dozen clients that all need a token would else start a dozen processes of Azure CLI. Whoever
    waits while another is refused the same is refused with it: the answer would be no other.
    """

    def __init__(self, asked: TokenCredential) -> None:
        self._asked = asked
        self._lock = threading.Lock()
        self._tokens: dict[tuple[object, ...], AccessToken] = {}
        self._refusals: dict[tuple[object, ...], Exception] = {}
        self._tries: Counter[tuple[object, ...]] = Counter()

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **more: Any,
    ) -> AccessToken:
        """A token for `scopes`; raises what the credential raises."""
        key = (scopes, tenant_id, enable_cae)
        tries = self._tries[key]
        with self._lock:
            known = self._tokens.get(key)
            # New claims mean that the service takes the old token no more.
            if known is not None and claims is None and _lasts(known):
                return known
            if self._tries[key] > tries and key in self._refusals:
                raise self._refusals[key]
            try:
                token = self._asked.get_token(
                    *scopes, claims=claims, tenant_id=tenant_id, enable_cae=enable_cae, **more
                )
            except Exception as error:
                self._refusals[key] = error
                raise
            finally:
                self._tries[key] += 1
            self._refusals.pop(key, None)
            self._tokens[key] = token
            return token

    def close(self) -> None:
        """Close the credential."""
        close = getattr(self._asked, "close", None)
        if close is not None:
            close()


def credential(
    endpoints: Endpoints,
    *,
    patience: Patience | None = None,
    stop: threading.Event | None = None,
) -> OneAtATime:
    """The credential for `endpoints`: environment, workload or managed identity, then Azure CLI.

    At a simulated Azure, an application of its tenant. A machine of Azure outside App Service and
    its like sets IMAGEFLEET_MANAGED_IDENTITY=1 to have its identity asked for, with the patience
    that azure-identity has for it: it knows how long that takes to come up.
    """
    waits = patience or Patience()
    ended = stop or threading.Event()

    def settings() -> dict[str, Any]:
        trusted = {} if endpoints.ca_file is None else {"connection_verify": str(endpoints.ca_file)}
        return {
            "authority": endpoints.authority,
            "retry_policy_class": lambda **_: BoundedRetryPolicy(waits),
            "transport": StoppableTransport(waits, ended, **trusted),
        }

    if endpoints.simulated:
        simulated = ClientSecretCredential(
            endpoints.tenant or "",
            _SIMULATED_CLIENT,
            "simulated",
            disable_instance_discovery=True,
            **settings(),
        )
        return OneAtATime(simulated)
    links: list[TokenCredential] = [EnvironmentCredential(**settings())]
    if all(os.environ.get(name) for name in _WORKLOAD):
        links.append(WorkloadIdentityCredential(**settings()))
    if any(os.environ.get(name) for name in _MANAGED):
        links.append(ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID")))
    links.append(AzureCliCredential(process_timeout=round(waits.read)))
    return OneAtATime(ChainedTokenCredential(*links))


def caller_of(token: str) -> Caller:
    """Who an access token speaks for, by its claims; nothing is verified, it is our own token."""
    claims: dict[str, Any] = {}
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        claims = found if isinstance(found, dict) else {}
    except (IndexError, ValueError, binascii.Error):
        pass
    return Caller(
        object_id=_text(claims.get("oid")),
        tenant=_text(claims.get("tid")),
        kind=_KINDS.get(str(claims.get("idtyp", "")).lower()),
    )


def _lasts(token: AccessToken) -> bool:
    return token.expires_on - time.time() > _LAST_SECONDS


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
