"""The life of a resource over HTTP: PUT, PATCH, GET, HEAD, DELETE, with preconditions."""

from __future__ import annotations

from dataclasses import dataclass

from imagefleet.domain import arm_ids
from imagefleet.offline import check
from imagefleet.offline.model import (
    AzureError,
    PartialFailureError,
    ProviderSettings,
)
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import references
from imagefleet.offline.services.gallery_versions import replication_status
from imagefleet.offline.values import Properties
from imagefleet.simulate import changes
from imagefleet.simulate.arm import operations, roles
from imagefleet.simulate.arm.addresses import Address, group_id
from imagefleet.simulate.arm.bodies import inputs_of
from imagefleet.simulate.conditions import require, validators
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.queries import require_known
from imagefleet.simulate.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manners:
    """How a service answers for one type: the status of each success, and which are operations.

    `put` and `delete` are operations with a `Location`; `status_url` says that
    `Azure-AsyncOperation` is there too; `empty` that the answer to a create has no body.
    """

    created: int = 201
    updated: int = 200
    put: bool = False
    delete: bool = False
    status_url: bool = False
    empty: bool = False
    merges: bool = True


_COMPUTE = _Manners(put=True, delete=True, status_url=True)
_MANNERS: dict[str, _Manners] = {
    arm_ids.RESOURCE_GROUP: _Manners(delete=True),
    arm_ids.GALLERY: _COMPUTE,
    arm_ids.IMAGE_DEFINITION: _COMPUTE,
    arm_ids.IMAGE_VERSION: _COMPUTE,
    arm_ids.MANAGED_IMAGE: _COMPUTE,
    arm_ids.SNAPSHOT: _Manners(created=202, put=True, delete=True, status_url=True),
    arm_ids.ROLE_DEFINITION: _Manners(updated=201),
    arm_ids.ROLE_ASSIGNMENT: _Manners(),
    arm_ids.USER_ASSIGNED_IDENTITY: _Manners(),
    arm_ids.BATCH_ACCOUNT: _Manners(created=202, put=True, delete=True, empty=True, merges=False),
    arm_ids.BATCH_POOL: _Manners(created=200, delete=True, merges=False),
}
# Deleting these answers with the resource as it was, not with an operation.
_ANSWERS_WITH_IT = frozenset({arm_ids.ROLE_DEFINITION, arm_ids.ROLE_ASSIGNMENT})
_NOT_PATCHED = frozenset({arm_ids.ROLE_DEFINITION, arm_ids.ROLE_ASSIGNMENT})
_EXPAND = frozenset({"$expand"})
_EXPANDS = {arm_ids.IMAGE_VERSION: "replicationstatus"}


def path_inputs(kind: ResourceType, address: Address) -> Properties:
    """Return the path parameters that an address gives."""
    names = kind.path_parameters
    if names[0] == "scope":
        return {"scope": address.scope.strip("/"), names[1]: address.names[-1]}
    if kind.arm_type == arm_ids.RESOURCE_GROUP:
        return {"resourceGroupName": address.group}
    return {"resourceGroupName": address.group, **dict(zip(names[1:], address.names, strict=True))}


def put(site: Site, request: Request, address: Address, kind: ResourceType) -> Answer:
    """Create a resource, or put one that is there again."""
    require_known(request, ())
    settings = site.settings(address.subscription)
    body = inputs_of(kind, request.json())
    _require_location(kind, body)
    inputs = {**body, **path_inputs(kind, address)}
    _require_properties(kind, inputs)
    checked = site.azure.check(kind.token, address.names[-1], None, inputs, settings, b"")
    for failure in checked.failures:
        raise AzureError("InvalidRequestContent", failure.reason, target=failure.property)
    inputs = {**checked.inputs, check.API_VERSION: request.query["api-version"]}
    resource_id = kind.id_of(inputs, settings)
    old = site.look(kind, resource_id)
    _require_conditions(request, resource_id, old)
    failed: AzureError | None = None
    try:
        outputs = _written(site, request, kind, inputs, settings, old)
    except PartialFailureError as error:
        failed, outputs = error, error.outputs
    return _answer_put(site, request, kind, outputs, failed, created=old is None)


def _written(
    site: Site,
    request: Request,
    kind: ResourceType,
    inputs: Properties,
    settings: ProviderSettings,
    old: Properties | None,
) -> Properties:
    """Create or update a resource; another client may have created it a moment ago."""
    if old is None:
        try:
            return _create(site, kind, inputs, settings)
        except AzureError as error:
            resource_id = kind.id_of(inputs, settings)
            old = site.look(kind, resource_id)
            if error.code != "ResourceAlreadyExists" or old is None:
                raise
            _require_conditions(request, resource_id, old)
    return changes.without_waiting(site, kind, str(old["id"]), old, inputs, settings)


def _create(
    site: Site, kind: ResourceType, inputs: Properties, settings: ProviderSettings
) -> Properties:
    try:
        made = site.azure.create(
            kind.token, inputs, settings, preview=False, timeout_seconds=changes.AT_ONCE
        )
    except PartialFailureError as error:
        return changes.still_going(error)
    return made.outputs


def patch(site: Site, request: Request, address: Address, kind: ResourceType) -> Answer:
    """Change the given properties of a resource."""
    if kind.arm_type in _NOT_PATCHED:
        raise not_supported(f"PATCH of {kind.arm_type}, which Azure does not have either,")
    require_known(request, ())
    settings = site.settings(address.subscription)
    given = inputs_of(kind, request.json(), partial=True)
    resource_id = kind.id_of(path_inputs(kind, address), settings)
    old = site.look(kind, resource_id)
    if old is None:
        raise _absent(site, address, resource_id)
    _require_conditions(request, resource_id, old)
    failed: AzureError | None = None
    try:
        merges = _MANNERS[kind.arm_type].merges
        outputs = changes.changed(site, kind, str(old["id"]), given, settings, merge=merges)
    except PartialFailureError as error:
        failed, outputs = error, error.outputs
    return _answer_put(site, request, kind, outputs, failed, created=False)


def get(site: Site, request: Request, address: Address, kind: ResourceType) -> Answer:
    """Return a resource as it stands."""
    require_known(request, _EXPAND if kind.arm_type in _EXPANDS else ())
    settings = site.settings(address.subscription)
    resource_id = kind.id_of(path_inputs(kind, address), settings)
    found = site.azure.read(kind.token, resource_id)
    if found is None and kind.arm_type == arm_ids.ROLE_DEFINITION:
        elsewhere = roles.by_guid(site, address.names[-1], address)
        if elsewhere is not None:
            return Answer(body=elsewhere)
    if found is None:
        raise _absent(site, address, resource_id)
    _require_conditions(request, resource_id, found.outputs)
    body = operations.shown(site, kind, found.outputs)
    wanted = request.query.get("$expand", "")
    if wanted:
        if wanted.casefold() != _EXPANDS.get(kind.arm_type):
            raise not_supported(f"$expand={wanted} of {kind.arm_type}")
        with site.store.read() as transaction:
            record = transaction.get(resource_id)
            if record is not None:
                status = replication_status(record, transaction.now)
                summary = [{"details": "", **item} for item in status["summary"]]
                body["properties"]["replicationStatus"] = {**status, "summary": summary}
    if request.method == "HEAD":
        return Answer(status=204)
    return Answer(body=body, headers=_etag(found.outputs))


def delete(site: Site, request: Request, address: Address, kind: ResourceType) -> Answer:
    """Delete a resource and what is in it; 204 where there is none."""
    require_known(request, ())
    settings = site.settings(address.subscription)
    resource_id = kind.id_of(path_inputs(kind, address), settings)
    found = site.look(kind, resource_id)
    _require_conditions(request, resource_id, found)
    if found is None:
        return Answer(status=204)
    with site.store.read() as transaction:
        begun = transaction.now
    error: dict[str, str] = {}
    try:
        site.azure.delete(kind.token, str(found["id"]), settings)
    except PartialFailureError as failure:
        if not _MANNERS[kind.arm_type].delete:
            raise
        error = {"code": failure.code, "message": failure.message}
    if kind.arm_type in _ANSWERS_WITH_IT:
        return Answer(body=operations.shown(site, kind, found))
    if not _MANNERS[kind.arm_type].delete:
        return Answer(status=200)
    operation = operations.Operation(resource=str(found["id"]), begun=begun, error=error)
    return Answer(
        status=202,
        headers=operations.headers(
            site,
            operation,
            location=str(found.get("location", "")),
            api_version=request.query["api-version"],
            status_url=_MANNERS[kind.arm_type].status_url,
        ),
    )


def _answer_put(
    site: Site,
    request: Request,
    kind: ResourceType,
    outputs: Properties,
    failed: AzureError | None,
    *,
    created: bool,
) -> Answer:
    manners = _MANNERS[kind.arm_type]
    body = operations.shown(site, kind, outputs)
    if not manners.put and failed is not None:
        raise failed
    status = manners.created if created else manners.updated
    if not manners.put or (manners.empty and not created and failed is None):
        return Answer(status=status, body=body, headers=_etag(outputs))
    if "provisioningState" in body["properties"] and not manners.empty:
        creating = created and kind.arm_type != arm_ids.SNAPSHOT
        body["properties"]["provisioningState"] = "Creating" if creating else "Updating"
    with site.store.read() as transaction:
        begun = transaction.now
    error = {} if failed is None else {"code": failed.code, "message": failed.message}
    operation = operations.Operation(
        resource=str(outputs["id"]), begun=begun, token=kind.token, error=error
    )
    headers = operations.headers(
        site,
        operation,
        location=str(outputs.get("location", "")),
        api_version=request.query["api-version"],
        status_url=manners.status_url,
    )
    return Answer(status=status, body=None if manners.empty else body, headers=headers)


def _absent(site: Site, address: Address, resource_id: str) -> AzureError:
    """Return the error for a resource, or the group it should be in, that is not there."""
    group = group_id(address)
    with site.store.read() as transaction:
        no_group = bool(group) and transaction.get(group) is None
    if no_group:
        message = f"the resource group '{address.group}' was not found"
        return AzureError("ResourceGroupNotFound", message, status=404, target=group)
    return references.not_found(resource_id)


def _require_location(kind: ResourceType, body: Properties) -> None:
    if kind.located and not body.get("location"):
        message = "The location property is required for this definition."
        raise AzureError("LocationRequired", message, target="location")


def _require_properties(kind: ResourceType, inputs: Properties) -> None:
    for name in sorted(kind.inputs.required - inputs.keys()):
        at = f"properties.{name}"
        message = f"the required property '{at}' of {kind.arm_type} is missing"
        raise AzureError("InvalidRequestContent", message, target=at)


def _require_conditions(request: Request, resource_id: str, outputs: Properties | None) -> None:
    there = None if outputs is None else validators(outputs)
    require(request, there, resource_id, "PreconditionFailed")


def _etag(outputs: Properties) -> dict[str, str]:
    return {"ETag": str(outputs["etag"])} if "etag" in outputs else {}
