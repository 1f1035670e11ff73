"""A rehearsal as a person sees it in a terminal of 80 columns, or reads it in a CI log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from imagefleet.cli.terminal import plural
from imagefleet.domain.cloud_errors.match import find
from imagefleet.domain.cloud_errors.model import KnownError
from imagefleet.offline.engine import EngineEvent
from imagefleet.offline.model import PoolProgress
from imagefleet.offline.report import Change, Finding, PropertyChange, Report

_SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "magenta"),
    "delete": ("-", "red"),
}
_WORDS = {
    "create": "to create",
    "update": "to update",
    "replace": "to replace",
    "delete": "to delete",
    "same": "unchanged",
}
_DONE_WORDS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "same": "unchanged",
}
_DRIFT_WORDS = {
    "update": "changed behind the program",
    "delete": "gone behind the program",
    "same": "unchanged",
}
# A list beyond this many lines tells a reader nothing; --events has all of it.
MOST_CHANGES_SHOWN = 60
# With a terminal the simulated minutes pass slowly enough to be seen; without one, at once.
SECONDS_PER_STEP = 0.03


class ConsoleObserver:
    """Print a rehearsal as it happens: changes, verdicts, progress, steady pools, outputs."""

    def __init__(self, console: Console) -> None:
        """Watch on `console`, whose width and terminal decide the form."""
        self.console = self._console = console
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._told: set[Finding] = set()
        self._explained: set[str] = set()

    def close(self) -> None:
        """Take the bars away, also when a run is interrupted."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def run_started(self, action: str) -> None:
        """Head the section of a run."""
        self._console.print(f"\n[bold]{action.capitalize()}[/]")

    def engine_event(self, event: EngineEvent, report: Report) -> None:
        """Say nothing for a single event; the section's end tells them all."""

    def run_ended(self, action: str, report: Report, *, succeeded: bool) -> None:
        """Tell the changes of a preview, the verdicts and messages of every run, and the sums."""
        if action in ("preview", "refresh"):
            self._print_changes([change for change in report.changed if change.custom])
        self._print_findings(report)
        for message in report.errors if not succeeded else []:
            where = f"{message.urn.rsplit('::', 1)[-1]}: " if message.urn else ""
            self._print_indented(f"[red]error:[/] {escape(where + message.text)}")
            self._print_explained(message.text)
        for message in report.messages:
            if message.severity == "warning":
                self._print_indented(f"[yellow]warning:[/] {escape(message.text)}")
        self._console.print(f"  {_sums(report, action)}")
        if not succeeded:
            self._console.print(
                "  [red bold]refused[/], nothing has changed"
                if action == "preview"
                else "  [red bold]failed[/]; what was done is kept, and the next run goes on"
            )

    def pools_moved(self, pools: Sequence[PoolProgress]) -> None:
        """Move one bar per pool; only a terminal sees the way there."""
        if not self._console.is_terminal or not pools:
            return
        if self._progress is None:
            self._console.print("\n[bold]Nodes[/]")
            self._progress = _node_bars(self._console)
            self._progress.start()
        for pool in pools:
            task = self._tasks.get(pool.id)
            if task is None:
                task = self._progress.add_task(pool.name, total=pool.target or 1, state="")
                self._tasks[pool.id] = task
            self._progress.update(task, completed=pool.idle, state=_node_words(pool))
        time.sleep(SECONDS_PER_STEP)

    def pools_steady(self, pools: Sequence[PoolProgress]) -> None:
        """Say of each pool how it came out, on the simulated clock."""
        self.close()
        self._console.print("\n[bold]Pools[/]")
        if not pools:
            self._console.print("  none")
        for pool in pools:
            self._print_pool(pool)

    def refused(self, reasons: Sequence[str]) -> None:
        """Say why nothing was begun, and what to do."""
        self._console.print("\n[red bold]refused[/], nothing has changed:")
        for reason in reasons:
            self._print_indented(escape(reason))

    def outputs(self, outputs: dict[str, Any]) -> None:
        """Print the stack's outputs, one a line, nested ones indented."""
        self._console.print("\n[bold]Outputs[/]")
        for line in _output_lines(outputs, depth=1):
            self._console.print(line, soft_wrap=True, markup=False)

    def _print_changes(self, changes: Sequence[Change]) -> None:
        shown = changes[:MOST_CHANGES_SHOWN]
        width = max((len(_short_type(change.type)) for change in shown), default=0)
        for change in shown:
            sign, colour = _SIGNS.get(change.op, ("?", "white"))
            self._console.print(
                f"  [{colour}]{sign}[/] {_short_type(change.type):<{width}} {escape(change.name)}"
            )
            for prop in change.properties:
                self._print_indented(escape(f"{prop.path}: {_property_words(prop)}"))
        if len(changes) > MOST_CHANGES_SHOWN:
            rest = len(changes) - MOST_CHANGES_SHOWN
            self._console.print(f"  … and {rest} more (--events FILE has them all)")

    def _print_findings(self, report: Report) -> None:
        # `up` finds again what the preview found; once is enough to read.
        new = [finding for finding in report.findings if finding not in self._told]
        self._told.update(new)
        for finding in new:
            if finding.mandatory:
                self._print_finding(finding)
        self._print_advice([finding for finding in new if not finding.mandatory])
        for pack in report.policy_packs:
            mandatory = sum(finding.mandatory for finding in report.findings)
            advisory = len(report.findings) - mandatory
            self._console.print(
                f"  policy pack {escape(pack)}: {report.judged['passed']} passed, "
                f"{mandatory} mandatory, {advisory} advisory findings"
            )

    def _print_advice(self, findings: Sequence[Finding]) -> None:
        """Name what is advised, a line a policy; the policy's own page says why and what to do."""
        resources: dict[str, dict[str, None]] = {}
        for finding in findings:
            resources.setdefault(finding.policy, {})[finding.resource] = None
        for policy, names in resources.items():
            self._console.print(
                Padding(
                    f"[yellow]![/] {escape(policy)} \\[advisory] {escape(', '.join(names))}",
                    (0, 0, 0, 2),
                    expand=False,
                )
            )
        if resources:
            self._console.print("    imagefleet policy explain NAME tells what each is about")

    def _print_finding(self, finding: Finding) -> None:
        colour = "red" if finding.mandatory else "yellow"
        self._console.print(
            f"  [{colour}]{'✗' if finding.mandatory else '!'} {escape(finding.policy)}[/] "
            f"\\[{finding.level}] {escape(finding.resource)}"
        )
        for line in finding.message.splitlines():
            self._print_indented(escape(line))

    def _print_pool(self, pool: PoolProgress) -> None:
        if pool.steady and not pool.errors:
            sign, words = "[green]✓[/]", f"steady after {pool.elapsed_minutes:.0f} min"
        else:
            sign, words = "[red]✗[/]", f"not steady after {pool.elapsed_minutes:.0f} min"
        # Of an image version outside the stack the number of replicas is not known.
        replicas = f", {plural(pool.replicas, 'replica')}" if pool.replicas else ""
        self._console.print(
            f"  {sign} {escape(pool.name)}: {_node_words(pool)}, {words} (simulated){replicas}"
        )
        for error in pool.errors:
            self._print_indented(f"[red]{escape(error)}[/]")
            self._print_explained(error)
        if pool.unusable:
            self._print_explained("unusable")

    def _print_explained(self, text: str) -> None:
        """Say in two lines at most what an error means, and once a run is enough."""
        for match in find(text):
            if match.error.id not in self._explained:
                self._explained.add(match.error.id)
                self._print_indented(f"[cyan]→[/] {escape(explained(match.error))}")

    def _print_indented(self, text: str) -> None:
        self._console.print(Padding(text, (0, 0, 0, 6), expand=False))


def explained(error: KnownError) -> str:
    """Return an error's short explanation, and where the long one is."""
    return f"{error.brief} (imagefleet explain {error.id})"


def _node_bars(console: Console) -> Progress:
    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}"),
        console=console,
        transient=True,
    )


def _node_words(pool: PoolProgress) -> str:
    words = f"{pool.idle} of {pool.target} nodes idle"
    if pool.starting:
        words += f", {pool.starting} starting"
    if pool.unusable:
        words += f", {pool.unusable} unusable"
    return words


def _short_type(token: str) -> str:
    """Return `compute:Gallery` of `azure-native:compute:Gallery`; our own keep their package."""
    return token.removeprefix("azure-native:")


def _property_words(change: PropertyChange) -> str:
    if change.kind == "add":
        words = f"+ {_value_words(change.new)}"
    elif change.kind == "delete":
        words = f"- {_value_words(change.old)}"
    else:
        words = f"{_value_words(change.old)} → {_value_words(change.new)}"
    return f"{words} (forces replacement)" if change.forces_replacement else words


def _value_words(value: Any) -> str:
    """Return a value in few words; ids differ at their end, so the middle is what goes."""
    words, longest = str(value), 60
    if len(words) <= longest:
        return words
    return f"{words[: longest // 3]}…{words[-(longest - longest // 3) :]}"


def _sums(report: Report, action: str) -> str:
    """Return the engine's counts in words; a preview also tells resources from components."""
    preview = action == "preview"
    words = {"preview": _WORDS, "refresh": _DRIFT_WORDS}.get(action, _DONE_WORDS)
    known = [(words[op], count) for op in words if (count := report.counts.get(op, 0))]
    sums = ", ".join(f"{count} {word}" for word, count in known) or "nothing to do"
    if action == "refresh" and not report.changed:
        return f"[green]no drift[/]: {sums}"
    if not report.changed:
        return f"[green]nothing changes[/]: {sums}"
    if not preview:
        return sums
    resources = sum(change.custom for change in report.changed)
    changing = plural(resources, "Azure resource")
    return f"{sums} ({changing}, {plural(len(report.changed) - resources, 'component')})"


def _output_lines(value: Any, *, depth: int) -> list[str]:
    lines: list[str] = []
    pad = "  " * depth
    for key, item in sorted(value.items()) if isinstance(value, dict) else enumerate(value):
        if isinstance(item, dict | list) and item:
            lines += [f"{pad}{key}:", *_output_lines(item, depth=depth + 1)]
        else:
            lines.append(f"{pad}{key}: {item}")
    return lines
