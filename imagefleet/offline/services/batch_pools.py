"""Microsoft.Batch: pools, and the nodes that come up in them.

What a pool runs can only change while it has no node; scale, start task, packages and metadata at
any time, the scale not during a resize. Everything about nodes is `allocation`'s arithmetic.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from imagefleet.domain import arm_ids, naming
from imagefleet.domain.allocation import CREATING_MINUTES, Resize
from imagefleet.domain.pool_updates import ANY_TIME, ZERO_NODES
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError, PoolProgress
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, at
from imagefleet.offline.services import pool_image, pool_scale, quota
from imagefleet.offline.services.batch_accounts import invalid
from imagefleet.offline.services.identities import identities
from imagefleet.offline.store import Record, Transaction
from imagefleet.offline.values import Properties

_DEFAULTS: Properties = {
    "interNodeCommunication": "Disabled",
    "taskSlotsPerNode": 1,
    "taskSchedulingPolicy": {"nodeFillType": "Spread"},
}


_NETWORK: Properties = {
    "dynamicVnetAssignmentScope": "none",
    "enableAcceleratedNetworking": False,
}


def _put(put: Put) -> Outcome:
    wrong = naming.pool_id_fault(put.name)
    if wrong:
        message = f"the pool id '{put.name}' {wrong}"
        raise invalid(message, "poolName")
    account = put.transaction.get(put.id.rsplit("/", 2)[0])
    pool_scale.require_limits(put, account)
    quota.require_pool(put, account)
    image = pool_image.require_image(put, account)
    scale, targets = pool_scale.scale_settings(put)
    shown = identities(put, invalid)
    body = {**_DEFAULTS, **put.body, "scaleSettings": scale}
    fingerprint = _fingerprints(put, body)
    before = _resize(put.old)
    _refuse_updates(put, fingerprint, before)
    granted = quota.granted(put, account, targets.dedicated, targets.low_priority)
    resize = _next_resize(put, before, targets, image, granted)
    derived: Properties = {
        **_DEFAULTS,
        **{name: put.body[name] for name in _DEFAULTS if name in put.body},
        **shown,
        "scaleSettings": scale,
        "creationTime": clock.timestamp(put.now if put.old is None else put.old.created),
        "lastModified": clock.timestamp(put.now),
        "provisioningStateTransitionTime": clock.timestamp(
            put.now if put.old is None else put.old.created
        ),
        "etag": _etag(put, fingerprint),
        "currentNodeCommunicationMode": "Simplified",
    }
    network = put.body.get("networkConfiguration")
    if network is not None:
        derived["networkConfiguration"] = {**_NETWORK, **network}
    deallocation = at(put.body, "scaleSettings", "fixedScale", "nodeDeallocationOption")
    internal: Properties = {
        "resize": resize.plain(),
        "fingerprints": fingerprint,
        "deallocation": deallocation or "Requeue",
    }
    links = (image.version_id,) if image.version_id else ()
    return Outcome(derived=derived, internal=internal, links=links)


def _fingerprints(put: Put, body: Properties) -> Properties:
    """Return a digest of every property, secrets included, without keeping any secret.

    What a PATCH leaves alone keeps its digest: its secrets are not known any more.
    """
    made = {
        name: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
        for name, value in sorted(body.items())
    }
    if put.patched is None or put.old is None:
        return made
    before: Properties = put.old.internal["fingerprints"]
    kept = {name: text for name, text in before.items() if name not in put.patched}
    return {**kept, **{name: text for name, text in made.items() if name in put.patched}}


def _etag(put: Put, fingerprint: Properties) -> str:
    revision = 1 if put.old is None else put.old.revision + 1
    text = json.dumps([put.id.casefold(), revision, fingerprint])
    return f'W/"0x{hashlib.sha256(text.encode()).hexdigest()[:15].upper()}"'


def _refuse_updates(put: Put, fingerprint: Properties, before: Resize | None) -> None:
    """Refuse a change that Batch does not make to a pool that has nodes, or to any pool."""
    if put.old is None or before is None:
        return
    earlier = put.old.internal["fingerprints"]
    changed = sorted(
        name for name in {*earlier, *fingerprint} if earlier.get(name) != fingerprint.get(name)
    )
    nodes = before.allocated(put.now)
    for name in changed:
        if name in ANY_TIME or (name in ZERO_NODES and nodes == 0):
            continue
        rule = (
            f"it can only be updated while the pool has no node, and it has {nodes}; resize the "
            "pool to 0 first, or make a new pool"
            if name in ZERO_NODES
            else "it is fixed when the pool is made; make a new pool"
        )
        message = (
            f"a property that cannot be updated was specified as part of the request: "
            f"PropertyName {name}, PropertyPath properties.{name}; {rule}"
        )
        raise AzureError("PropertyCannotBeUpdated", message, status=409, target=name)


def _next_resize(
    put: Put,
    before: Resize | None,
    targets: pool_scale.Targets,
    image: pool_image.Image,
    granted: quota.Granted,
) -> Resize:
    """Return the resize that this put begins, or the one that goes on."""
    if before is not None and put.patched is not None and "scaleSettings" not in put.patched:
        return before
    if before is not None and _goes_on(before, targets, image, granted, put.now):
        return before
    by_hand = targets.timeout is not None
    if before is not None and before.resizing(put.now) and by_hand:
        message = (
            f"the pool '{put.name}' is being resized ({before.allocated(put.now)} of "
            f"{before.target} nodes); wait until its allocation state is steady, or stop the resize"
        )
        raise AzureError("PoolBeingResized", message, status=409, target=put.id)
    begun = Resize(
        started=put.now,
        dedicated_target=targets.dedicated,
        low_priority_target=targets.low_priority,
        timeout=targets.timeout,
        replicas=image.replicas,
        refused=image.refused,
        unusable=image.unusable,
        dedicated_granted=granted.dedicated,
        low_priority_granted=granted.low_priority,
        short=granted.short,
    )
    if before is None:
        return begun
    return replace(
        begun,
        dedicated_before=before.dedicated(put.now),
        low_priority_before=before.low_priority(put.now),
        ready_at=before.last_ready(put.now),
    )


def _goes_on(
    before: Resize,
    targets: pool_scale.Targets,
    image: pool_image.Image,
    granted: quota.Granted,
    now: float,
) -> bool:
    """Whether a put leaves the last resize alone.

    The same targets are tried again when nodes are missing and the time-out, what kept nodes from
    starting, or what quotas leave is another one.
    """
    same_cause = (before.refused, before.unusable) == (image.refused, image.unusable)
    had, have = (
        (before.dedicated_granted, before.low_priority_granted),
        (granted.dedicated, granted.low_priority),
    )
    if before.short and had != have and not before.resizing(now):
        return False
    if not targets.same_as(before) or (before.wanted and not same_cause):
        return False
    return before.timeout == targets.timeout or before.allocated(now) == before.target


def stop_resize(transaction: Transaction, record: Record) -> bool:
    """Let a pool keep the nodes it has; return False where no resize is under way."""
    resize, now = Resize.stored(record.internal["resize"]), transaction.now
    if not resize.resizing(now):
        return False
    stopped = replace(resize, timeout=now - resize.started, stopped=True)
    transaction.remember(record, {**record.internal, "resize": stopped.plain()})
    return True


def _resize(record: Record | None) -> Resize | None:
    return None if record is None else Resize.stored(record.internal["resize"])


def _view(transaction: Transaction, record: Record) -> Properties:
    resize, now = Resize.stored(record.internal["resize"]), transaction.now
    changed = resize.started if resize.resizing(now) else resize.started + resize.minutes
    shown: Properties = {
        "allocationState": "Resizing" if resize.resizing(now) else "Steady",
        "allocationStateTransitionTime": clock.timestamp(changed),
        "currentDedicatedNodes": resize.dedicated(now),
        "currentLowPriorityNodes": resize.low_priority(now),
    }
    status: Properties = {
        "nodeDeallocationOption": record.internal["deallocation"],
        "startTime": clock.timestamp(resize.started),
        "targetDedicatedNodes": resize.dedicated_target,
        "targetLowPriorityNodes": resize.low_priority_target,
    }
    timeout = at(record.state, "scaleSettings", "fixedScale", "resizeTimeout")
    if timeout:
        status["resizeTimeout"] = timeout
    errors = resize.errors(now)
    if errors:
        status["errors"] = [{"code": code, "message": message} for code, message in errors]
    shown["resizeOperationStatus"] = status
    formula = at(record.state, "scaleSettings", "autoScale", "formula")
    if formula:
        results = (
            f"$TargetDedicatedNodes={resize.dedicated_target};"
            f"$TargetLowPriorityNodes={resize.low_priority_target}"
        )
        shown["autoScaleRun"] = {
            "evaluationTime": clock.timestamp(resize.started),
            "results": results,
        }
    return shown


def progress(transaction: Transaction) -> tuple[PoolProgress, ...]:
    """Return how far every pool has come, in the order of their ids."""
    now = transaction.now
    return tuple(_progress(record, now) for record in transaction.of_type(arm_ids.BATCH_POOL))


def _progress(record: Record, now: float) -> PoolProgress:
    resize = Resize.stored(record.internal["resize"])
    allocated, ready = resize.allocated(now), resize.ready(now)
    still = resize.resizing(now) or ready < allocated
    until = now if still else min(now, resize.last_ready(now))
    return PoolProgress(
        id=record.id,
        name=record.name,
        target=resize.target,
        allocated=allocated,
        starting=allocated - ready,
        idle=0 if resize.unusable else ready,
        unusable=ready if resize.unusable else 0,
        allocation_state="resizing" if resize.resizing(now) else "steady",
        replicas=resize.replicas,
        elapsed_minutes=max(0.0, until - resize.started),
        errors=tuple(f"{code}: {message}" for code, message in resize.errors(now)),
    )


def node_states(record: Record, now: float) -> Properties:
    """Return the nodes of a pool by state: creating, starting, idle, unusable."""
    resize = Resize.stored(record.internal["resize"])
    allocated, ready = resize.allocated(now), resize.ready(now)
    created = max(ready, min(allocated, resize.allocated(now - CREATING_MINUTES)))
    return {
        "creating": allocated - created,
        "starting": created - ready,
        "idle": 0 if resize.unusable else ready,
        "unusable": ready if resize.unusable else 0,
    }


def _secret_paths() -> frozenset[str]:
    mounts = ("azureBlobFileSystemConfiguration.accountKey",
              "azureBlobFileSystemConfiguration.sasKey",
              "azureFileShareConfiguration.accountKey",
              "cifsMountConfiguration.password")  # fmt: skip
    machine = "deploymentConfiguration.virtualMachineConfiguration"
    return frozenset(
        {
            "userAccounts.password",
            "userAccounts.linuxUserConfiguration.sshPrivateKey",
            "scaleSettings.fixedScale.nodeDeallocationOption",
            f"{machine}.extensions.protectedSettings",
            f"{machine}.containerConfiguration.containerRegistries.password",
            "startTask.containerSettings.registry.password",
            *(f"mountConfiguration.{path}" for path in mounts),
        }
    )


POOL = ResourceType(
    module="batch",
    name="Pool",
    arm_type=arm_ids.BATCH_POOL,
    api_version="2024-07-01",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.Batch/batchAccounts/{accountName}/pools/{poolName}"
    ),
    write_only=_secret_paths(),
    put=_put,
    view=_view,
)
