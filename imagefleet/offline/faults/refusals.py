"""The faults that answer in place of the service: it does nothing, or nobody hears what it did."""

from __future__ import annotations

from imagefleet.domain import arm_ids
from imagefleet.offline.faults.fired import FaultLog
from imagefleet.offline.faults.plan import Call, Fault
from imagefleet.offline.model import AnswerLostError, AzureError
from imagefleet.offline.store import Transaction
from imagefleet.offline.values import Properties

# Azure documentation: the directory and role assignments need up to 10 minutes to be seen
# everywhere; a few are the usual case.
_LATE_MINUTES = 5.0
# Our assumption; services that keep deleted names say days, which no rehearsal would wait for.
_SOFT_DELETED_MINUTES = 30.0
_RETRY_AFTER_SECONDS = 10.0

_PLAIN = {
    "conflict": ("Conflict", "another operation on this resource is under way", 409),
    "preconditionFailed": ("PreconditionFailed", "the resource has changed since it was read", 412),
    "throttled": ("TooManyRequests", "the limit of requests is reached", 429),
    "serverError": ("InternalServerError", "the service met an unexpected condition", 500),
    "unavailable": ("ServiceUnavailable", "the service cannot take requests at the moment", 503),
}


def plain_refusal(fault: Fault, call: Call) -> AzureError | None:
    """Return the error of a fault that refuses whatever it meets, None for other kinds."""
    if fault.kind == "dropped" and not fault.options.get("served"):
        return answer_lost(call)
    if fault.kind not in _PLAIN:
        return None
    code, words, status = _PLAIN[fault.kind]
    default = _RETRY_AFTER_SECONDS if fault.kind == "throttled" else 0.0
    wait = fault.number("retryAfterSeconds", default)
    advice = f"; ask again after {wait:g} s" if wait else "; try again"
    message = f"{words}: {call.operation} of {call.id}{advice}"
    return AzureError(code, message, status=status, target=call.id, retry_after=wait)


def answer_lost(call: Call) -> AnswerLostError:
    """Return the error of a connection that broke before the answer came."""
    message = (
        f"the connection was closed before {call.operation} of {call.id} was answered; "
        "whether it was done shows when it is read"
    )
    return AnswerLostError("ConnectionReset", message, status=503, target=call.id)


def late_refusal(
    index: int,
    fault: Fault,
    call: Call,
    inputs: Properties,
    transaction: Transaction,
    log: FaultLog,
) -> AzureError | None:
    """Return the error of a fault that depends on what was done when, None where it is over."""
    if fault.kind == "principalNotFound":
        return _principal(index, fault, call, inputs, transaction, log)
    if fault.kind == "roleNotEffective":
        return _role(fault, call, transaction)
    if fault.kind == "softDeleted" and call.operation == "create":
        return _soft_deleted(index, fault, call, transaction, log)
    return None


def _principal(
    index: int,
    fault: Fault,
    call: Call,
    inputs: Properties,
    transaction: Transaction,
    log: FaultLog,
) -> AzureError | None:
    principal = str(inputs.get("principalId"))
    known = log.note(index, principal, transaction.now) + fault.number("minutes", _LATE_MINUTES)
    if transaction.now >= known:
        return None
    message = (
        f"the principal {principal} does not exist in the directory yet: it is replicated in "
        f"{known - transaction.now:g} minutes. Wait and run this again"
    )
    return AzureError("PrincipalNotFound", message, target=call.id)


def _role(fault: Fault, call: Call, transaction: Transaction) -> AzureError | None:
    grants = transaction.of_type(arm_ids.ROLE_ASSIGNMENT)
    made = max((grant.created for grant in grants), default=None)
    effective = None if made is None else made + fault.number("minutes", _LATE_MINUTES)
    if effective is None or transaction.now >= effective:
        return None
    message = (
        f"the client may write {call.id} but may not yet read the linked image: the role "
        f"assignment takes effect in {effective - transaction.now:g} minutes. Wait and run this "
        "again"
    )
    return AzureError("LinkedAuthorizationFailed", message, status=403, target=call.id)


def _soft_deleted(
    index: int, fault: Fault, call: Call, transaction: Transaction, log: FaultLog
) -> AzureError | None:
    deleted = log.noted(index, call.id)
    free = None if deleted is None else deleted + fault.number("minutes", _SOFT_DELETED_MINUTES)
    if free is None or transaction.now >= free:
        return None
    message = (
        f"the name of {call.id} is kept for a deleted resource for another "
        f"{free - transaction.now:g} minutes. Wait and run this again, or choose another name"
    )
    return AzureError("Conflict", message, status=409, target=call.id)
