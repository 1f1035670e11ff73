"""Pools of the data plane: create, change, scale, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from imagefleet.offline import check, clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.services import pool_scale
from imagefleet.offline.values import Properties
from imagefleet.simulate import changes
from imagefleet.simulate.arm import actions
from imagefleet.simulate.batch.account import Account, no_pool
from imagefleet.simulate.batch.bodies import POOL, inputs_of, pool_of, scale_of
from imagefleet.simulate.messages import Answer, Request

_REPLACED = ("startTask", "applicationPackages", "metadata")
_SCALES = {
    "resize": ("nodeDeallocationOption", "resizeTimeout", "targetDedicatedNodes",
               "targetLowPriorityNodes"),
    "enableautoscale": ("autoScaleEvaluationInterval", "autoScaleFormula"),
    "evaluateautoscale": ("autoScaleFormula",),
}  # fmt: skip


def shown(account: Account, name: str) -> Properties:
    """Return a pool as it stands; raises `AzureError` where there is none."""
    return pool_of(_outputs(account, name), account.url)


def create(account: Account, request: Request) -> Answer:
    """Make a pool (201 without a body); one that is there already is a conflict."""
    body = request.json()
    name = body.get("id")
    if not isinstance(name, str) or not name or "/" in name:
        message = f"'id' must be the id of the new pool, got {name!r}"
        raise AzureError("InvalidRequestBody", message, target="id")
    scale = scale_of(body)
    inputs: Properties = {
        **inputs_of(body, account.record.id),
        **({"scaleSettings": scale} if scale else {}),
        "resourceGroupName": account.group,
        "accountName": account.record.name,
        "poolName": name,
        check.API_VERSION: POOL.api_version,
    }
    if account.site.model.read(POOL.token, account.pool_id(name)) is not None:
        message = f"The specified pool '{name}' already exists."
        raise AzureError("PoolExists", message, status=409, target=name)
    account.site.azure.create(POOL.token, inputs, account.settings, preview=False)
    return Answer(status=201, headers=_described(account, name))


def update(account: Account, request: Request, name: str) -> Answer:
    """Change the given properties of a pool; the scale is changed by a resize."""
    body = request.json()
    _require_match(account, request, name)
    _change(account, name, inputs_of(body, account.record.id))
    return Answer(status=200, headers=_described(account, name))


def replace_properties(account: Account, request: Request, name: str) -> Answer:
    """Replace start task, packages and metadata; what is not given is taken away."""
    body = request.json()
    given = inputs_of(body, account.record.id)
    strange = sorted(given.keys() - {*_REPLACED})
    if strange:
        message = f"'{strange[0]}' cannot be replaced, only {', '.join(_REPLACED)}"
        raise AzureError("InvalidRequestBody", message, target=strange[0])
    _change(account, name, {prop: given.get(prop) for prop in _REPLACED})
    return Answer(status=204, headers=_described(account, name))


def resize(account: Account, request: Request, name: str) -> Answer:
    """Begin a resize to the given targets."""
    body = _scaling(request, "resize")
    if not any(target in body for target in ("targetDedicatedNodes", "targetLowPriorityNodes")):
        message = "a resize needs targetDedicatedNodes or targetLowPriorityNodes"
        raise AzureError("MissingRequiredProperty", message, target="targetDedicatedNodes")
    outputs = _outputs(account, name)
    if "autoScale" in outputs["scaleSettings"]:
        message = f"the pool '{name}' scales by a formula; disable autoscale before a resize"
        raise AzureError("AutoScalingFormulaEnabled", message, status=409, target=name)
    _require_match(account, request, name)
    status = outputs["resizeOperationStatus"]
    targets = ("targetDedicatedNodes", "targetLowPriorityNodes")
    kept = {target: status[target] for target in targets}
    _change(account, name, {"scaleSettings": scale_of({**kept, **body})})
    return Answer(status=202, headers=_described(account, name))


def stop_resize(account: Account, _request: Request, name: str) -> Answer:
    """Stop a resize; the pool keeps the nodes it has."""
    _outputs(account, name)
    actions.stop(account.site, account.pool_id(name))
    return Answer(status=202, headers=_described(account, name))


def enable_auto_scale(account: Account, request: Request, name: str) -> Answer:
    """Give a pool a formula, or another one."""
    body = _scaling(request, "enableautoscale")
    before = _outputs(account, name)["scaleSettings"].get("autoScale", {})
    known = {
        "autoScaleFormula": before.get("formula"),
        "autoScaleEvaluationInterval": before.get("evaluationInterval"),
    }
    scale = scale_of({**known, **body, "enableAutoScale": True})
    _change(account, name, {"scaleSettings": scale})
    return Answer(status=200, headers=_described(account, name))


def disable_auto_scale(account: Account, _request: Request, name: str) -> Answer:
    """Give a pool a fixed scale at the targets it has."""
    _outputs(account, name)
    subscription = account.settings.subscription_id
    actions.fix_scale(account.site, account.pool_id(name), subscription)
    return Answer(status=200, headers=_described(account, name))


def evaluate_auto_scale(account: Account, request: Request, name: str) -> Answer:
    """Say what a formula asks for; only targets written in digits are read."""
    formula = str(_scaling(request, "evaluateautoscale").get("autoScaleFormula", ""))
    if "autoScale" not in _outputs(account, name)["scaleSettings"]:
        message = f"the pool '{name}' does not scale by a formula; enable autoscale first"
        raise AzureError("AutoScaleNotEnabled", message, status=409, target=name)
    asked = pool_scale.constant_targets(formula)
    results = ";".join(
        f"${target}={asked.get(target, 0)}"
        for target in ("TargetDedicatedNodes", "TargetLowPriorityNodes")
    )
    now, _ = account.pool(name)
    return Answer(body={"timestamp": clock.timestamp(now), "results": results})


def delete(account: Account, request: Request, name: str) -> Answer:
    """Delete a pool with its nodes."""
    _outputs(account, name)
    _require_match(account, request, name)
    account.site.azure.delete(POOL.token, account.pool_id(name), account.settings)
    return Answer(status=202)


def validators(body: Properties) -> dict[str, str]:
    """Return the headers that describe the state of a pool."""
    modified = datetime.fromisoformat(body["lastModified"]).astimezone(UTC)
    return {"ETag": str(body["eTag"]), "Last-Modified": format_datetime(modified, usegmt=True)}


def _described(account: Account, name: str) -> dict[str, str]:
    url = f"{account.url}/pools/{name}"
    return {**validators(shown(account, name)), "DataServiceId": url}


def _outputs(account: Account, name: str) -> Properties:
    found = account.site.model.read(POOL.token, account.pool_id(name))
    if found is None:
        raise no_pool(name)
    return found.outputs


def _change(account: Account, name: str, given: Properties) -> None:
    _outputs(account, name)
    changes.changed(account.site, POOL, account.pool_id(name), given, account.settings, merge=False)


def _scaling(request: Request, action: str) -> Properties:
    """Return the body of a scaling action; raises `AzureError` for a property it does not have."""
    body = {name: value for name, value in request.json().items() if value is not None}
    strange = sorted(body.keys() - {*_SCALES[action]})
    if strange:
        allowed = ", ".join(_SCALES[action])
        message = f"The property '{strange[0]}' does not exist on '{action}', which takes {allowed}"
        raise AzureError("InvalidRequestBody", message, target=strange[0])
    return body


def _require_match(account: Account, request: Request, name: str) -> None:
    wanted = request.headers.get("if-match")
    if wanted in (None, "*"):
        return
    etag = _outputs(account, name)["etag"]
    if wanted != etag:
        message = (
            f"the condition of the request is not met by the pool '{name}': its ETag is {etag}"
        )
        raise AzureError("ConditionNotMet", message, status=412, target=name)
