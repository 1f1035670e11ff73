"""Long-running operations: what a client polls, and when they end.

An operation's whole description is in its address, so that nothing has to be remembered: a server
that was restarted still answers, and the state of the work is the state of the resource.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import ResourceType
from imagefleet.offline.services import registry
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.values import Properties
from imagefleet.simulate.arm.addresses import parse
from imagefleet.simulate.arm.bodies import body_of
from imagefleet.simulate.errors import arm_detail, arm_error
from imagefleet.simulate.messages import Answer
from imagefleet.simulate.site import Site

# The longest that clients are told to wait (Batch answers 15 in its official examples).
_LONGEST_WAIT_SECONDS = 15
_GOING_ON = frozenset({"Creating", "Updating", "Migrating", "Deleting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: on which resource, begun when (minutes), and how it ended if that is known.

    `token` is the resource's type token where the operation puts one, "" where nothing is left to
    read; `error` has code and message of one that has failed; `result` is what it brings besides.
    """

    resource: str
    begun: float
    token: str = ""
    error: Mapping[str, str] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the operation, a GUID as the services have it."""
        return stable_guid(self.encoded(), "operation")

    def encoded(self) -> str:
        """Return the operation as the last segment of an address."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).rstrip(b"=").decode()


def decoded(text: str) -> Operation:
    """Return what `Operation.encoded` gave out; raises `AzureError` for any other text."""
    try:
        padded = text + "=" * (-len(text) % 4)
        return Operation(**json.loads(base64.urlsafe_b64decode(padded)))
    except (TypeError, ValueError, binascii.Error) as error:
        message = f"the operation '{text}' was not found"
        raise AzureError("NotFound", message, status=404, target=text) from error


def headers(
    site: Site,
    operation: Operation,
    *,
    location: str,
    api_version: str,
    status_url: bool,
) -> dict[str, str]:
    """Return the headers that tell a client where to ask how an operation is going on.

    `location` is the Azure region; with `status_url` there is `Azure-AsyncOperation` besides.
    """
    at = parse(operation.resource)
    base = (
        f"{site.base_url}/subscriptions/{at.subscription}/providers/{at.namespace}/locations/"
        f"{location or 'global'}"
    )
    text = operation.encoded()
    found = {
        "Location": f"{base}/operationResults/{text}?api-version={api_version}",
        "Retry-After": "1",
    }
    if status_url:
        found["Azure-AsyncOperation"] = f"{base}/operations/{text}?api-version={api_version}"
    return found


def status(site: Site, text: str) -> Answer:
    """Answer a question at the address of `Azure-AsyncOperation`."""
    operation = decoded(text)
    state, left, error = _state(site, operation)
    body: Properties = {
        "name": operation.name,
        "startTime": clock.timestamp(operation.begun),
        "status": state,
    }
    if error is not None:
        body["error"] = arm_detail(error)
    elif operation.result:
        body["properties"] = {"output": dict(operation.result)}
    if state == "InProgress":
        return Answer(body=body, headers={"Retry-After": _wait(site, left)})
    with site.store.read() as transaction:
        body["endTime"] = clock.timestamp(transaction.now)
    return Answer(body=body)


def result(site: Site, text: str, address: str) -> Answer:
    """Answer a question at the address of `Location`: 202 until the result is there."""
    operation = decoded(text)
    state, left, error = _state(site, operation)
    if error is not None:
        return arm_error(error)
    if state == "InProgress":
        wait = {"Location": address, "Retry-After": _wait(site, left)}
        return Answer(status=202, headers=wait)
    if operation.result:
        return Answer(body=dict(operation.result))
    if not operation.token:
        return Answer(status=204)
    kind = registry.resource_type(operation.token)
    outputs = site.look(kind, operation.resource)
    return Answer(status=204) if outputs is None else Answer(body=shown(site, kind, outputs))


def shown(site: Site, kind: ResourceType, outputs: Properties) -> Properties:
    """Return the body of a resource as these doors show it.

    A Batch account's endpoint is the one that these doors answer at, so that a client that takes
    it from there does not leave for the real Azure.
    """
    body = body_of(kind, outputs)
    endpoint = body.get("properties", {}).get("accountEndpoint")
    if endpoint:
        address = batch_address(site, body["name"], body["location"])
        body["properties"]["accountEndpoint"] = address.removeprefix("https://")
    return body


def batch_address(site: Site, account: str, location: str) -> str:
    """Return where the data plane of an account answers."""
    return f"{site.base_url}/batch/{account}.{location}"


def _state(site: Site, operation: Operation) -> tuple[str, float, AzureError | None]:
    """Return the state of an operation, the minutes that are left, and its error."""
    if operation.error:
        error = AzureError(operation.error["code"], operation.error["message"], status=409)
        return "Failed", 0, error
    if not operation.token:
        return "Succeeded", 0, None
    with site.store.read() as transaction:
        record, now = transaction.get(operation.resource), transaction.now
    if record is None:
        gone = f"'{operation.resource}' was deleted while the operation went on"
        return "Canceled", 0, AzureError("OperationPreempted", gone, status=409)
    left = float(record.internal.get("until", now)) - now
    if left > 0 and site.pace.stands:
        site.model.advance(left)
    outputs = site.look(registry.resource_type(operation.token), operation.resource) or {}
    state = outputs.get("provisioningState", "Succeeded")
    if state == "Failed":
        message = f"the operation on '{operation.resource}' has failed"
        return "Failed", 0, AzureError("OperationFailed", message, status=409)
    return ("InProgress" if state in _GOING_ON else "Succeeded"), max(left, 0), None


def _wait(site: Site, minutes: float) -> str:
    """Return the seconds to wait; never 0, which clients read as "as long as you like"."""
    seconds = ceil(minutes * site.pace.latency)
    return str(max(1, min(seconds, _LONGEST_WAIT_SECONDS)))
