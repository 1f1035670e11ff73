"""Creations whose answer was lost: the service has done them, and the command's state forgets them.

The command drops an operation that ends in an error, whatever the error is. After a connection that
broke the resource may exist all the same, in no state, and the next run is refused because it does.
What the run's events say of such a creation is kept in a file until `recover` has taken it in.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import EngineError, EngineEvent
from imagefleet.offline.pulumi_cli.home import PulumiHome
from imagefleet.offline.recover import id_from_inputs
from imagefleet.offline.store import key_of

_CREATIONS = frozenset({"create", "create-replacement"})
_KEPT = ("urn", "type", "custom", "parent", "protect", "inputs", "provider")
# What the service says where somebody else made the resource: nothing of ours is lost then.
_NOT_OURS = "already existing resource"


class FailedCreations:
    """Gathers from a run's events the creations of Azure resources that ended in an error."""

    def __init__(self) -> None:
        self._failed: dict[str, dict[str, Any]] = {}
        self._refused: set[str] = set()

    def add(self, event: EngineEvent) -> None:
        """Take the next event."""
        if "resOpFailedEvent" in event:
            step = event["resOpFailedEvent"]["metadata"]
            if step["op"] in _CREATIONS and step["type"].startswith("azure-native:"):
                new = step.get("new") or {}
                self._failed[step["urn"]] = {key: new[key] for key in _KEPT if new.get(key)}
        message = event.get("diagnosticEvent") or {}
        if message.get("urn") and _NOT_OURS in message.get("message", ""):
            self._refused.add(message["urn"])

    def unanswered(self) -> list[dict[str, Any]]:
        """Return the resources, in the form of a state, whose creation nobody refused."""
        return [each for urn, each in self._failed.items() if urn not in self._refused]


def keep(home: PulumiHome, failed: FailedCreations) -> None:
    """Write down which failed creations the service has done without the state knowing."""
    candidates = failed.unanswered()
    if not candidates:
        return
    deployment = home.export()["deployment"]
    made = [each for each, _ in _made(home, deployment, candidates)]
    if made:
        kept = {each["urn"]: each for each in [*_read(home), *made]}
        _file(home).write_text(json.dumps(list(kept.values())), encoding="utf-8")


def forget(home: PulumiHome) -> None:
    """Drop what was kept: the state has it now, or it is gone."""
    _file(home).unlink(missing_ok=True)


def pending(home: PulumiHome, deployment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is kept and in no state, as the pending operations of a deployment."""
    return [
        {"type": "creating", "resource": {**each, "dependencies": _dependencies(deployment, found)}}
        for each, found in _made(home, deployment, _read(home))
    ]


def _made(
    home: PulumiHome, deployment: Mapping[str, Any], candidates: Iterable[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Yield the candidates that exist and are in no state, each with its id and inputs."""
    resources = deployment.get("resources") or ()
    inputs = {each["urn"]: each.get("inputs") or {} for each in resources}
    known = {key_of(str(each.get("id") or "")) for each in resources}
    with contextlib.closing(SimulatedAzure(home.workspace.azure_store)) as azure:
        for each in candidates:
            resource_id = id_from_inputs(each, inputs)
            if not resource_id or key_of(resource_id) in known:
                continue
            found = azure.read(each["type"], resource_id)
            if found is not None:
                yield each, {"id": found.id, "inputs": each.get("inputs") or {}}


def _dependencies(deployment: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """Return what a resource is nested in or names, so that it is deleted before that.

    The events do not tell dependencies; the next `up` writes those of the program.
    """
    own, named = key_of(made["id"]), json.dumps(made["inputs"]).casefold()
    return [
        each["urn"]
        for each in deployment.get("resources") or ()
        if each["type"].startswith("azure-native:")
        and (key := key_of(str(each.get("id") or "")))
        and (own.startswith(f"{key}/") or f'"{key}"' in named)
    ]


def _read(home: PulumiHome) -> list[dict[str, Any]]:
    file = _file(home)
    if not file.exists():
        return []
    try:
        kept: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        message = (
            f"{file} is no JSON any more ({error}); it lists what was made without an answer: "
            "remove it, and import what 'imagefleet recover' shows to be in no state by hand"
        )
        raise EngineError(message) from error
    return kept


def _file(home: PulumiHome) -> Path:
    return home.folder / "unanswered.json"
