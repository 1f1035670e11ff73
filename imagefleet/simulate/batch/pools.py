"""Pools of the data plane: create, change, scale, delete."""

from __future__ import annotations

from imagefleet.offline import check, clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.services import pool_scale
from imagefleet.offline.values import Properties
from imagefleet.simulate import changes
from imagefleet.simulate.arm import actions
from imagefleet.simulate.batch.account import Account, no_pool
from imagefleet.simulate.batch.bodies import (
    CREATED,
    POOL,
    REPLACED,
    UPDATED,
    inputs_of,
    pool_of,
    scale_of,
)
from imagefleet.simulate.conditions import Validators, require, validators
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.spelling import named

# What is replaced, by the model's names; what is not given is taken away.
_TAKEN_AWAY = ("startTask", "applicationPackages", "metadata")
_TARGETS = ("targetDedicatedNodes", "targetLowPriorityNodes")
_SCALES = {
    "resize": ("nodeDeallocationOption", "resizeTimeout", *_TARGETS),
    "enableautoscale": ("autoScaleEvaluationInterval", "autoScaleFormula"),
    "evaluateautoscale": ("autoScaleFormula",),
}


def get(account: Account, request: Request, name: str) -> tuple[Properties, Validators]:
    """Return a pool as the data plane shows it, and what its state is known by."""
    found = account.site.azure.read(POOL.token, account.pool_id(name))
    if found is None:
        raise no_pool(name)
    there = _hold(request, found.outputs)
    return pool_of(found.outputs, account.url), there


def create(account: Account, request: Request) -> Answer:
    """Make a pool (201 without a body); one that is there already is a conflict."""
    body = named(request.json(), CREATED)
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
    with account.site.turns.of(account.pool_id(name)):
        if account.site.look(POOL, account.pool_id(name)) is not None:
            message = f"The specified pool '{name}' already exists."
            raise AzureError("PoolExists", message, status=409, target=name)
        made = account.site.azure.create(POOL.token, inputs, account.settings, preview=False)
    return Answer(status=201, headers=_described(account, made.outputs))


def update(account: Account, request: Request, name: str) -> Answer:
    """Change the given properties of a pool; the scale is changed by a resize."""
    _hold(request, account.shown_pool(name))
    given = inputs_of(request.json(), account.record.id, UPDATED)
    return Answer(status=200, headers=_described(account, _changed(account, name, given)))


def replace_properties(account: Account, request: Request, name: str) -> Answer:
    """Replace start task, packages and metadata; what is not given is taken away."""
    account.shown_pool(name)
    given = inputs_of(request.json(), account.record.id, REPLACED)
    outputs = _changed(account, name, {prop: given.get(prop) for prop in _TAKEN_AWAY})
    return Answer(status=204, headers=_described(account, outputs))


def resize(account: Account, request: Request, name: str) -> Answer:
    """Begin a resize to the given targets."""
    outputs = account.shown_pool(name)
    _hold(request, outputs)
    body = _scaling(request, "resize")
    if not any(target in body for target in _TARGETS):
        message = f"a resize needs {' or '.join(_TARGETS)}"
        raise AzureError("MissingRequiredProperty", message, target=_TARGETS[0])
    if "autoScale" in outputs["scaleSettings"]:
        message = f"the pool '{name}' scales by a formula; disable autoscale before a resize"
        raise AzureError("AutoScalingFormulaEnabled", message, status=409, target=name)
    status = outputs["resizeOperationStatus"]
    kept = {target: status[target] for target in _TARGETS}
    changed = _changed(account, name, {"scaleSettings": scale_of({**kept, **body})})
    return Answer(status=202, headers=_described(account, changed))


def stop_resize(account: Account, request: Request, name: str) -> Answer:
    """Stop a resize; the pool keeps the nodes it has."""
    _hold(request, account.shown_pool(name))
    actions.stop(account.site, account.pool_id(name))
    return Answer(status=202, headers=_described(account, account.shown_pool(name)))


def enable_auto_scale(account: Account, request: Request, name: str) -> Answer:
    """Give a pool a formula, or another one."""
    outputs = account.shown_pool(name)
    _hold(request, outputs)
    body = _scaling(request, "enableautoscale")
    before = outputs["scaleSettings"].get("autoScale", {})
    known = {
        "autoScaleFormula": before.get("formula"),
        "autoScaleEvaluationInterval": before.get("evaluationInterval"),
    }
    scale = scale_of({**known, **body, "enableAutoScale": True})
    changed = _changed(account, name, {"scaleSettings": scale})
    return Answer(status=200, headers=_described(account, changed))


def disable_auto_scale(account: Account, _request: Request, name: str) -> Answer:
    """Give a pool a fixed scale at the targets it has."""
    account.shown_pool(name)
    subscription = account.settings.subscription_id
    actions.fix_scale(account.site, account.pool_id(name), subscription)
    return Answer(status=200, headers=_described(account, account.shown_pool(name)))


def evaluate_auto_scale(account: Account, request: Request, name: str) -> Answer:
    """Say what a formula asks for; only targets written in digits are read."""
    outputs = account.shown_pool(name)
    formula = str(_scaling(request, "evaluateautoscale").get("autoScaleFormula", ""))
    if "autoScale" not in outputs["scaleSettings"]:
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
    _hold(request, account.shown_pool(name))
    account.site.azure.delete(POOL.token, account.pool_id(name), account.settings)
    return Answer(status=202)


def _hold(request: Request, outputs: Properties) -> Validators:
    """Hold a request to its conditions, where Batch documents them; return the pool's state."""
    there = validators(outputs)
    require(request, there, str(outputs["name"]), "ConditionNotMet")
    return there


def _described(account: Account, outputs: Properties) -> dict[str, str]:
    url = f"{account.url}/pools/{outputs['name']}"
    return {**validators(outputs).headers, "DataServiceId": url}


def _changed(account: Account, name: str, given: Properties) -> Properties:
    pool_id, settings = account.pool_id(name), account.settings
    return changes.changed(account.site, POOL, pool_id, given, settings, merge=False)


def _scaling(request: Request, action: str) -> Properties:
    """Return the body of a scaling action; raises `AzureError` for a property it does not have."""
    given = named(request.json(), _SCALES[action])
    body = {name: value for name, value in given.items() if value is not None}
    strange = sorted(body.keys() - {*_SCALES[action]})
    if strange:
        allowed = ", ".join(_SCALES[action])
        message = f"The property '{strange[0]}' does not exist on '{action}', which takes {allowed}"
        raise AzureError("InvalidRequestBody", message, target=strange[0])
    return body
