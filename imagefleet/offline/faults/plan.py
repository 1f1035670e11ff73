"""What shall go wrong: faults, what each meets, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

Operation = Literal["create", "read", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "read", "update", "delete")

ALWAYS = 0
"""The value of `Fault.times` for a fault that never ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault: what it may be told, and what it meets where a plan does not say.

    `keys` are the kind's own keys with their types, `required` those it cannot do without;
    `operations` and `type` narrow down what it can meet; `times` is how often it happens unless
    the plan says otherwise.
    """

    summary: str
    keys: Mapping[str, type] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    operations: tuple[Operation, ...] = OPERATIONS
    type: str = "*"
    times: int = 1


_WRITES: tuple[Operation, ...] = ("create", "update", "delete")
_PUTS: tuple[Operation, ...] = ("create", "update")
_RETRY = {"retryAfterSeconds": float}
_REASON = {"code": str, "message": str}
_MINUTES = {"minutes": float}
_POOL = "batch:Pool"

KINDS: Mapping[str, Kind] = {
    "conflict": Kind(summary="409: another operation is under way", operations=_WRITES),
    "preconditionFailed": Kind(summary="412: the resource has changed since", operations=_WRITES),
    "throttled": Kind(summary="429 with Retry-After", keys=_RETRY),
    "serverError": Kind(summary="500", keys=_RETRY),
    "unavailable": Kind(summary="503", keys=_RETRY),
    "dropped": Kind(
        summary="the connection breaks, before or (served) after the service has done it",
        keys={"served": bool},
    ),
    "killed": Kind(
        summary="the engine is killed (SIGKILL), before or (served) after the service has done it",
        keys={"served": bool},
    ),
    "slow": Kind(
        summary="the answer takes real seconds, or minutes on the simulated clock",
        keys={"seconds": float, **_MINUTES},
    ),
    "operationFailed": Kind(
        summary="the operation is accepted and ends Failed", keys=_REASON, operations=_WRITES
    ),
    "replicationFailed": Kind(
        summary="the replication of an image version fails in one region",
        keys={"region": str},
        required=frozenset({"region"}),
        operations=_PUTS,
        type="compute:GalleryImageVersion",
    ),
    "allocationFailed": Kind(
        summary="no node of a pool can be allocated", keys=_REASON, operations=_PUTS, type=_POOL
    ),
    "principalNotFound": Kind(
        summary="the directory does not know a principal in its first minutes",
        keys=_MINUTES,
        operations=("create",),
        type="authorization:RoleAssignment",
        times=ALWAYS,
    ),
    "roleNotEffective": Kind(
        summary="a pool cannot read its image in the first minutes of a role assignment",
        keys=_MINUTES,
        operations=("create",),
        type=_POOL,
        times=ALWAYS,
    ),
    "softDeleted": Kind(
        summary="the name of a deleted resource stays taken for some minutes",
        keys=_MINUTES,
        operations=("create", "delete"),
        times=ALWAYS,
    ),
    "changedBehind": Kind(
        summary="somebody else changes (set) or deletes (remove) the resource afterwards",
        keys={"set": dict, "remove": bool},
        operations=_PUTS,
    ),
}

FORMER_KINDS: Mapping[str, str] = {
    "coreQuota": "quotas.accounts: {'*': {dedicatedCores: N}}",
    "poolQuota": "quotas.accounts: {'*': {pools: N}}",
}
"""Kinds that there are no more, and what the file of `--outside` says instead of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to the service; `type` is without its package (`batch:Pool`)."""

    operation: Operation
    type: str
    id: str

    @property
    def name(self) -> str:
        """The last segment of the ARM id."""
        return self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: its `kind` (a key of `KINDS`), what it meets and how often.

    `type` and `resource` are patterns with `*`; `resource` meets the resource's name or its ARM
    id, whatever the case. The first `after` calls that it could meet pass, then it happens to
    `times` of them (0: to all), each with the probability `chance`. `options` are the kind's own
    keys as the file spells them. Raises `ValueError` for a kind that there is not.
    """

    kind: str
    operation: Operation | Literal["any"] = "any"
    type: str = "*"
    resource: str = "*"
    times: int | None = None
    after: int = 0
    chance: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f"'{self.kind}' is no kind of fault; kinds: {', '.join(KINDS)}"
            raise ValueError(message)

    @property
    def limit(self) -> int:
        """How often the fault happens, 0 for always."""
        return KINDS[self.kind].times if self.times is None else self.times

    def meets(self, call: Call) -> bool:
        """Whether the fault can happen to a call."""
        kind = KINDS[self.kind]
        if call.operation not in kind.operations or self.operation not in ("any", call.operation):
            return False
        if not all(_like(call.type, pattern) for pattern in (kind.type, self.type)):
            return False
        return _like(call.name, self.resource) or _like(call.id, self.resource)

    def number(self, key: str, default: float) -> float:
        """Return one of the kind's own keys that is a number."""
        return float(self.options.get(key, default))

    def text(self, key: str, default: str) -> str:
        """Return one of the kind's own keys that is a text."""
        return str(self.options.get(key, default))


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Faults in the order in which they are asked; `seed` decides what a `chance` comes to."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0

    def meeting(self, call: Call) -> Iterator[tuple[int, Fault]]:
        """Yield the faults that can happen to a call, with their places in the plan."""
        return ((i, fault) for i, fault in enumerate(self.faults) if fault.meets(call))


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(text.casefold(), pattern.casefold())
