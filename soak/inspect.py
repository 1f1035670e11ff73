"""What must hold after everything: the state and the simulated Azure know the same resources."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.engine import Workspace
from imagefleet.offline.store import key_of

# What says when something was done, or how often.
_TIMES = frozenset(
    {
        "allocationStateTransitionTime",
        "createdOn",
        "creationTime",
        "etag",
        "lastModified",
        "provisioningStateTransitionTime",
        "publishedDate",
        "timeCreated",
        "updatedOn",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Resources lost (in the state, not in Azure), orphaned (the reverse) or there twice.

    `damage` is what SQLite finds wrong with its file, `unfinished` what the state still has to do.
    """

    lost: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    damage: str = ""

    @property
    def none(self) -> bool:
        """Whether nothing is lost, orphaned, there twice, unfinished or damaged."""
        return self == Losses()


def inspect(workspace: Workspace) -> Losses:
    """Compare the embedded engine's state with the simulated Azure's file."""
    exported = Deployment.load(workspace.state_dir / "embedded").export()
    return compare(exported, workspace.azure_store)


def compare(exported: Mapping[str, Any], store: Path) -> Losses:
    """Compare a state in the form of `pulumi stack export` with the simulated Azure's file."""
    deployment = exported["deployment"]
    resources: list[dict[str, Any]] = [
        each
        for each in deployment.get("resources") or ()
        if each["type"].startswith("azure-native:")
    ]
    # What is pending replacement is deleted already, and its state waits for the new one.
    there = [each for each in resources if not each.get("pendingReplacement")]
    known = Counter(key_of(each.get("id") or each["urn"]) for each in there)
    names = Counter(each["urn"] for each in resources if not each.get("delete"))
    made, damage = _made(store)
    doubled = [key for key, count in (known + names).items() if count > 1]
    waiting = [each["urn"] for each in resources if _is_waiting(each)]
    waiting += [each["resource"]["urn"] for each in deployment.get("pending_operations") or ()]
    return Losses(
        lost=tuple(sorted(known.keys() - made)),
        orphaned=tuple(sorted(made - known.keys())),
        duplicated=tuple(sorted(doubled)),
        unfinished=tuple(sorted(waiting)),
        damage=damage,
    )


def _is_waiting(resource: dict[str, Any]) -> bool:
    return any(resource.get(key) for key in ("delete", "pendingReplacement", "initErrors"))


def _made(store: Path) -> tuple[set[str], str]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        keys = {row[0] for row in connection.execute("SELECT key FROM resources")}
    return keys, "" if found == "ok" else str(found)


def contents(store: Path) -> dict[str, Any]:
    """Return what the simulated Azure holds, by folded id, apart from what time and chance make."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        rows = connection.execute("SELECT key, state FROM resources").fetchall()
    return {key: _timeless(json.loads(state)) for key, state in rows}


def different(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of resources that are not as an undisturbed run has made them."""
    both = made.keys() | wanted.keys()
    return tuple(sorted(key for key in both if made.get(key) != wanted.get(key)))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in _TIMES}
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    return value
