"""The nodes of a pool, one by one: which there are at a minute, and in which state.

Nodes are numbered in the order in which they are allocated, dedicated ones first; those that have
started are idle (or unusable), the next are starting, the last creating (`allocation`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from imagefleet.domain import vm_sizes
from imagefleet.domain.allocation import Resize
from imagefleet.offline import clock
from imagefleet.offline.services import batch_pools
from imagefleet.offline.store import Record, key_of
from imagefleet.offline.values import Properties
from imagefleet.simulate.batch.bodies import shown

STATES = (
    "creating", "deallocated", "deallocating", "idle", "leavingPool", "offline", "preempted",
    "rebooting", "reimaging", "running", "startTaskFailed", "starting", "unknown", "unusable",
    "upgradingOS", "waitingForStartTask",
)  # fmt: skip
SHOWN = frozenset(
    {"affinityId", "allocationTime", "errors", "id", "ipAddress", "isDedicated", "lastBootTime",
     "nodeAgentInfo", "runningTaskSlotsCount", "runningTasksCount", "schedulingState", "startTask",
     "startTaskInfo", "state", "stateTransitionTime", "totalTasksRun", "totalTasksSucceeded", "url",
     "virtualMachineInfo", "vmSize"}
)  # fmt: skip
"""What a read of a node can show."""
# A node with a lower number is never behind one with a higher number.
_IN_ORDER = ("idle", "unusable", "starting", "creating")
_AGENT_VERSION = "1.0.0"
_MINUTES_PER_HOUR = 60
_SAMPLES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node: its number in the pool, its state, and whether it is dedicated."""

    number: int
    state: str
    dedicated: bool


def nodes(pool: Record, now: float) -> Iterator[Node]:
    """Return the nodes of a pool at minute `now`, in the order of their numbers."""
    states = batch_pools.node_states(pool, now)
    dedicated = Resize.stored(pool.internal["resize"]).dedicated(now)
    number = 0
    for state in _IN_ORDER:
        for _ in range(states[state]):
            yield Node(number=number, state=state, dedicated=number < dedicated)
            number += 1


def node_id(pool: Record, node: Node) -> str:
    """Return the id of a node, the same as long as its pool lives."""
    text = f"{key_of(pool.id)}#{pool.created}#{node.number}"
    kind = "d" if node.dedicated else "p"
    return f"tvmps_{hashlib.sha256(text.encode()).hexdigest()[:32]}_{kind}"


def counts(pool: Record, now: float) -> Properties:
    """Return the nodes of a pool by state, dedicated and low-priority ones apart."""
    states = batch_pools.node_states(pool, now)
    left = Resize.stored(pool.internal["resize"]).dedicated(now)
    dedicated, low_priority = (dict.fromkeys((*STATES, "total"), 0) for _ in range(2))
    for state in _IN_ORDER:
        mine = min(states[state], left)
        left -= mine
        for found, count in ((dedicated, mine), (low_priority, states[state] - mine)):
            found[state] += count
            found["total"] += count
    return {"poolId": pool.name, "dedicated": dedicated, "lowPriority": low_priority}


def body_of(pool: Record, node: Node, url: str) -> Properties:
    """Return a node as the data plane shows it; tasks are not modelled, so it has run none."""
    began = clock.timestamp(float(pool.internal["resize"]["started"]))
    name = node_id(pool, node)
    machine = pool.state["deploymentConfiguration"]["virtualMachineConfiguration"]
    body: Properties = {
        "id": name,
        "url": f"{url}/pools/{pool.name}/nodes/{name}",
        "state": node.state,
        "schedulingState": "enabled",
        "stateTransitionTime": began,
        "lastBootTime": began,
        "allocationTime": began,
        "ipAddress": f"10.{node.number >> 16 & 255}.{node.number >> 8 & 255}.{node.number & 255}",
        "affinityId": f"TVM:{name}",
        "vmSize": str(pool.state["vmSize"]).casefold(),
        "totalTasksRun": 0,
        "totalTasksSucceeded": 0,
        "runningTasksCount": 0,
        "runningTaskSlotsCount": 0,
        "isDedicated": node.dedicated,
        "nodeAgentInfo": {"version": _AGENT_VERSION, "lastUpdateTime": began},
        "virtualMachineInfo": {"imageReference": machine["imageReference"]},
    }
    if pool.state.get("startTask"):
        body["startTask"] = shown("startTask", pool.state["startTask"])
        if node.state == "idle":
            body["startTaskInfo"] = {
                "state": "completed",
                "startTime": began,
                "endTime": began,
                "exitCode": 0,
                "retryCount": 0,
                "result": "success",
            }
    if node.state == "unusable":
        message = "the image needs a security type that the pool does not state"
        body["errors"] = [{"code": "NodePreparationError", "message": message}]
    return body


def core_hours(pool: Record, now: float) -> float:
    """Return the core hours of a pool since its last resize began, in steps of 1/240 of it."""
    resize = Resize.stored(pool.internal["resize"])
    cores = vm_sizes.look_up(str(pool.state["vmSize"])).vcpus or 1
    length = now - resize.started
    if length <= 0:
        return 0.0
    middles = (resize.started + (step + 0.5) * length / _SAMPLES for step in range(_SAMPLES))
    mean = sum(resize.allocated(minute) for minute in middles) / _SAMPLES
    return mean * cores * length / _MINUTES_PER_HOUR
