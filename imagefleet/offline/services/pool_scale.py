"""How many nodes a pool is asked for, and the limits that Batch sets to a pool.

Of an autoscale formula only constants are read: the simulation runs no jobs, so a formula that
looks at tasks or nodes asks for the nodes that its literal starting values give, or for none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from imagefleet.domain import durations, pools, vm_sizes
from imagefleet.domain.allocation import Resize
from imagefleet.domain.fleet import AllocationMode
from imagefleet.offline.resource_types import Put, at
from imagefleet.offline.services.batch_accounts import invalid
from imagefleet.offline.store import Record
from imagefleet.offline.values import Properties

_SCALE = "scaleSettings"
_ASSIGNED = re.compile(r"\$(TargetDedicatedNodes|TargetLowPriorityNodes)\s*=\s*([^;]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The nodes that a pool is asked for; `timeout` in minutes, None for autoscale."""

    dedicated: int
    low_priority: int
    timeout: float | None

    def same_as(self, resize: Resize) -> bool:
        """Whether a resize that was begun earlier asked for the same."""
        return (self.dedicated, self.low_priority) == (
            resize.dedicated_target,
            resize.low_priority_target,
        )


def scale_settings(put: Put) -> tuple[Properties, Targets]:
    """Return `scaleSettings` with the service's defaults, and the targets it means."""
    given = put.body.get(_SCALE) or {}
    fixed, automatic = given.get("fixedScale"), given.get("autoScale")
    if fixed is not None and automatic is not None:
        message = f"'{_SCALE}' must have either fixedScale or autoScale, not both"
        raise invalid(message, _SCALE)
    if automatic is not None:
        return _automatic(automatic)
    return _fixed(fixed)


def _fixed(fixed: Properties | None) -> tuple[Properties, Targets]:
    path = f"{_SCALE}.fixedScale"
    asked = fixed or {}
    counts = ("targetDedicatedNodes", "targetLowPriorityNodes")
    if fixed is not None and not any(name in fixed for name in counts):
        message = f"'{path}' must have at least one of {' and '.join(counts)}"
        raise invalid(message, path)
    for name in counts:
        if asked.get(name, 0) < 0:
            message = f"'{path}.{name}' must not be negative"
            raise invalid(message, f"{path}.{name}")
    default = durations.from_minutes(pools.MINUTES_PER_STEP)
    text = str(asked.get("resizeTimeout", default))
    minutes = _minutes(text, f"{path}.resizeTimeout")
    if minutes < pools.RESIZE_TIMEOUT_MINIMUM:
        message = (
            f"'{path}.resizeTimeout' must be at least {pools.RESIZE_TIMEOUT_MINIMUM} minutes, got "
            f"{text}"
        )
        raise invalid(message, f"{path}.resizeTimeout")
    shown = {name: asked.get(name, 0) for name in counts}
    targets = Targets(
        dedicated=shown["targetDedicatedNodes"],
        low_priority=shown["targetLowPriorityNodes"],
        timeout=minutes,
    )
    return {"fixedScale": {**shown, "resizeTimeout": text}}, targets


def _automatic(automatic: Properties) -> tuple[Properties, Targets]:
    path = f"{_SCALE}.autoScale"
    text = str(automatic.get("evaluationInterval", durations.from_minutes(pools.MINUTES_PER_STEP)))
    minutes = _minutes(text, f"{path}.evaluationInterval")
    if not pools.EVALUATION_MINIMUM <= minutes <= pools.EVALUATION_MAXIMUM:
        message = (
            f"'{path}.evaluationInterval' must be {pools.EVALUATION_MINIMUM} minutes to "
            f"{pools.EVALUATION_MAXIMUM // 60} hours, got {text}"
        )
        raise invalid(message, f"{path}.evaluationInterval")
    formula = str(automatic["formula"])
    if not formula.strip():
        message = f"'{path}.formula' must not be empty"
        raise invalid(message, f"{path}.formula")
    asked = constant_targets(formula)
    targets = Targets(
        dedicated=asked.get("TargetDedicatedNodes", 0),
        low_priority=asked.get("TargetLowPriorityNodes", 0),
        timeout=None,
    )
    return {"autoScale": {"formula": formula, "evaluationInterval": text}}, targets


def constant_targets(formula: str) -> dict[str, int]:
    """Return the node targets that a formula sets to a whole number in so many digits."""
    return {
        name: int(value.strip())
        for name, value in _ASSIGNED.findall(formula)
        if value.strip().isdecimal()
    }


def _minutes(text: str, path: str) -> float:
    seconds = durations.seconds(text)
    if seconds is None:
        message = f"'{path}' must be an ISO 8601 duration such as PT30M, got '{text}'"
        raise invalid(message, path)
    return seconds / durations.MINUTE


def require_limits(put: Put, account: Record | None) -> None:
    """Refuse more nodes, task slots or mounts than the service allows."""
    size = str(put.body.get("vmSize") or "")
    if not size:
        message = f"the pool '{put.name}' must have a vmSize"
        raise invalid(message, "vmSize")
    wrong = vm_sizes.fault(size)
    if wrong:
        message = f"'vmSize' is '{size}', which {wrong}"
        raise invalid(message, "vmSize")
    slots = put.body.get("taskSlotsPerNode", 1)
    most = pools.task_slots_maximum(vm_sizes.look_up(size).vcpus)
    if not 1 <= slots <= most:
        message = f"'taskSlotsPerNode' must be 1 to {most} on {size}, got {slots}"
        raise invalid(message, "taskSlotsPerNode")
    mounts: list[Any] = put.body.get("mountConfiguration") or []
    if len(mounts) > pools.MOUNTS_MAXIMUM:
        message = f"a node has at most {pools.MOUNTS_MAXIMUM} mounts, got {len(mounts)}"
        raise invalid(message, "mountConfiguration")
    for index, mount in enumerate(mounts):
        if len(mount) != 1:
            message = f"'mountConfiguration[{index}]' must be exactly one kind of mount"
            raise invalid(message, f"mountConfiguration[{index}]")
    _require_inter_node(put, account)


def _require_inter_node(put: Put, account: Record | None) -> None:
    if put.body.get("interNodeCommunication") != "Enabled":
        return
    mode = at(account.state if account else {}, "poolAllocationMode")
    own = mode == AllocationMode.USER_SUBSCRIPTION
    kind = AllocationMode.USER_SUBSCRIPTION if own else AllocationMode.BATCH_SERVICE
    most = pools.inter_node_maximum(kind)
    fixed = at(put.body, _SCALE, "fixedScale") or {}
    nodes = fixed.get("targetDedicatedNodes", 0) + fixed.get("targetLowPriorityNodes", 0)
    if nodes > most:
        message = (
            f"a pool with inter-node communication has at most {most} nodes in this account, got "
            f"{nodes}"
        )
        raise invalid(message, f"{_SCALE}.fixedScale")
