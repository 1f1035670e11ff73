"""Error answers in the bodies of the two services.

ARM: `{"error": {"code", "message", "target"}}`. Batch: OData's `{"odata.metadata", "code",
"message": {"lang", "value"}, "values"}` (Batch REST API, status and error codes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from imagefleet.offline.model import AzureError
from imagefleet.simulate.messages import Answer


def arm_error(error: AzureError, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer of ARM and its providers to a refused request."""
    return Answer(status=error.status, body={"error": arm_detail(error)}, headers=headers or {})


def arm_detail(error: AzureError) -> dict[str, Any]:
    """Return the `error` object that stands in error bodies and failed operations."""
    detail = {"code": error.code, "message": error.message}
    return {**detail, "target": error.target} if error.target else detail


def batch_error(
    error: AzureError, base_url: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return the answer of the Batch service to a refused request."""
    body: dict[str, Any] = {
        "odata.metadata": f"{base_url}/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container."
        "errors/@Element",
        "code": error.code,
        "message": {"lang": "en-US", "value": f"{error.message}\nRequestId:{uuid4()}"},
    }
    if error.target:
        body["values"] = [{"key": "Target", "value": error.target}]
    return Answer(status=error.status, body=body, headers=headers or {})


def not_supported(what: str) -> AzureError:
    """Return the error for a part of Azure that is not simulated, named."""
    message = f"{what} is not simulated; docs/simulated-azure.md lists what is"
    return AzureError("NotSupportedBySimulation", message, status=501, target=what)


def unknown_path(method: str, path: str) -> AzureError:
    """Return the error for an address that no service of this Azure has."""
    message = f"no operation of the simulated Azure is '{method} {path}'"
    return AzureError("NotFound", message, status=404, target=path)
