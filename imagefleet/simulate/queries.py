"""What a request asks for in its query: nothing that is not understood is passed over."""

from __future__ import annotations

from collections.abc import Collection

from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.messages import Request

PAGES = frozenset({"$skiptoken"})
TOP = frozenset({"$skiptoken", "$top"})
MAX_RESULTS = frozenset({"$skiptoken", "maxresults"})
SELECT = "$select"
# How long a service may take for an answer (Batch REST API) does not matter to one given at once.
_ALWAYS = frozenset({"api-version", "timeout"})


def require_known(request: Request, known: Collection[str]) -> None:
    """Refuse the first option, in alphabetical order, that is not `known`; "" counts as none."""
    for name in sorted(request.query.keys() - _ALWAYS - {*known}):
        if request.query[name].strip():
            what = f"'{name}={request.query[name]}' of '{request.method} {request.path}'"
            allowed = ", ".join(sorted({*known} - PAGES)) or "no option"
            raise not_supported(f"{what} (known here: {allowed})")


def selected(request: Request, known: Collection[str]) -> frozenset[str] | None:
    """Return the properties that `$select` names, None for all of them.

    Raises `AzureError` for a property that is not `known`.
    """
    text = request.query.get(SELECT, "")
    wanted = frozenset(name.strip() for name in text.split(",") if name.strip())
    strange = sorted(wanted - {*known})
    if strange:
        allowed = ", ".join(sorted(known))
        raise not_supported(f"'{SELECT}={strange[0]}' (known here: {allowed})")
    return wanted or None
