"""Where azure-identity's own credentials get their tokens: Microsoft Entra ID, on loopback.

Any application with any secret or client assertion is let in, because there is nothing to guard;
tenant and scope are held to what these doors have. Neither is written to a log or an answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import uuid4

from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.simulate import tokens
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import Site

_DISCOVERY = "/v2.0/.well-known/openid-configuration"
_TOKEN = "/oauth2/v2.0/token"  # noqa: S105 an address
_ADDRESS = re.compile(rf"/([^/]+)({re.escape(_DISCOVERY)}|{re.escape(_TOKEN)})", re.IGNORECASE)
_DEFAULT = "/.default"
_CLIENT = "client_credentials"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FIRST_CODE = re.compile(r"AADSTS(\d+)")


class _RefusedError(Exception):
    """A request that Entra ID refuses: OAuth's `error`, and Entra's text with its own code."""

    def __init__(self, error: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.error = error
        self.text = text
        self.status = status


def is_here(request: Request) -> bool:
    """Whether a request goes to Entra ID; such a request carries no token yet."""
    return _ADDRESS.fullmatch(request.path) is not None


def answer(site: Site, request: Request) -> Answer:
    """Describe the tenant (OpenID Connect Discovery), or hand out a token (RFC 6749, 4.4)."""
    match = _ADDRESS.fullmatch(request.path)
    tenant, where = (match[1], match[2].casefold()) if match else ("", "")
    try:
        _require_place(site, request, tenant, "POST" if where == _TOKEN else "GET")
        return _token(site, request) if where == _TOKEN else _described(site)
    except _RefusedError as refusal:
        return _refused(refusal)


def _require_place(site: Site, request: Request, tenant: str, method: str) -> None:
    if request.method != method:
        text = f"AADSTS900561: The endpoint only accepts {method} requests. Received a "
        raise _RefusedError("invalid_request", f"{text}{request.method} request.")
    if tenant.casefold() != site.tenant.casefold():
        text = f"AADSTS90002: Tenant '{tenant}' not found. These doors have '{site.tenant}'."
        raise _RefusedError("invalid_request", text)


def _described(site: Site) -> Answer:
    base = f"{site.base_url}/{site.tenant}"
    return Answer(
        body={
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}{_TOKEN}",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "tenant_region_scope": None,
            "cloud_instance_name": site.base_url.removeprefix("https://"),
        }
    )


def _token(site: Site, request: Request) -> Answer:
    given = _form(request)
    client = _client(given)
    lifetime = tokens.LIFETIME_SECONDS
    token = tokens.issue(
        _audience(site, given.get("scope", "")),
        site.tenant,
        int(time.time()) + lifetime,
        principal=principal_of(client),
        client=client,
    )
    body = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
    no_store = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
    return Answer(body={**body, "access_token": token}, headers=no_store)


def principal_of(client_id: str) -> str:
    """Return the object id of an application's service principal, the same each time."""
    return stable_guid(client_id.casefold(), "service principal")


def _form(request: Request) -> Mapping[str, str]:
    text = request.body.decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(text).items()}


def _client(given: Mapping[str, str]) -> str:
    """Return the id of the application that asks; raises `_RefusedError` where it is not one."""
    grant = given.get("grant_type", "")
    if grant != _CLIENT:
        text = f"AADSTS70003: The app requested an unsupported grant type '{grant}'. These doors "
        raise _RefusedError("unsupported_grant_type", f"{text}know {_CLIENT} alone.")
    client = given.get("client_id", "")
    if not client:
        text = "AADSTS900144: The request body must contain the following parameter: 'client_id'."
        raise _RefusedError("invalid_request", text)
    asserted = given.get("client_assertion") and given.get("client_assertion_type") == _ASSERTION
    if not given.get("client_secret") and not asserted:
        text = "AADSTS7000218: The request body must contain the following parameter: "
        text += "'client_assertion' or 'client_secret'."
        raise _RefusedError("invalid_client", text, status=401)
    return client


def _audience(site: Site, scope: str) -> str:
    """Return the resource of a scope; `_RefusedError` where it is none of these doors."""
    scopes = [each for each in scope.split() if each not in {"openid", "profile", "offline_access"}]
    if len(scopes) != 1 or not scopes[0].endswith(_DEFAULT):
        text = f"AADSTS1002012: The provided value for scope {scope} is not valid. Client "
        text += "credential flows must have a scope value with /.default suffixed to the resource "
        raise _RefusedError("invalid_scope", f"{text}identifier (application ID URI).")
    resource = scopes[0].removesuffix(_DEFAULT)
    known = site.audiences
    if resource.rstrip("/") not in {audience.rstrip("/") for audience in known}:
        text = f"AADSTS500011: The resource principal named {resource} was not found in the tenant "
        text += f"named {site.tenant}. These doors have {', '.join(known)}."
        raise _RefusedError("invalid_resource", text)
    return resource


def _refused(refusal: _RefusedError) -> Answer:
    trace = str(uuid4())
    found = _FIRST_CODE.match(refusal.text)
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return Answer(
        status=refusal.status,
        body={
            "error": refusal.error,
            "error_description": f"{refusal.text} Trace ID: {trace} Timestamp: {moment}",
            "error_codes": [int(found[1])] if found else [],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": trace,
        },
    )
