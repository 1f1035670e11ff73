"""POST actions on single resources: disk access, account keys, a pool's scale."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

from imagefleet.domain import arm_ids
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.services import batch_pools, references, registry
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties
from imagefleet.simulate import changes
from imagefleet.simulate.arm import operations
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.queries import require_known
from imagefleet.simulate.site import Site
from imagefleet.simulate.spelling import named

_ACCESSES = ("None", "Read", "Write")


def begin_get_access(site: Site, request: Request, address: Address) -> Answer:
    """Hand out a made-up link to a disk or snapshot, as an operation; nothing lies behind it."""
    body = named(request.json(), ("access", "durationInSeconds"))
    resource_id = _readable(site, address)
    access, seconds = body.get("access"), body.get("durationInSeconds")
    if access not in _ACCESSES:
        message = f"'access' must be one of {', '.join(_ACCESSES)}, got '{access}'"
        raise AzureError("InvalidParameter", message, target="access")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        message = f"'durationInSeconds' must be a positive whole number, got {seconds!r}"
        raise AzureError("InvalidParameter", message, target="durationInSeconds")
    link = f"{site.base_url}/disks/{stable_guid(resource_id, 'access')}?sig=simulated"
    return _operation(site, request, resource_id, {"accessSAS": link})


def end_get_access(site: Site, request: Request, address: Address) -> Answer:
    """Take a link to a disk or snapshot back."""
    return _operation(site, request, _readable(site, address), {})


def list_keys(site: Site, _request: Request, address: Address) -> Answer:
    """Return the keys of an account that allows them; refuse for an Entra-only one."""
    account = _account(site, address.resource_id)
    modes = account.state.get("allowedAuthenticationModes") or []
    if "SharedKey" not in modes:
        message = (
            f"the Batch account '{account.name}' does not allow SharedKey "
            f"(allowedAuthenticationModes: {', '.join(modes)}), so it has no keys to list; use "
            "Microsoft Entra ID"
        )
        raise AzureError("OperationNotAllowed", message, status=403, target=account.id)
    keys = {name: _made_up_key(account.id, name) for name in ("primary", "secondary")}
    return Answer(body={"accountName": account.name, **keys})


def stop_resize(site: Site, _request: Request, address: Address) -> Answer:
    """Stop the resize of a pool, which keeps the nodes it has."""
    stop(site, address.resource_id)
    return _pool(site, address.resource_id)


def stop(site: Site, pool_id: str) -> None:
    """Stop a resize; raises `AzureError` where none is under way."""
    with site.store.write() as transaction:
        record = transaction.get(pool_id)
        if record is None:
            raise references.not_found(pool_id)
        stopped = batch_pools.stop_resize(transaction, record)
    if not stopped:
        message = f"the pool '{record.name}' is not being resized, so there is nothing to stop"
        raise AzureError("PoolNotBeingResized", message, status=409, target=pool_id)


def disable_auto_scale(site: Site, _request: Request, address: Address) -> Answer:
    """Give an autoscale pool a fixed scale, at the targets it has now."""
    fix_scale(site, address.resource_id, address.subscription)
    return _pool(site, address.resource_id)


def fix_scale(site: Site, pool_id: str, subscription: str) -> None:
    """Replace a pool's formula by its present targets; one of fixed scale stays as it is."""
    kind = registry.BY_ARM_TYPE[arm_ids.BATCH_POOL.casefold()]
    outputs = site.look(kind, pool_id)
    if outputs is None:
        raise references.not_found(pool_id)
    if "fixedScale" in outputs["scaleSettings"]:
        return
    status = outputs["resizeOperationStatus"]
    targets = ("targetDedicatedNodes", "targetLowPriorityNodes")
    scale = {"fixedScale": {name: status[name] for name in targets}}
    changes.changed(
        site, kind, pool_id, {"scaleSettings": scale}, site.settings(subscription), merge=False
    )


ACTIONS: Mapping[tuple[str, str], Callable[[Site, Request, Address], Answer]] = {
    (arm_ids.DISK.casefold(), "begingetaccess"): begin_get_access,
    (arm_ids.DISK.casefold(), "endgetaccess"): end_get_access,
    (arm_ids.SNAPSHOT.casefold(), "begingetaccess"): begin_get_access,
    (arm_ids.SNAPSHOT.casefold(), "endgetaccess"): end_get_access,
    (arm_ids.BATCH_ACCOUNT.casefold(), "listkeys"): list_keys,
    (arm_ids.BATCH_POOL.casefold(), "stopresize"): stop_resize,
    (arm_ids.BATCH_POOL.casefold(), "disableautoscale"): disable_auto_scale,
}
"""The actions by ARM type and name, both in lower case."""


def act(site: Site, request: Request, address: Address) -> Answer:
    """Answer an action; raises `AzureError` for one that is not simulated."""
    require_known(request, ())
    known = ACTIONS.get((address.type_name.casefold(), address.tail.casefold()))
    if known is None:
        raise not_supported(f"the action '{address.tail}' of {address.type_name}")
    return known(site, request, address)


def _readable(site: Site, address: Address) -> str:
    """Return the id of a disk (outside, assumed to exist) or of a snapshot that is here."""
    with site.store.read() as transaction:
        found = references.find(transaction, address.resource_id)
    if found is None and address.type_name.casefold() == arm_ids.SNAPSHOT.casefold():
        raise references.not_found(address.resource_id)
    return address.resource_id


def _account(site: Site, account_id: str) -> Record:
    with site.store.read() as transaction:
        record = transaction.get(account_id)
    if record is None:
        raise references.not_found(account_id)
    return record


def _operation(site: Site, request: Request, resource_id: str, result: Properties) -> Answer:
    with site.store.read() as transaction:
        begun, record = transaction.now, transaction.get(resource_id)
    location = str(record.state.get("location", "")) if record else ""
    operation = operations.Operation(resource=resource_id, begun=begun, result=result)
    headers = operations.headers(
        site,
        operation,
        location=location,
        api_version=request.query["api-version"],
        status_url=True,
    )
    body = {"name": operation.name, "status": "InProgress"}
    return Answer(status=202, body={**body, "startTime": clock.timestamp(begun)}, headers=headers)


def _pool(site: Site, pool_id: str) -> Answer:
    kind = registry.BY_ARM_TYPE[arm_ids.BATCH_POOL.casefold()]
    outputs = site.look(kind, pool_id)
    if outputs is None:
        raise references.not_found(pool_id)
    etag = {"ETag": str(outputs["etag"])}
    return Answer(body=operations.shown(site, kind, outputs), headers=etag)


def _made_up_key(account_id: str, name: str) -> str:
    digest = hashlib.sha512(stable_guid(account_id, name).encode()).digest()
    return base64.b64encode(digest).decode()
