"""Bearer tokens that only these doors accept: unsigned, local, checked as Azure checks them.

Audience, tenant and expiry are checked; there is no signature because there is nothing to guard:
the doors stand on loopback and hold made-up resources. A real token is refused (other tenant),
so one that is sent here by mistake is not taken as a matter of course.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from imagefleet.offline.model import AzureError

LIFETIME_SECONDS = 3600
# The object id of whoever comes with a `LocalCredential`.
CALLER = "00000000-0000-4000-8000-000000000001"
_PARTS = 3


class AccessToken(NamedTuple):
    """A token in the form that the Azure SDK for Python expects of a credential."""

    token: str
    expires_on: int


class LocalCredential:
    """A credential for the doors of one tenant; satisfies azure-core's `TokenCredential`."""

    def __init__(self, tenant: str, lifetime_seconds: int = LIFETIME_SECONDS) -> None:
        self._tenant = tenant
        self._lifetime = lifetime_seconds

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """Return a token for the resource of the first scope."""
        expires = int(time.time()) + self._lifetime
        audience = scopes[0].removesuffix("/.default")
        return AccessToken(issue(audience, self._tenant, expires), expires)

    def close(self) -> None:
        """Nothing is held open."""


def issue(
    audience: str, tenant: str, expires: int, *, principal: str = CALLER, client: str = ""
) -> str:
    """Return an unsigned token (RFC 7519, section 6) for one resource and tenant.

    `principal` is the object id of the caller, `client` the application's id.
    """
    claims = {
        "aud": audience,
        "tid": tenant,
        "iss": f"https://localhost/{tenant}/",
        "oid": principal,
        "sub": principal,
        "exp": expires,
    }
    if client:
        claims |= {"appid": client, "idtyp": "app"}
    head = _encoded({"alg": "none", "typ": "JWT"})
    return f"{head}.{_encoded(claims)}."


def require(header: str | None, audiences: Iterable[str], tenant: str) -> None:
    """Check an `Authorization` header; raises `AzureError` with the status 401."""
    if not header:
        message = "Authentication failed. The 'Authorization' header is missing."
        raise AzureError("AuthenticationFailed", message, status=401)
    scheme, _, text = header.partition(" ")
    if scheme.casefold() != "bearer":
        message = (
            f"The specified type of authentication {scheme} is not allowed; use a bearer token of "
            "Microsoft Entra ID"
        )
        raise AzureError("AuthenticationFailed", message, status=401)
    claims = _claims(text.strip())
    wanted = sorted({audience.rstrip("/") for audience in audiences})
    given = str(claims.get("aud", "")).rstrip("/")
    if given not in wanted:
        message = (
            f"The access token has been obtained for wrong audience or resource '{given}'. It "
            f"should exactly match with one of the allowed audiences '{', '.join(wanted)}'."
        )
        raise AzureError("InvalidAuthenticationTokenAudience", message, status=401)
    if claims.get("tid") != tenant:
        message = (
            f"The access token is from the wrong tenant '{claims.get('tid')}'. It must match the "
            f"tenant '{tenant}' of the simulated subscriptions."
        )
        raise AzureError("InvalidAuthenticationTokenTenant", message, status=401)
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires < time.time():
        message = "The access token has expired. Ask for a new one."
        raise AzureError("ExpiredAuthenticationToken", message, status=401)


def challenge(tenant: str, base_url: str) -> Mapping[str, str]:
    """Return the header that tells a client where tokens are had: at these doors themselves."""
    address = f"{base_url}/{tenant}"
    return {
        "WWW-Authenticate": f'Bearer authorization_uri="{address}", error="invalid_token", '
        'error_description="The authentication failed."'
    }


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _claims(text: str) -> Mapping[str, Any]:
    parts = text.split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, binascii.Error):
        found = None
    if len(parts) != _PARTS or not isinstance(found, dict):
        message = "The access token is invalid: it is not a JSON web token."
        raise AzureError("InvalidAuthenticationToken", message, status=401)
    return found
