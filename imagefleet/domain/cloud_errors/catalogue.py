"""The whole catalogue: access, images, pools, deployments, and what is only of the moment."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from imagefleet.domain.cloud_errors import access, deployments, images, interruptions, pools
from imagefleet.domain.cloud_errors.model import KnownError

CATALOGUE: Final = (
    *access.ERRORS,
    *images.ERRORS,
    *pools.ERRORS,
    *deployments.ERRORS,
    *interruptions.ERRORS,
)

_BY_NAME: Final[Mapping[str, KnownError]] = MappingProxyType(
    {name.lower(): error for error in CATALOGUE for name in error.names}
)


def named(name: str) -> KnownError | None:
    """The error of that id or code, in any case, or None."""
    return _BY_NAME.get(name.strip().lower())


def nearest(name: str) -> str | None:
    """The known id or code that a misspelt one may have meant."""
    close = difflib.get_close_matches(name.strip().lower(), _BY_NAME, n=1, cutoff=0.75)
    if not close:
        return None
    error = _BY_NAME[close[0]]
    return next(name for name in error.names if name.lower() == close[0])
