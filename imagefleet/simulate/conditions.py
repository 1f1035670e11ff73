"""Conditional requests (RFC 9110, section 13), held alike by ARM and by the Batch data plane.

Batch documents the two dates for writes as well: a pool is changed only if it was, or was not,
changed since. HTTP has whole seconds, so what lies within one is not told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from imagefleet.offline.model import AzureError
from imagefleet.offline.values import Properties
from imagefleet.simulate.messages import READS, Request

ANY = "*"
NOT_MODIFIED = 304
_FAILED = 412


class NotModifiedError(Exception):
    """The answer to a conditional read of what has not changed: 304, with what it is known by."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a state of a resource is known by: its ETag and when it was made, "" and None for none.

    The time is in UTC, cut to the second.
    """

    etag: str = ""
    modified: datetime | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell a client of them."""
        found = {"ETag": self.etag} if self.etag else {}
        if self.modified is not None:
            found["Last-Modified"] = format_datetime(self.modified, usegmt=True)
        return found


def validators(outputs: Properties) -> Validators:
    """Return what the model's outputs of a resource (or a body told of one) are known by.

    A told time that is none is no validator: anything may be told.
    """
    return Validators(
        etag=str(outputs.get("etag") or ""), modified=_moment(outputs.get("lastModified"))
    )


def _moment(told: object) -> datetime | None:
    try:
        found = None if told is None else datetime.fromisoformat(str(told)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if found is None else found.replace(microsecond=0)


def require(request: Request, there: Validators | None, what: str, code: str) -> None:
    """Hold a request to its conditions; `there` is None where the resource is not there.

    Raises `AzureError` with `code` (412) where one is not met, `NotModifiedError` where a read
    asks for what has changed and it has not. A date that is none is no condition, as HTTP has it.
    """
    if not _may_go_on(request, there):
        raise _not_met(there, what, code)
    if _is_new(request, there):
        return
    if request.method in READS and there is not None:
        raise NotModifiedError(there.headers)
    raise _not_met(there, what, code)


def _may_go_on(request: Request, there: Validators | None) -> bool:
    """Whether the resource is still what the client has: `If-Match`, or else the date."""
    match = request.headers.get("if-match")
    if match is not None:
        return _matches(match, there)
    since = _date(request.headers.get("if-unmodified-since"))
    if since is None or there is None or there.modified is None:
        return True
    return there.modified <= since


def _is_new(request: Request, there: Validators | None) -> bool:
    """Whether the resource is not what the client has: `If-None-Match`, or else the date."""
    none_match = request.headers.get("if-none-match")
    if none_match is not None:
        return not _matches(none_match, there)
    since = _date(request.headers.get("if-modified-since"))
    if since is None or there is None or there.modified is None:
        return True
    return there.modified > since


def _matches(header: str, there: Validators | None) -> bool:
    if there is None:
        return False
    if header.strip() == ANY:
        return True
    return there.etag in {part.strip() for part in header.split(",")} - {""}


def _date(header: str | None) -> datetime | None:
    try:
        found = None if header is None else parsedate_to_datetime(header)
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _not_met(there: Validators | None, what: str, code: str) -> AzureError:
    if there is None:
        state = "it is not there"
    else:
        changed = "" if there.modified is None else f", last changed {there.modified:%FT%TZ}"
        state = f"its ETag is {there.etag or 'none'}{changed}"
    message = f"the condition of the request is not met by '{what}': {state}"
    return AzureError(code, message, status=_FAILED, target=what)
