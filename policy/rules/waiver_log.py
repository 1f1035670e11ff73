"""What each exemption of a run was good for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from rules.exemptions import Exemption


class WaiverLog:
    """The exemptions of a run, and the resources for which each mattered; safe for threads."""

    def __init__(self, rule_ids: Collection[str] = ()) -> None:
        self.rule_ids = frozenset(rule_ids)
        self.entries: tuple[Exemption, ...] = ()
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], tuple[str, Exemption]] = {}

    def used(self, urns: Container[str]) -> Mapping[Exemption, list[str]]:
        """Return, per exemption, the URNs to report among `urns` for which it mattered."""
        found: dict[Exemption, list[str]] = {}
        for (_, urn), (reported_at, entry) in list(self._used.items()):
            if urn in urns:
                found.setdefault(entry, []).append(reported_at)
        return found

    def note(self, rule_id: str, urn: str, *, reported_at: str, entry: Exemption | None) -> None:
        """Remember which exemption, if any, was about what a rule said of a resource."""
        key = (rule_id, urn)
        if entry is None and key not in self._used:
            return
        with self._lock:
            if entry is None:
                self._used.pop(key, None)
            else:
                self._used[key] = (reported_at, entry)
