"""Why something could not be read: what every exception of Azure's clients comes to, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

_UNKNOWN_CALLER, _FORBIDDEN, _MISSING, _THROTTLED = 401, 403, 404, 429
_REPEATED = frozenset({500, 502, 503, 504})
_LONGEST = 300
# What a message of the service must never carry on: signatures of URLs, and tokens.
_SECRETS = re.compile(
    r"(?i)(?<![a-z])(sig|se|sp|sv|skoid|accountkey|sharedaccesskey|client_secret|access_token|"
    r"password)=[^&\s;'\"]+|bearer\s+[\w.~+/-]+=*|eyJ[\w-]+\.[\w-]+\.[\w-]*"
)


# What an answer of a shape that nobody expects comes to, beside the errors of the clients.
ANSWER_ERRORS = (AzureError, LookupError, TypeError, ValueError, AttributeError)


# Not frozen: Python writes the traceback of every exception that passes a context manager.
@dataclass(slots=True, eq=False)
class Unreadable(Exception):  # noqa: N818 it is an answer as good as any other
    """One thing that could not be read: `what` it is, and `why`, in words without secrets.

    `missing` means that the service says it is not there, `denied` that the caller may not look.
    `code` is the service's own.
    """

    what: str
    why: str
    code: str = ""
    missing: bool = False
    denied: bool = False

    def __str__(self) -> str:
        return f"{self.what} could not be read: {self.why}"


def unreadable(what: str, error: Exception) -> Unreadable:
    """Return why `what` could not be read."""
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        return _refused(what, error)
    if isinstance(error, ClientAuthenticationError):
        why = f"nobody could sign in: {clean(error.message)}"
        return Unreadable(what, why, "SignIn", denied=True)
    if isinstance(error, ServiceResponseError):
        return Unreadable(what, f"the answer did not come: {clean(error.message)}", "NoAnswer")
    if isinstance(error, ServiceRequestError):
        return Unreadable(what, f"the service was not reached: {clean(error.message)}", "NoService")
    if isinstance(error, AzureError):
        return Unreadable(what, clean(error.message), type(error).__name__)
    said = clean(f"{type(error).__name__}: {error}")
    return Unreadable(what, f"its answer was not understood ({said})", type(error).__name__)


def clean(text: str) -> str:
    """A message of a service on one line, not too long, without signatures and tokens."""
    plain = _SECRETS.sub("[hidden]", " ".join(text.split()))
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def _refused(what: str, error: HttpResponseError) -> Unreadable:
    status = error.status_code or 0
    inner = error.error
    code = str(getattr(inner, "code", "") or "")
    said = str(getattr(inner, "message", "") or "") or error.reason or ""
    detail = clean(f"{code}: {said}" if code and code not in said else said)
    if status == _MISSING:
        return Unreadable(what, f"it is not there ({detail})", code, missing=True)
    if status in (_UNKNOWN_CALLER, _FORBIDDEN):
        return Unreadable(what, f"the caller may not ({detail})", code, denied=True)
    if status == _THROTTLED:
        why = f"the service is asked too much, also after waiting ({detail})"
    elif status in _REPEATED:
        why = f"the service failed with {status}, also when asked again ({detail})"
    else:
        why = f"the service refused with {status} ({detail})"
    return Unreadable(what, why, code)
