"""How many addresses a subnet has for nodes."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

RESERVED_ADDRESSES: Final = 5
"""Addresses of every subnet that Azure keeps (Azure documentation, Virtual Network FAQ)."""


def addresses(prefixes: Iterable[str]) -> int | None:
    """The IPv4 addresses for nodes of a subnet with these prefixes; None where it shows none.

    A prefix that stands there twice counts once; what is no prefix, or one of IPv6, counts nothing.
    """
    networks = [_network(prefix) for prefix in dict.fromkeys(prefixes)]
    counts = [each.num_addresses for each in networks if isinstance(each, ipaddress.IPv4Network)]
    return max(0, sum(counts) - RESERVED_ADDRESSES) if counts else None


def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError:
        return None
