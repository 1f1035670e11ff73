"""Finishing from what a killed run of the Pulumi command left behind: locks and pending operations.

The command notes each operation before it asks the provider. A killed run may therefore have made
resources that its state knows only as pending; on Azure a person imports them, here they are
looked up in the simulated Azure, which keeps nothing half-done.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import EngineError
from imagefleet.offline.pulumi_cli import unanswered
from imagefleet.offline.pulumi_cli.home import PulumiHome
from imagefleet.offline.recover import (
    FAILED_REASON,
    Holder,
    failed_unnoticed,
    id_from_inputs,
    in_order,
    unfinished,
    wait_for,
)


def release_stale_locks(home: PulumiHome) -> None:
    """Release the state's lock if the command that holds it is gone; else `EngineError`."""
    locks = lock_holders(home)
    for lock in locks:
        if lock.alive:
            message = (
                f"a pulumi command (process {lock.process}) still works on the state of stack "
                f"'{home.workspace.stack}'; wait for it, or end it"
            )
            raise EngineError(message)
    if locks:
        home.administer("cancel", "--yes", "--stack", home.workspace.stack)


def lock_holders(home: PulumiHome) -> tuple[Holder, ...]:
    """Return who holds the lock of the stack's state; more than one only by an accident."""
    files = sorted((home.folder / "backend" / ".pulumi" / "locks").rglob("*"))
    return tuple(_holder(file.read_text("utf-8")) for file in files if file.is_file())


def _holder(text: str) -> Holder:
    try:
        lock = json.loads(text)
    except ValueError:
        # A command killed while it wrote its lock leaves a part of it, and this locks as well.
        lock = {}
    process = int(lock.get("pid") or 0)
    return Holder(
        process=process,
        who=f"{lock.get('username') or 'unknown'}@{lock.get('hostname') or 'unknown'}",
        since=str(lock.get("timestamp") or "unknown"),
        alive=bool(process) and _alive(process),
    )


def adopt_pending(home: PulumiHome) -> None:
    """Bring the state in line with the simulated Azure, pending operations included.

    What was made without being recorded becomes part of the state with its id, by way of
    `pulumi stack import`, and a refresh reads the rest. (`pulumi refresh --import-pending-creates`
    of 3.260 marks them as being imported, and its own refresh then drops them from the state.)
    """
    exported = unfinished_export(home)
    deployment = exported["deployment"]
    pending = deployment.pop("pending_operations", None)
    if pending:
        _wait_for(home, {**deployment, "pending_operations": pending})
        for resource in _made_but_unrecorded(home, deployment, pending):
            _record(deployment, resource)
        _import(home, exported)
        unanswered.forget(home)
    if deployment.get("resources"):
        home.administer("refresh", "--yes", "--skip-preview", "--stack", home.workspace.stack)
        _mark_failed(home)


def _wait_for(home: PulumiHome, deployment: Mapping[str, Any]) -> None:
    with contextlib.closing(SimulatedAzure(home.workspace.azure_store)) as azure:
        wait_for(unfinished(deployment, azure), azure)


def unfinished_export(home: PulumiHome) -> dict[str, Any]:
    """Return `pulumi stack export`, with the creations whose answer was lost among the pending."""
    exported = home.export()
    deployment = exported["deployment"]
    lost = unanswered.pending(home, deployment)
    if lost:
        deployment["pending_operations"] = [*(deployment.get("pending_operations") or ()), *lost]
    return exported


def _mark_failed(home: PulumiHome) -> None:
    """Note what the service shows as Failed, so that the next run puts it again."""
    exported = home.export()
    with contextlib.closing(SimulatedAzure(home.workspace.azure_store)) as azure:
        failed = failed_unnoticed(exported["deployment"], azure)
    for resource in failed:
        cast("dict[str, Any]", resource)["initErrors"] = [FAILED_REASON]
    if failed:
        _import(home, exported)


def _import(home: PulumiHome, exported: Mapping[str, Any]) -> None:
    file = home.folder / "import.json"
    file.write_text(json.dumps(exported), encoding="utf-8")
    home.administer("stack", "import", "--stack", home.workspace.stack, "--file", str(file))
    file.unlink()


def _record(deployment: dict[str, Any], made: Mapping[str, Any]) -> None:
    """Add a resource; one of the same URN was being replaced, and is gone or still to go."""
    kept = []
    for resource in deployment.get("resources") or ():
        if resource["urn"] == made["urn"] and not resource.get("delete"):
            if resource.get("pendingReplacement"):
                continue
            resource["delete"] = True
        kept.append(resource)
    deployment["resources"] = in_order(
        [*kept, made],
        urn=lambda each: str(each["urn"]),
        needs=_needs,
        going=lambda each: bool(each.get("delete")),
    )


def _needs(resource: Mapping[str, Any]) -> list[str]:
    """Return the URNs that a state must name before this resource, or `stack import` refuses it."""
    by_property = (resource.get("propertyDependencies") or {}).values()
    provider, _, _ = str(resource.get("provider") or "").rpartition("::")
    return [
        *(resource.get("dependencies") or ()),
        *(urn for urns in by_property for urn in urns or ()),
        *filter(None, (resource.get("parent"), provider, resource.get("deletedWith"))),
    ]


def _made_but_unrecorded(
    home: PulumiHome, deployment: Mapping[str, Any], pending: Sequence[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    inputs = {r["urn"]: r.get("inputs") or {} for r in deployment.get("resources") or ()}
    with contextlib.closing(SimulatedAzure(home.workspace.azure_store)) as azure:
        for operation in pending:
            resource = operation["resource"]
            if operation["type"] != "creating":
                continue
            # A resource whose id cannot be told is left to the next run to refuse by name.
            resource_id = id_from_inputs(resource, inputs)
            found = azure.read(resource["type"], resource_id) if resource_id else None
            if found is None:
                continue
            made = {**resource, "id": resource_id}
            yield made


def end_session(leader: int) -> None:
    """Kill what is left of the session that `leader` opened.

    The command gives its plugins process groups of their own, so a killed command leaves the
    language host behind; the session is what they still share.
    """
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid="],  # noqa: S607 the system's own
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    for pid in map(int, listing.split()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
