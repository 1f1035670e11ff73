"""The faults that come after the service has accepted a request: the resource is there, damaged."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain.allocation import Resize
from imagefleet.offline.faults.plan import Call, Fault
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import region
from imagefleet.offline.store import Record, Transaction
from imagefleet.offline.values import Properties


def damage(fault: Fault, call: Call, transaction: Transaction) -> AzureError | None:
    """Damage the resource of a call that was served.

    Returns the error with which the operation ends, None where the caller hears of nothing.
    """
    record = transaction.get(call.id)
    if record is None:
        return None
    if fault.kind == "operationFailed":
        return _fail(fault, call, transaction, record)
    if fault.kind == "replicationFailed":
        return _fail_replication(fault, transaction, record)
    if fault.kind == "allocationFailed":
        code = fault.text("code", "AllocationFailed")
        words = "no node of this size can be allocated in the region at the moment"
        _refuse_nodes(transaction, record, code, fault.text("message", words))
    return None


def strikes(fault: Fault, call: Call, transaction: Transaction, before: Record | None) -> bool:
    """Whether a fault that ends an operation has one to end: a request may begin none.

    `before` is the resource as it was before the request, None where there was none.
    """
    record = transaction.get(call.id)
    if fault.kind == "replicationFailed":
        place = region(fault.text("region", ""))
        begun = _replication(record, place)
        return begun is not None and begun != _replication(before, place)
    if fault.kind == "allocationFailed":
        begun = _resize(record)
        if begun is None or begun == _resize(before):
            return False
        # A new pool of 0 nodes and one that shrinks have none that could be refused.
        return Resize.stored(begun).wanted > 0
    return True


def _replication(record: Record | None, place: str) -> Properties | None:
    """Return the replication to a region, apart from a count that was only lowered."""
    copy = None if record is None else record.internal.get("copies", {}).get(place)
    if copy is None:
        return None
    return {name: value for name, value in copy.items() if name != "replicas"}


def _resize(record: Record | None) -> Properties | None:
    return None if record is None else record.internal.get("resize")


def _refuse_nodes(transaction: Transaction, record: Record, code: str, message: str) -> None:
    """Let the resize of a pool, which has just begun, end without a node."""
    resize = replace(Resize.stored(record.internal["resize"]), refused=message, refused_code=code)
    transaction.remember(record, {**record.internal, "resize": resize.plain()})


def _fail(fault: Fault, call: Call, transaction: Transaction, record: Record) -> AzureError:
    if "provisioningState" in record.state:
        failed = {**record.state, "provisioningState": "Failed"}
        transaction.restate(record, failed)
    words = f"the operation on {record.id} was accepted and has ended as Failed"
    code = fault.text("code", "OperationFailed")
    # The request itself was answered well, so a client has nothing to ask again.
    return AzureError(code, fault.text("message", words), status=409, target=call.id)


def _fail_replication(fault: Fault, transaction: Transaction, record: Record) -> AzureError:
    place = region(fault.text("region", ""))
    copies = record.internal["copies"]
    failed = {**copies, place: {**copies[place], "failed": True}}
    transaction.remember(record, {**record.internal, "copies": failed})
    message = (
        f"the replication of {record.id} to {place} has failed; the other regions have their "
        "replicas. Put the version again to repeat it"
    )
    return AzureError("ReplicationJobFailed", message, status=409, target=record.id)
