"""Pools as the data plane spells them, and as ARM (and the model) does, one into the other.

Most properties differ in case only; the scale, inter-node communication, packages and the VM
configuration stand elsewhere. Enum values are in lower case here, with the exceptions below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefleet.domain import arm_ids
from imagefleet.offline import schema
from imagefleet.offline.model import AzureError
from imagefleet.offline.services import registry
from imagefleet.offline.values import Properties
from imagefleet.simulate.arm.bodies import without_read_only
from imagefleet.simulate.spelling import named, respelled

POOL = registry.BY_ARM_TYPE[arm_ids.BATCH_POOL.casefold()]
# The model's name -> the data plane's, at any depth.
_NAMES: Mapping[str, str] = {
    "dynamicVnetAssignmentScope": "dynamicVNetAssignmentScope",
    "inboundNatPools": "inboundNATPools",
    "nodeAgentSkuId": "nodeAgentSKUId",
    "userName": "username",
}
# Enums that the data plane spells otherwise than in lower case.
_SMALL_FIRST = frozenset(
    {"DockerCompatible", "CriCompatible", "TaskWorkingDirectory", "ContainerImageDefault"}
)
_AS_IS = frozenset({"trustedLaunch", "NonPersistedTPM", "VMGuestStateOnly", "UserAssigned"})
# The folders that a container can have mounted, an enum of its own that is spelled as in ARM.
_BIND_MOUNTS = "VfsMounts"
_SAME = (
    "displayName", "metadata", "mountConfiguration", "networkConfiguration", "startTask",
    "taskSchedulingPolicy", "taskSlotsPerNode", "upgradePolicy", "userAccounts", "vmSize",
)  # fmt: skip
# The one nested property whose name differs in more than case: an image's `id` in the model.
_IMAGE_ID = "virtualMachineImageId"
_FIXED = {
    "nodeDeallocationOption": "nodeDeallocationOption",
    "resizeTimeout": "resizeTimeout",
    "targetDedicatedNodes": "targetDedicatedNodes",
    "targetLowPriorityNodes": "targetLowPriorityNodes",
}
_AUTOMATIC = {
    "autoScaleFormula": "formula",
    "autoScaleEvaluationInterval": "evaluationInterval",
}
_SCALE = frozenset({*_FIXED, *_AUTOMATIC, "enableAutoScale"})
_OTHERS = frozenset(
    {"applicationPackageReferences", "certificateReferences", "enableInterNodeCommunication", "id",
     "virtualMachineConfiguration"}
)  # fmt: skip
CREATED = frozenset({*_SAME, *_SCALE, *_OTHERS})
"""What a body may have that makes a pool."""
UPDATED = CREATED - _SCALE - {"id"}
"""What one may have that changes a pool (Batch REST API, Update Pool): everything but its scale."""
REPLACED = frozenset(
    {"applicationPackageReferences", "certificateReferences", "metadata", "startTask"}
)
"""What one may have that replaces properties (Batch REST API, Replace Pool Properties)."""
SHOWN = frozenset(
    {*CREATED, "allocationState", "allocationStateTransitionTime", "autoScaleRun", "creationTime",
     "currentDedicatedNodes", "currentLowPriorityNodes", "eTag", "identity", "lastModified",
     "resizeErrors", "state", "stateTransitionTime", "url"}
) - {"certificateReferences", "nodeDeallocationOption"}  # fmt: skip
"""What a read of a pool can show."""


def inputs_of(body: Properties, account_id: str, known: frozenset[str] = CREATED) -> Properties:
    """Return the model's inputs that a pool body means, without path and scale.

    Raises `AzureError` naming a property that is not `known` to the request.
    """
    given = named(body, CREATED)
    found: Properties = {}
    for name, value in given.items():
        if name not in known:
            raise _unknown(name, _hint(name, known))
        if value is None:
            continue
        if name in _SAME:
            found[name] = value
    if given.get("virtualMachineConfiguration") is not None:
        machine = _with_image_id(given["virtualMachineConfiguration"])
        found["deploymentConfiguration"] = {"virtualMachineConfiguration": machine}
    if given.get("enableInterNodeCommunication") is not None:
        enabled = given["enableInterNodeCommunication"]
        found["interNodeCommunication"] = "Enabled" if enabled else "Disabled"
    packages = given.get("applicationPackageReferences")
    if packages is not None:
        found["applicationPackages"] = _packages(packages, account_id)
    if given.get("certificateReferences"):
        raise _unknown("certificateReferences", "; Batch certificates ended in 2024")
    spelled = {
        name: respelled(value, POOL.inputs.properties[name]) for name, value in found.items()
    }
    clean = {
        name: without_read_only(
            schema.without_nulls(value),
            POOL.inputs.properties[name],
            POOL.outputs.properties.get(name, schema.ANY),
        )
        for name, value in spelled.items()
    }
    _require_shape(clean)
    return clean


def scale_of(body: Properties) -> Properties:
    """Return the `scaleSettings` that a body means.

    Raises `AzureError` for a mixture, and for a value that none of its properties can have.
    """
    scale = _scale_of(body)
    _require_shape({"scaleSettings": scale} if scale else {})
    return scale


def _scale_of(body: Properties) -> Properties:
    fixed = {ours: body[name] for name, ours in _FIXED.items() if body.get(name) is not None}
    automatic = {
        ours: body[name] for name, ours in _AUTOMATIC.items() if body.get(name) is not None
    }
    if body.get("enableAutoScale"):
        if fixed:
            message = f"{', '.join(fixed)} must not be given when enableAutoScale is true"
            raise AzureError("InvalidPropertyValue", message, target=next(iter(fixed)))
        if "formula" not in automatic:
            message = "autoScaleFormula must be given when enableAutoScale is true"
            raise AzureError("InvalidPropertyValue", message, target="autoScaleFormula")
        return respelled({"autoScale": automatic}, _scale_shape())  # type: ignore[no-any-return]
    if automatic:
        message = f"{', '.join(automatic)} must not be given when enableAutoScale is false"
        raise AzureError("InvalidPropertyValue", message, target=next(iter(automatic)))
    if not fixed:
        return {}
    targets = {"targetDedicatedNodes": 0, "targetLowPriorityNodes": 0}
    whole = {"fixedScale": {**targets, **fixed}}
    return respelled(whole, _scale_shape())  # type: ignore[no-any-return]


def pool_of(outputs: Properties, url: str) -> Properties:
    """Return a pool as the data plane shows it."""
    machine = outputs["deploymentConfiguration"]["virtualMachineConfiguration"]
    status = outputs["resizeOperationStatus"]
    body: Properties = {
        "id": outputs["name"],
        "url": f"{url}/pools/{outputs['name']}",
        "eTag": outputs["etag"],
        "lastModified": outputs["lastModified"],
        "creationTime": outputs["creationTime"],
        "state": "active",
        "stateTransitionTime": outputs["provisioningStateTransitionTime"],
        "allocationState": outputs["allocationState"].casefold(),
        "allocationStateTransitionTime": outputs["allocationStateTransitionTime"],
        "currentDedicatedNodes": outputs["currentDedicatedNodes"],
        "currentLowPriorityNodes": outputs["currentLowPriorityNodes"],
        "targetDedicatedNodes": status["targetDedicatedNodes"],
        "targetLowPriorityNodes": status["targetLowPriorityNodes"],
        "enableInterNodeCommunication": outputs["interNodeCommunication"] == "Enabled",
        "virtualMachineConfiguration": _machine(machine),
    }
    for name in _SAME:
        if name in outputs:
            body[name] = shown(name, outputs[name])
    if status.get("errors"):
        body["resizeErrors"] = [{**error, "values": []} for error in status["errors"]]
    if outputs.get("applicationPackages"):
        body["applicationPackageReferences"] = [
            {"applicationId": item["id"].rsplit("/", 1)[-1], **_version(item)}
            for item in outputs["applicationPackages"]
        ]
    if outputs.get("identity", {}).get("userAssignedIdentities"):
        ids = outputs["identity"]["userAssignedIdentities"]
        listed = [{"resourceId": name, **value} for name, value in sorted(ids.items())]
        body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": listed}
    return {**body, **_scale(outputs)}


def shown(name: str, value: Any) -> Any:
    """Return one property of a pool as the data plane spells it.

    The inputs' shape knows the enums, which the outputs' leaves open.
    """
    return _spelled(value, POOL.inputs.properties[name])


def _scale(outputs: Properties) -> Properties:
    automatic = outputs["scaleSettings"].get("autoScale")
    if automatic is None:
        fixed = outputs["scaleSettings"]["fixedScale"]
        return {"enableAutoScale": False, "resizeTimeout": fixed["resizeTimeout"]}
    run = outputs.get("autoScaleRun", {})
    return {
        "enableAutoScale": True,
        "autoScaleFormula": automatic["formula"],
        "autoScaleEvaluationInterval": automatic["evaluationInterval"],
        "autoScaleRun": {"timestamp": run.get("evaluationTime"), "results": run.get("results")},
    }


def _machine(machine: Properties) -> Properties:
    shape = POOL.inputs.properties["deploymentConfiguration"].properties
    spelled: Properties = _spelled(machine, shape["virtualMachineConfiguration"])
    reference = dict(spelled["imageReference"])
    if "id" in reference:
        reference[_IMAGE_ID] = reference.pop("id")
    if reference.get("publisher"):
        reference.setdefault("version", "latest")
    return {**spelled, "imageReference": reference}


def _with_image_id(machine: Any) -> Any:
    """Return a VM configuration whose image reference has the model's name for an image's id."""
    if not isinstance(machine, Mapping):
        return machine
    machine = named(machine, ("imageReference",))
    reference = machine.get("imageReference")
    if not isinstance(reference, Mapping):
        return machine
    renamed = {
        "id" if name.casefold() == _IMAGE_ID.casefold() else name: item
        for name, item in reference.items()
    }
    return {**machine, "imageReference": renamed}


def _spelled(value: Any, shape: schema.Shape) -> Any:
    """Return a value of the model in the data plane's names and enum values."""
    if shape.kind == "object" and isinstance(value, Mapping):
        known = shape.properties
        return {
            _NAMES.get(name, name): _spelled(item, known.get(name, schema.ANY))
            for name, item in value.items()
        }
    if shape.kind == "array" and isinstance(value, list):
        return [_spelled(item, shape.items or schema.ANY) for item in value]
    return _enum(value, shape.choices) if isinstance(value, str) and shape.choices else value


def _enum(value: str, choices: tuple[str, ...]) -> str:
    if value in _AS_IS or _BIND_MOUNTS in choices:
        return value
    return value[0].lower() + value[1:] if value in _SMALL_FIRST else value.lower()


def _packages(items: Any, account_id: str) -> list[Properties]:
    if not isinstance(items, list):
        message = f"'applicationPackageReferences' must be a list, got {items!r}"
        raise AzureError("InvalidRequestBody", message, target="applicationPackageReferences")
    return [_package(item, account_id) for item in items]


def _package(given: Any, account_id: str) -> Properties:
    item = named(given, ("applicationId", "version")) if isinstance(given, Mapping) else {}
    if "applicationId" not in item:
        message = "each of 'applicationPackageReferences' must have an 'applicationId'"
        raise AzureError("InvalidRequestBody", message, target="applicationPackageReferences")
    for name in sorted(item.keys() - {"applicationId", "version"}):
        raise _unknown(f"applicationPackageReferences.{name}", "")
    return {"id": f"{account_id}/applications/{item['applicationId']}", **_version(item)}


def _version(item: Mapping[str, Any]) -> Properties:
    return {"version": item["version"]} if item.get("version") else {}


def _scale_shape() -> schema.Shape:
    return POOL.inputs.properties["scaleSettings"]


def _require_shape(inputs: Properties) -> None:
    for name, value in inputs.items():
        for path, reason in schema.faults(value, POOL.inputs.properties[name], name):
            text = reason.replace("is not a property that azure-native knows", "is not a property")
            raise AzureError("InvalidRequestBody", text, target=path)


def _hint(name: str, known: frozenset[str]) -> str:
    """Return what to do about a property that a request must not have."""
    if name in _SCALE:
        return " in this request; resize, enableautoscale and disableautoscale change the scale"
    if name in CREATED:
        return f" in this request, which takes {', '.join(sorted(known))}"
    return schema.nearest(name, known)


def _unknown(name: str, hint: str) -> AzureError:
    message = f"The property '{name}' does not exist on a pool of the Batch service{hint}"
    return AzureError("InvalidRequestBody", message, target=name)
