"""Errors that speak of the moment: a service that is busy or broken, an answer that got lost."""

from __future__ import annotations

from typing import Final

from imagefleet.domain.cloud_errors.model import KnownError, Topic

_THROTTLING = "Azure documentation, Understand how Azure Resource Manager throttles requests"
_STATUS = "Azure documentation, Azure REST API, status codes"

ERRORS: Final = (
    KnownError(
        id="too-many-requests",
        codes=("TooManyRequests", "SubscriptionRequestsThrottled"),
        brief="The limit of requests is reached: wait as long as the answer says, run it again.",
        meaning="Subscription or service takes no more requests for the moment.",
        causes=("a large program, or several at once", "another tool that polls the subscription"),
        fix=(
            "Wait for the time in Retry-After, then run it again; `pulumi up --parallel 4` asks "
            "for less at once."
        ),
        source=_THROTTLING,
    ),
    KnownError(
        id="service-fails",
        codes=("InternalServerError", "ServiceUnavailable"),
        brief="The service failed, not the request: run it again; what is done stays done.",
        meaning="The service could not answer, for a reason of its own.",
        causes=("an incident or an upgrade in the region",),
        fix="Run it again in some minutes; if it stays, look at Azure's status page.",
        source=_STATUS,
    ),
    KnownError(
        id="answer-lost",
        codes=("ConnectionReset", "ClientClosedRequest"),
        brief="The answer got lost, perhaps not the work: refresh, then run it again.",
        meaning="The connection ended before the answer came; the request may have been served.",
        causes=("the network, a proxy, or a run that was killed",),
        fix="Run `pulumi refresh`, so that the state knows what was done, then run it again.",
        source=_STATUS,
    ),
    KnownError(
        id="changed-meanwhile",
        codes=("PreconditionFailed",),
        brief="Somebody changed it since it was read: refresh, then run it again.",
        meaning="The resource is not the one that was read before; its ETag differs.",
        causes=("another run, tool or person works on the same resource",),
        fix="Run `pulumi refresh`, look at the change, then run it again.",
        source=_STATUS,
    ),
    KnownError(
        id="busy-or-kept",
        codes=("Conflict",),
        brief="Another operation is under way, or a deleted name is kept: wait, run it again.",
        meaning="The resource cannot be changed in its present state.",
        causes=(
            "another operation on it has not ended",
            "the name belongs to a deleted resource that the service still keeps",
        ),
        fix="Wait some minutes and run it again; else choose another name.",
        source="Azure documentation, Troubleshoot common Azure deployment errors",
        general=True,
    ),
    KnownError(
        id="operation-failed",
        codes=("OperationFailed",),
        brief="It was accepted and ended as Failed: look why, mend it, run it again.",
        meaning="A long operation began well and failed; the resource stays in state Failed.",
        causes=("the reason is in the message or in the activity log of its group",),
        fix="Mend the reason, then run it again, which asks for the same once more.",
        source=_STATUS,
        general=True,
    ),
    KnownError(
        id="replication-failed",
        codes=("ReplicationJobFailed",),
        brief="Replication to one region failed; the other regions serve. Run it again.",
        meaning="A region did not get its replicas; pools there find no image.",
        causes=("an incident in that region", "no room for more replicas there"),
        fix="Run it again, which asks for it once more, and look at its replication status.",
        topics=(Topic.REPLICAS,),
        sentences=("D29",),
        source="simulated Azure",
    ),
)
