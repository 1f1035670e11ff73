"""What a killed run has left behind, looked up in the simulated Azure; nothing is changed here.

An engine notes each operation before it asks the provider. What it noted and never saw the end of
is pending: only the service knows whether it was done, and how far it has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from imagefleet.domain import arm_ids
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.clock import LONGEST_WAIT_MINUTES
from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.outside.grants import grant_id
from imagefleet.offline.outside.state import BODY, supposed
from imagefleet.offline.services import registry
from imagefleet.offline.services.gallery_versions import replication_status
from imagefleet.offline.store import key_of

_R = TypeVar("_R")

FAILED = "Failed"
"""How the service shows a resource whose last operation did not end well."""

FAILED_REASON = "the service shows it as Failed; this run puts it again"
"""What the state says of such a resource."""

UNDER_WAY = frozenset({"Creating", "Updating", "Deleting"})
"""How the service shows a resource that it is still at work on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock of an engine's state: a process, whose it is, since when."""

    process: int
    who: str
    since: str
    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One operation without an end: what the service shows of it, and what becomes of it.

    `operation` is `creating`, `updating`, `deleting`, or `failed` for one that ended badly; `id`
    is the ARM id, "" where the inputs do not tell it.
    """

    urn: str
    type: str
    operation: str
    id: str
    found: str
    action: str

    @property
    def name(self) -> str:
        """The logical name of the resource."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the service shows of a resource, and in words.

    `there` is None where nobody can tell; `state` is how far its last operation has come, "" for a
    type that does not say.
    """

    there: bool | None
    words: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one engine's state needs before its next run."""

    engine: str
    locks: tuple[Holder, ...] = ()
    pending: tuple[Pending, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there is nothing to recover."""
        return not self.locks and not self.pending


def look_up(deployment: Mapping[str, Any], azure: SimulatedAzure) -> tuple[Pending, ...]:
    """Return the pending operations of an exported deployment as the service sees them.

    With them what the service shows as Failed and the state as whole.
    """
    failed = (_failed(each) for each in failed_unnoticed(deployment, azure))
    return (*unfinished(deployment, azure), *failed)


def unfinished(deployment: Mapping[str, Any], azure: SimulatedAzure) -> tuple[Pending, ...]:
    """Return the operations of an exported deployment that it does not know the end of."""
    inputs = {each["urn"]: each.get("inputs") or {} for each in deployment.get("resources") or ()}
    return tuple(
        _looked_up(operation, inputs, azure)
        for operation in deployment.get("pending_operations") or ()
    )


def failed_unnoticed(
    deployment: Mapping[str, Any], azure: SimulatedAzure
) -> list[Mapping[str, Any]]:
    """Return the resources that the service shows as Failed and the state as whole.

    A refresh forgets why a resource was not ready; without a change of its inputs no run would
    ever put it again.
    """
    return [
        each
        for each in deployment.get("resources") or ()
        if each["type"].startswith("azure-native:")
        and not each.get("initErrors")
        and not each.get("external")
        and _see(each["type"], str(each.get("id") or ""), azure).state == FAILED
    ]


def _failed(resource: Mapping[str, Any]) -> Pending:
    return Pending(
        urn=resource["urn"],
        type=resource["type"],
        operation=FAILED.lower(),
        id=str(resource.get("id")),
        found=FAILED,
        action="note it: the next run puts it again",
    )


def _looked_up(
    operation: Mapping[str, Any], inputs: Mapping[str, Any], azure: SimulatedAzure
) -> Pending:
    resource, kind = operation["resource"], operation["type"]
    resource_id = str(resource.get("id") or id_from_inputs(resource, inputs))
    seen = _see(resource["type"], resource_id, azure)
    return Pending(
        urn=resource["urn"],
        type=resource["type"],
        operation=kind,
        id=resource_id,
        found=seen.words,
        action=_action(kind, seen),
    )


def id_from_inputs(resource: Mapping[str, Any], inputs: Mapping[str, Any]) -> str:
    """Return the ARM id that the inputs of a pending creation name, "" where they do not."""
    provider, _, _ = str(resource.get("provider") or "").rpartition("::")
    subscription = str(inputs.get(provider, {}).get("subscriptionId", ""))
    try:
        kind = registry.resource_type(resource["type"])
        return kind.id_of(resource["inputs"], ProviderSettings(subscription_id=subscription))
    except (AzureError, KeyError):
        return ""


def _see(type_token: str, resource_id: str, azure: SimulatedAzure) -> _Seen:
    if not resource_id:
        return _Seen(there=None, words="its inputs do not tell its id")
    try:
        read = azure.read(type_token, resource_id)
    except AzureError as error:
        return _Seen(there=None, words=str(error))
    if read is None:
        return _Seen(there=False, words="not there")
    state = str(read.outputs.get("provisioningState") or "")
    words = state or "there"
    with azure.store.read() as transaction:
        record = transaction.get(resource_id)
        if record is not None and record.type == arm_ids.IMAGE_VERSION:
            status = replication_status(record, transaction.now)
            parts = (f"{each['region']} {each['progress']}%" for each in status["summary"])
            words += f", replicas: {', '.join(parts)}"
    return _Seen(there=True, state=state, words=words)


def _action(kind: str, seen: _Seen) -> str:
    if seen.there is None:
        return "clear it; if it exists, import it by hand"
    if kind == "creating":
        if not seen.there:
            return "clear it: the next run makes it"
        again = seen.state == FAILED
        then = "import it, and the next run puts it again" if again else "import it"
        return f"wait for it, then {then}" if seen.state in UNDER_WAY else then
    if kind == "deleting":
        return "keep it: it still exists" if seen.there else "forget it: it is gone"
    return "read it again" if seen.there else "forget it: it is gone"


def in_order(
    resources: Iterable[_R],
    *,
    urn: Callable[[_R], str],
    needs: Callable[[_R], Iterable[str]],
    going: Callable[[_R], bool],
) -> list[_R]:
    """Return the resources of a state so that nothing comes before what it needs.

    What was taken in stands last, and something that waits for its own replacement may need it.
    `needs` are URNs, which mean the resource that stays where another of the same URN is `going`.
    The order stays as it is where it can.
    """
    listed = list(resources)
    staying = {urn(each): each for each in listed if not going(each)}
    ordered: list[_R] = []
    seen: set[int] = set()

    def place(resource: _R) -> None:
        if id(resource) in seen:
            return
        seen.add(id(resource))
        for needed in needs(resource):
            if needed in staying:
                place(staying[needed])
        ordered.append(resource)

    for each in listed:
        place(each)
    return ordered


def strays(
    deployments: Iterable[Mapping[str, Any]], pending: Iterable[Pending], azure: SimulatedAzure
) -> tuple[str, ...]:
    """Return the ids of resources in the simulated Azure that no deployment knows.

    `pending` are the operations of the deployments, whose resources are known as well. What a file
    of outside facts has told of is nobody's.
    """
    known = {key_of(each.id) for each in pending if each.id}
    for deployment in deployments:
        known |= {key_of(str(each.get("id") or "")) for each in deployment.get("resources") or ()}
    with azure.store.read() as transaction:
        known |= {key_of(grant_id(grant)) for grant in supposed(transaction).grants}
        records = [each for kind in registry.TYPES for each in transaction.of_type(kind.arm_type)]
    ours = (each.id for each in records if BODY not in each.internal)
    return tuple(sorted(each for each in ours if key_of(each) not in known))


def wait_for(pending: Iterable[Pending], azure: SimulatedAzure) -> None:
    """Let the operations that are under way come to their end, on the simulated clock."""
    for each in pending:
        waited = 0
        while _see(each.type, each.id, azure).state in UNDER_WAY and waited < LONGEST_WAIT_MINUTES:
            azure.advance(1)
            waited += 1
