"""What our policy pack costs beside an empty and a naive one, and how its cost grows."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from google.protobuf import json_format
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from benchmarks.fleets import ROOT
from benchmarks.pack_process import (
    EMPTY,
    NAIVE,
    OURS,
    Measured,
    ask_resources,
    make_pack,
    peak_mb,
    start,
)
from benchmarks.pack_resources import PackResources
from imagefleet.offline.pack.wire import analyze_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imagefleet.offline.pack.client import AnalyzerResource

POOLS, IMAGE_VERSIONS = 1000, 100
GROWTH_SIZES = (100, 5000)
# What a resource may cost in the large stack, over what it costs in the small one. The values
# that the SDK builds of the small stack fit a processor's own cache, those of the large do not.
LARGEST_GROWTH = 1.5
# Passes over the small stack for each over the large one, half before it and half after.
_SMALL_PASSES = 10
_MS = 1000
_STACK_TURNS = 3


def packs(
    folder: Path, repeat: int, say: Callable[[str], None], verdict: Callable[..., bool]
) -> bool:
    """Print cost, memory and growth of our pack; False where it exceeds what is promised."""
    with contextlib.ExitStack() as stack:
        ours = start(stack, OURS, ROOT / "policy")
        kinds = ours.kinds()
        empty, naive = (
            start(stack, name, make_pack(folder / name, name, kinds)) for name in (EMPTY, NAIVE)
        )
        kept = _beside_others(ours, empty, naive, repeat, say, verdict)
    for ids_known in (True, False):
        kept &= _growth(folder / NAIVE, repeat, say, verdict, ids_known=ids_known)
    return kept


def _beside_others(
    ours: Measured,
    empty: Measured,
    naive: Measured,
    repeat: int,
    say: Callable[[str], None],
    verdict: Callable[..., bool],
) -> bool:
    resources = PackResources(POOLS, IMAGE_VERSIONS, ids_known=True).all
    running = [ours, empty, naive]
    judged = _asked(ours, resources)
    for _ in range(repeat):
        ask_resources(running, resources)
        # In turn, because a machine's speed changes while one pack is asked.
        for each in running * _STACK_TURNS:
            each.ask_stack(resources)
    say(
        f"\nPolicy packs over {POOLS} pools and {IMAGE_VERSIONS} image versions "
        f"({len(resources)} resources), ms per resource"
    )
    say(f"{'pack':>8} {'rules':>9} {'Analyze':>9} {'AnalyzeStack':>13} {'peak MB':>9}")
    for each in running:
        rules = "{} + {}".format(*each.kinds())
        say(
            f"{each.name:>8} {rules:>9} {_each(each.analyze.waited, resources):>9.2f} "
            f"{_each(each.stack.waited, resources):>13.2f} {peak_mb(each.process_id):>9.0f}"
        )
    _say_decoding(ours, resources, judged, say)
    analyze = min(ours.analyze.waited) / min(naive.analyze.waited)
    stack = min(ours.stack.waited) / min(naive.stack.waited)
    kept = verdict("Analyze: ours over naive", analyze, 1.0)
    return kept & verdict("AnalyzeStack: ours over naive", stack, 1.0)


def _say_decoding(
    ours: Measured,
    resources: Sequence[AnalyzerResource],
    judged: float,
    say: Callable[[str], None],
) -> None:
    """Print what part of ours is the SDK turning messages into Python values."""
    once = _decoding(resources)
    _, stack_rules = ours.kinds()
    figures = (
        ("Analyze", once * judged, _each(ours.analyze.waited, resources), judged),
        ("AnalyzeStack", once * stack_rules, _each(ours.stack.waited, resources), stack_rules),
    )
    for method, decoding, whole, times in figures:
        say(
            f"  {method}: the SDK decodes a resource {times:.1f} times at {once:.3f} ms, "
            f"{decoding:.2f} of {whole:.2f} ms ({decoding / whole:.0%})"
        )


def _growth(
    naive: Path,
    repeat: int,
    say: Callable[[str], None],
    verdict: Callable[..., bool],
    *,
    ids_known: bool,
) -> bool:
    """Compare what a resource of a small and of a large stack costs, for ours and the naive pack.

    By processor time, for the large stack takes so long that other work would weigh on it more.
    """
    fleets = [PackResources.about(size, ids_known=ids_known).all for size in GROWTH_SIZES]
    title = "ids known" if ids_known else "first preview, ids not known"
    say(f"\nGrowth ({title}), ms of processor time per resource")
    sizes = " ".join(f"{len(fleet):>9}" for fleet in fleets)
    say(f"{'pack':>8} {'method':>13} {sizes} {'growth':>9}")
    ours = _grown(ROOT / "policy", OURS, fleets, repeat)
    # The naive pack is slow; one pass over the large stack shows how it grows.
    other = _grown(naive, NAIVE, fleets, 1)
    growth = {}
    for name, costs in ((OURS, ours), (NAIVE, other)):
        for method, (small, large) in costs.items():
            growth[name, method] = large / small
            shown = f"{small:>9.2f} {large:>9.2f} {large / small:>9.2f}"
            say(f"{name:>8} {method:>13} {shown}")
    kept = True
    for method in ours:
        kept &= verdict(f"{method}: growth per resource", growth[OURS, method], LARGEST_GROWTH)
    stack = growth[OURS, "AnalyzeStack"] / growth[NAIVE, "AnalyzeStack"]
    return kept & verdict("AnalyzeStack: growth, ours over naive", stack, 1.0)


def _grown(
    folder: Path, name: str, fleets: Sequence[Sequence[AnalyzerResource]], repeat: int
) -> dict[str, tuple[float, float]]:
    """Return the cost of a resource in the small and the large stack, by method.

    A process for each. Means, not the best pass: the small stack has many more passes, of which
    the best would be luckier.
    """
    small_fleet, large_fleet = fleets
    with contextlib.ExitStack() as stack:
        small, large = (start(stack, name, folder) for _ in fleets)
        # The first resources that a process sees pay for its caches.
        _ask_both(small, small_fleet)
        small.analyze.clear()
        small.stack.clear()
        for _ in range(repeat):
            for _ in range(_SMALL_PASSES // 2):
                _ask_both(small, small_fleet)
            _ask_both(large, large_fleet)
            for _ in range(_SMALL_PASSES // 2):
                _ask_both(small, small_fleet)
        return {
            "Analyze": (
                _mean(small.analyze.spent, small_fleet),
                _mean(large.analyze.spent, large_fleet),
            ),
            "AnalyzeStack": (
                _mean(small.stack.spent, small_fleet),
                _mean(large.stack.spent, large_fleet),
            ),
        }


def _ask_both(pack: Measured, resources: Sequence[AnalyzerResource]) -> None:
    ask_resources([pack], resources)
    pack.ask_stack(resources)


def _asked(ours: Measured, resources: Sequence[AnalyzerResource]) -> float:
    """Return how many of our resource rules a resource is decoded for, on average.

    Those that gave a verdict, and the first, which is always asked. Also warms the pack up.
    """
    asked = 0
    for resource in resources:
        answer = ours.pack.analyze(resource)
        given = {*answer.passed, *answer.failed, *answer.undecided}
        asked += len(given | {next(iter(ours.pack.rules))})
    return asked / len(resources)


def _decoding(resources: Sequence[AnalyzerResource]) -> float:
    """Return the milliseconds that the SDK takes to decode one resource, once."""
    requests = [analyze_request(resource) for resource in resources]
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for request in requests:
            values = deserialize_properties(json_format.MessageToDict(request.properties))
            unknown_checking_proxy(values)
        best = min(best, time.perf_counter() - started)
    return _MS * best / len(requests)


def _each(seconds: Sequence[float], resources: Sequence[AnalyzerResource]) -> float:
    return _MS * min(seconds) / len(resources)


def _mean(seconds: Sequence[float], resources: Sequence[AnalyzerResource]) -> float:
    return _MS * sum(seconds) / len(seconds) / len(resources)
