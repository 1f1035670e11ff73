"""What our policy pack costs beside an empty and a naive one, and how its cost grows.

The empty pack has one resource and one stack policy that do nothing: what it costs is the SDK's
own. The naive pack has as many policies of each kind as ours, written as the SDK's examples are:
each tests the type and reads one property, and joins nothing.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import json_format
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from benchmarks.fleets import ROOT, STACK
from benchmarks.pack_resources import PROJECT, PackResources
from imagefleet.offline.pack.client import AnalyzerResource, PolicyPackProcess
from imagefleet.offline.pack.wire import analyze_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

POOLS, IMAGE_VERSIONS = 1000, 100
GROWTH_SIZES = (100, 5000)
LARGEST_GROWTH = 1.5
_OURS = "ours"
_NAIVE = "naive"
_EMPTY = "empty"
_MS = 1000

_SOURCE = '''\
"""A policy pack of {resource_policies} resource and {stack_policies} stack policies."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)

KIND = "azure-native:batch:Pool"


def of_resource(args, report_violation):
    {resource_body}


def of_stack(args, report_violation):
    {stack_body}


PolicyPack(
    name="{name}",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name=f"resource-{{number}}", description="One property.", validate=of_resource
        )
        for number in range({resource_policies})
    ]
    + [
        StackValidationPolicy(
            name=f"stack-{{number}}", description="One property.", validate=of_stack
        )
        for number in range({stack_policies})
    ],
)
'''
_READ_ONE = """\
if args.resource_type == KIND and args.props.get("vmSize") == "":
        report_violation("no vmSize")"""
_READ_ALL = """\
for resource in args.resources:
        if resource.resource_type == KIND and resource.props.get("vmSize") == "":
            report_violation("no vmSize", resource.urn)"""


@dataclass(slots=True)
class _Measured:
    """A running pack, its process, and the seconds of each pass over all resources."""

    name: str
    pack: PolicyPackProcess
    process_id: int
    analyze: list[float] = field(default_factory=list)
    stack: list[float] = field(default_factory=list)

    def kinds(self) -> tuple[int, int]:
        """Return how many resource and how many stack rules the pack has."""
        kinds = [rule.kind for rule in self.pack.rules.values()]
        return kinds.count("resource"), kinds.count("stack")


def packs(
    folder: Path, repeat: int, say: Callable[[str], None], verdict: Callable[..., bool]
) -> bool:
    """Print cost, memory and growth of our pack; False where it exceeds what is promised."""
    kept = _beside_others(folder, repeat, say, verdict)
    for ids_known in (True, False):
        kept &= _growth(repeat, say, verdict, ids_known=ids_known)
    return kept


def _beside_others(
    folder: Path, repeat: int, say: Callable[[str], None], verdict: Callable[..., bool]
) -> bool:
    resources = PackResources(POOLS, IMAGE_VERSIONS, ids_known=True).all
    with contextlib.ExitStack() as stack:
        ours = _start(stack, _OURS, ROOT / "policy")
        others = [
            _start(stack, name, _make_pack(folder / name, name, ours.kinds()))
            for name in (_EMPTY, _NAIVE)
        ]
        running = [ours, *others]
        judged = _asked(ours, resources)
        for _ in range(repeat):
            _interleaved(running, resources)
        say(
            f"\nPolicy packs over {POOLS} pools and {IMAGE_VERSIONS} image versions "
            f"({len(resources)} resources), ms per resource"
        )
        say(f"{'pack':>8} {'rules':>9} {'Analyze':>9} {'AnalyzeStack':>13} {'peak MB':>9}")
        for each in running:
            rules = "{} + {}".format(*each.kinds())
            peak = _peak_mb(each.process_id)
            say(
                f"{each.name:>8} {rules:>9} {_each(each.analyze, resources):>9.2f} "
                f"{_each(each.stack, resources):>13.2f} {peak:>9.0f}"
            )
        naive = others[-1]
        _say_decoding(ours, resources, judged, say)
    kept = verdict("Analyze: ours over naive", min(ours.analyze) / min(naive.analyze), 1.0)
    return kept & verdict("AnalyzeStack: ours over naive", min(ours.stack) / min(naive.stack), 1.0)


def _say_decoding(
    ours: _Measured,
    resources: Sequence[AnalyzerResource],
    judged: float,
    say: Callable[[str], None],
) -> None:
    """Print what part of ours is the SDK turning messages into Python values."""
    once = _decoding(resources)
    _, stack_rules = ours.kinds()
    figures = (
        ("Analyze", once * judged, _each(ours.analyze, resources), judged),
        ("AnalyzeStack", once * stack_rules, _each(ours.stack, resources), stack_rules),
    )
    for method, decoding, whole, times in figures:
        say(
            f"  {method}: the SDK decodes a resource {times:.1f} times at {once:.3f} ms, "
            f"{decoding:.2f} of {whole:.2f} ms ({decoding / whole:.0%})"
        )


def _growth(
    repeat: int, say: Callable[[str], None], verdict: Callable[..., bool], *, ids_known: bool
) -> bool:
    """Compare the cost per resource of a small and a large stack, a process for each."""
    fleets = [PackResources.about(size, ids_known=ids_known).all for size in GROWTH_SIZES]
    with contextlib.ExitStack() as stack:
        running = [_start(stack, str(len(fleet)), ROOT / "policy") for fleet in fleets]
        # The first resources a process sees pay for its caches; a large stack hides that.
        _interleaved(running[:1], fleets[0])
        running[0].analyze.clear()
        running[0].stack.clear()
        for _ in range(repeat):
            # A small stack is over in a moment of the machine's; several give a fair figure.
            for _ in range(5):
                _interleaved(running[:1], fleets[0])
            _interleaved(running[1:], fleets[1])
    title = "ids known" if ids_known else "first preview, ids not known"
    say(f"\nGrowth of our pack ({title}), ms per resource")
    say(f"{'resources':>10} {'Analyze':>9} {'AnalyzeStack':>13}")
    costs = []
    for each, fleet in zip(running, fleets, strict=True):
        cost = (_each(each.analyze, fleet), _each(each.stack, fleet))
        say(f"{len(fleet):>10} {cost[0]:>9.2f} {cost[1]:>13.2f}")
        costs.append(cost)
    kept = True
    for index, method in enumerate(("Analyze", "AnalyzeStack")):
        ratio = costs[1][index] / costs[0][index]
        kept &= verdict(f"{method}: growth per resource", ratio, LARGEST_GROWTH)
    return kept


def _interleaved(running: Sequence[_Measured], resources: Sequence[AnalyzerResource]) -> None:
    """Ask all packs about one resource after the other, then about the stack in turn."""
    spent = dict.fromkeys((each.name for each in running), 0.0)
    for resource in resources:
        for each in running:
            started = time.perf_counter()
            each.pack.analyze(resource)
            spent[each.name] += time.perf_counter() - started
    for each in running:
        each.analyze.append(spent[each.name])
        started = time.perf_counter()
        each.pack.analyze_stack(resources)
        each.stack.append(time.perf_counter() - started)


def _asked(ours: _Measured, resources: Sequence[AnalyzerResource]) -> float:
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


def _make_pack(folder: Path, name: str, kinds: tuple[int, int]) -> Path:
    """Write a pack of the SDK's own policies; the empty one has one of each kind."""
    resource_policies, stack_policies = (1, 1) if name == _EMPTY else kinds
    folder.mkdir(parents=True)
    settings = (ROOT / "policy" / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    settings = settings.replace("../.venv", str(ROOT / ".venv"))
    (folder / "PulumiPolicy.yaml").write_text(settings, encoding="utf-8")
    source = _SOURCE.format(
        name=name,
        resource_policies=resource_policies,
        stack_policies=stack_policies,
        resource_body="pass" if name == _EMPTY else _READ_ONE,
        stack_body="pass" if name == _EMPTY else _READ_ALL,
    )
    (folder / "__main__.py").write_text(source, encoding="utf-8")
    return folder


def _start(stack: contextlib.ExitStack, name: str, folder: Path) -> _Measured:
    before = set(_children())
    process = PolicyPackProcess(folder, project=PROJECT, stack=STACK, dry_run=True, config={})
    pack = stack.enter_context(process)
    (process_id,) = set(_children()) - before
    return _Measured(name=name, pack=pack, process_id=process_id)


def _children() -> Iterator[int]:
    """Yield the ids of this process's children, `ps` itself left out."""
    listed = subprocess.Popen(("ps", "-A", "-o", "pid=,ppid="), stdout=subprocess.PIPE, text=True)
    output, _ = listed.communicate()
    own = os.getpid()
    for line in output.splitlines():
        child, parent = map(int, line.split())
        if parent == own and child != listed.pid:
            yield child


def _peak_mb(process_id: int) -> float:
    """Return a process's peak resident memory; the present one where the system keeps no peak."""
    status = Path(f"/proc/{process_id}/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    shown = subprocess.run(
        ("ps", "-o", "rss=", "-p", str(process_id)), capture_output=True, text=True, check=True
    )
    return int(shown.stdout) / 1024


def _each(seconds: Sequence[float], resources: Sequence[AnalyzerResource]) -> float:
    return _MS * min(seconds) / len(resources)
