"""The faults that come after the service has accepted a request: the resource is there, damaged."""

from __future__ import annotations

from dataclasses import replace

from imagefleet.domain import arm_ids, vm_sizes
from imagefleet.domain.allocation import Resize
from imagefleet.offline.faults.plan import Call, Fault
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import region
from imagefleet.offline.store import Record, Transaction, key_of


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
        refuse_nodes(transaction, record, code, fault.text("message", words))
    return None


def strikes(fault: Fault, call: Call, transaction: Transaction) -> bool:
    """Whether a fault that looks at the resource itself has anything to do."""
    if fault.kind == "replicationFailed":
        record = transaction.get(call.id)
        copies = {} if record is None else record.internal.get("copies", {})
        return region(fault.text("region", "")) in copies
    return True


def exceed_quota(fault: Fault, call: Call, transaction: Transaction) -> bool:
    """Refuse nodes to a pool with which its account has more cores than the fault allows."""
    record = transaction.get(call.id)
    account = call.id.rsplit("/", 2)[0]
    most = int(fault.number("cores", 0))
    others = transaction.children(account, arm_ids.BATCH_POOL)
    used = sum(_cores(each) for each in others if key_of(each.id) != key_of(call.id))
    asked = 0 if record is None else _cores(record)
    if record is None or not asked or used + asked <= most:
        return False
    message = (
        f"the account's quota is {most} cores; its other pools have {used}, this one asks for "
        f"{asked}. Ask for a higher quota, or for fewer nodes"
    )
    refuse_nodes(transaction, record, "AccountCoreQuotaReached", message)
    return True


def refuse_nodes(transaction: Transaction, record: Record, code: str, message: str) -> None:
    """Let the resize of a pool, which has just begun, end without a node."""
    resize = replace(Resize.stored(record.internal["resize"]), refused=message, refused_code=code)
    transaction.remember(record, {**record.internal, "resize": resize.plain()})


def _cores(record: Record) -> int:
    resize = Resize.stored(record.internal["resize"])
    size = vm_sizes.look_up(str(record.state.get("vmSize")))
    return 0 if resize.refused else resize.target * (size.vcpus or 0)


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
