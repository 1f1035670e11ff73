"""Running policy packs to measure: ours, an empty and a naive one, and what their processes spend.

The empty pack has one resource and one stack policy that do nothing: what it costs is the SDK's
own. The naive pack has as many policies of each kind as ours, written as the SDK's examples are:
each tests the type and reads one property, and joins nothing.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fleets import ROOT, STACK
from benchmarks.pack_resources import PROJECT
from imagefleet.offline.pack.client import AnalyzerResource, PolicyPackProcess

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Iterator, Sequence

OURS = "ours"
NAIVE = "naive"
EMPTY = "empty"

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
class Passes:
    """The cost of each pass of one kind over all resources, in seconds.

    `spent` is the processor time of the pack's process, in steps of 10 ms; unlike the time that
    `waited` holds it leaves out what the machine did for others meanwhile.
    """

    waited: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all passes so far."""
        self.waited.clear()
        self.spent.clear()


@dataclass(slots=True)
class Measured:
    """A running pack, its process, and its passes over the resources that it is asked about."""

    name: str
    pack: PolicyPackProcess
    process_id: int
    analyze: Passes = field(default_factory=Passes)
    stack: Passes = field(default_factory=Passes)

    def kinds(self) -> tuple[int, int]:
        """Return how many resource and how many stack rules the pack has."""
        kinds = [rule.kind for rule in self.pack.rules.values()]
        return kinds.count("resource"), kinds.count("stack")

    def ask_stack(self, resources: Sequence[AnalyzerResource]) -> None:
        """Ask about the stack once, and note what that costs."""
        spent, started = processor_seconds(self.process_id), time.perf_counter()
        self.pack.analyze_stack(resources)
        self.stack.waited.append(time.perf_counter() - started)
        self.stack.spent.append(processor_seconds(self.process_id) - spent)


def ask_resources(running: Sequence[Measured], resources: Sequence[AnalyzerResource]) -> None:
    """Ask all packs about one resource after the other, so that all have the same machine."""
    waited = [0.0] * len(running)
    spent = [processor_seconds(each.process_id) for each in running]
    for resource in resources:
        for index, each in enumerate(running):
            started = time.perf_counter()
            each.pack.analyze(resource)
            waited[index] += time.perf_counter() - started
    for index, each in enumerate(running):
        each.analyze.waited.append(waited[index])
        each.analyze.spent.append(processor_seconds(each.process_id) - spent[index])


def make_pack(folder: Path, name: str, kinds: tuple[int, int]) -> Path:
    """Write a pack of the SDK's own policies; the empty one has one of each kind."""
    resource_policies, stack_policies = (1, 1) if name == EMPTY else kinds
    folder.mkdir(parents=True)
    settings = (ROOT / "policy" / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    settings = settings.replace("../.venv", str(ROOT / ".venv"))
    (folder / "PulumiPolicy.yaml").write_text(settings, encoding="utf-8")
    source = _SOURCE.format(
        name=name,
        resource_policies=resource_policies,
        stack_policies=stack_policies,
        resource_body="pass" if name == EMPTY else _READ_ONE,
        stack_body="pass" if name == EMPTY else _READ_ALL,
    )
    (folder / "__main__.py").write_text(source, encoding="utf-8")
    return folder


def start(stack: contextlib.ExitStack, name: str, folder: Path) -> Measured:
    """Start the pack in `folder`; it ends with `stack`."""
    before = set(_children())
    process = PolicyPackProcess(folder, project=PROJECT, stack=STACK, dry_run=True, config={})
    pack = stack.enter_context(process)
    (process_id,) = set(_children()) - before
    return Measured(name=name, pack=pack, process_id=process_id)


def _children() -> Iterator[int]:
    """Yield the ids of this process's children, `ps` itself left out."""
    listed = subprocess.Popen(("ps", "-A", "-o", "pid=,ppid="), stdout=subprocess.PIPE, text=True)
    output, _ = listed.communicate()
    own = os.getpid()
    for line in output.splitlines():
        child, parent = map(int, line.split())
        if parent == own and child != listed.pid:
            yield child


def peak_mb(process_id: int) -> float:
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


def processor_seconds(process_id: int) -> float:
    """Return the processor time that a process has used so far."""
    status = Path(f"/proc/{process_id}/stat")
    if status.exists():
        # The command's name stands in brackets and may hold spaces; user and system time are
        # the 12th and 13th field after it.
        _, _, fields = status.read_text(encoding="utf-8").rpartition(")")
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    shown = subprocess.run(
        ("ps", "-o", "time=", "-p", str(process_id)), capture_output=True, text=True, check=True
    )
    seconds = 0.0
    for part in shown.stdout.strip().split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
