"""`imagefleet plan`: every figure a stack file leads to, as tables or as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from imagefleet.cli import asked_nodes, costing, plotting, stacks
from imagefleet.cli.terminal import make_console
from imagefleet.domain import replication
from imagefleet.domain.capacity import Capacity, capacity
from imagefleet.domain.costs import Costs, costs, money
from imagefleet.domain.explain import derived_values
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.node_support import ImageSupport, image_support
from imagefleet.domain.plan import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a plan, as the command line gives them."""

    stack: str
    why: bool = False
    as_json: bool = False
    nodes: Sequence[str] = ()
    prices: Path | None = None
    plot: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """Everything that a plan is shown from."""

    plan: FleetPlan
    support: tuple[ImageSupport, ...]
    costs: Costs | None
    asked: str


def show_plan(options: Options) -> None:
    """Print the plan of a stack; raises the errors of unusable input, touches no Azure."""
    plotting.require_plottable(options.plot)
    planned = _planned(options)
    if options.plot is not None:
        plotting.draw(planned.plan, options.stack, options.plot)
    if options.as_json:
        typer.echo(json.dumps(_document(planned), indent=2))
        return
    console = make_console()
    if options.why:
        _print_reasons(console, planned)
    else:
        _print_tables(console, options.stack, planned)
    _print_notes(console, planned.plan)
    if options.plot is not None:
        console.print(f"\nDrawn: {escape(str(options.plot))}", soft_wrap=True)


def _planned(options: Options) -> _Planned:
    fleet = asked_nodes.applied(stacks.load(options.stack).fleet, options.nodes)
    fleet_plan = plan(fleet, today=stacks.today())
    prices = costing.read_prices(options.prices)
    return _Planned(
        plan=fleet_plan,
        support=image_support(fleet),
        costs=None if prices is None else costs(fleet_plan, prices),
        asked=", ".join(options.nodes),
    )


def _print_tables(console: Console, stack: str, planned: _Planned) -> None:
    fleet_plan = planned.plan
    cloud = fleet_plan.cloud.cloud
    console.print(
        f"Stack [bold]{escape(stack)}[/]: gallery {escape(fleet_plan.gallery.name)} "
        f"in {fleet_plan.gallery.location}, {cloud} cloud"
    )
    if planned.asked:
        console.print(f"[yellow]As if --nodes {escape(planned.asked)}, not as the file says[/]")
    console.print()
    console.print(_replica_table(fleet_plan))
    console.print(_pool_table(fleet_plan))
    console.print(_agent_table(planned))
    console.print(_ceiling_words(capacity(fleet_plan)))
    costing.show(console, planned.costs)
    console.print("[dim]imagefleet plan --why gives the reason and source of each figure.[/]")


def _ceiling_words(found: Capacity) -> str:
    unknown = f", without those of {', '.join(found.unknown_sizes)}" if found.unknown_sizes else ""
    return f"\nAt most {found.nodes} nodes in all, {found.cores} cores{unknown}"


def _replica_table(fleet_plan: FleetPlan) -> Table:
    table = Table(title="Replicas", title_justify="left", title_style="bold", box=None)
    for heading in ("Image version", "Region"):
        table.add_column(heading, overflow="fold")
    for heading in ("Nodes", "Floor", "Set", "Carries\nnodes", "Gallery's\nadvice"):
        table.add_column(heading, justify="right")
    for version in fleet_plan.image_versions:
        for region in version.regions:
            table.add_row(
                escape(version.key) + (" (existing)" if version.existing else ""),
                region.name,
                str(region.nodes),
                str(region.floor),
                f"[bold]{region.replicas.value}[/]",
                str(replication.capacity(region.replicas.value)),
                str(region.recommended.value),
            )
    return table


def _pool_table(fleet_plan: FleetPlan) -> Table:
    table = Table(title="\nPools", title_justify="left", title_style="bold", box=None)
    for heading in ("Pool", "Account", "Image version"):
        table.add_column(heading, overflow="fold")
    table.add_column("Node\nceiling", justify="right")
    table.add_column("Resize\ntimeout", justify="right")
    for pool in fleet_plan.pools:
        table.add_row(
            escape(pool.pool_id.value),
            escape(pool.account_key),
            escape(pool.image_version_key),
            str(pool.nodes.value),
            pool.resize_timeout.value if pool.resize_timeout else "autoscale",
        )
    return table


def _agent_table(planned: _Planned) -> Table:
    table = Table(title="\nNode agents", title_justify="left", title_style="bold", box=None)
    table.add_column("Node agent", no_wrap=True)
    table.add_column("Image", overflow="fold")
    table.add_column("Pools", justify="right")
    table.add_column("Supported until", overflow="fold")
    for each in planned.support:
        no_end = "no end announced" if each.listed else "not in the catalogue"
        table.add_row(
            each.agent, escape(each.image), str(len(each.pools)), str(each.ends or no_end)
        )
    return table


def _print_reasons(console: Console, planned: _Planned) -> None:
    of_costs = () if planned.costs is None else derived_values(planned.costs)
    costed = ((f"costs.{path}", derived) for path, derived in of_costs)
    for path, derived in chain(derived_values(planned.plan), costed):
        words = _value_words(derived.value)
        console.print(f"[bold]{escape(path)}[/] = {escape(words)}")
        sources = f"[dim]\\[{escape(', '.join(derived.sources))}][/]"
        console.print(Padding(f"{escape(derived.reason)} {sources}", (0, 0, 0, 4), expand=False))


def _value_words(value: object) -> str:
    if isinstance(value, Decimal):
        return money(value)
    if value is None:
        return "not known"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _print_notes(console: Console, fleet_plan: FleetPlan) -> None:
    if fleet_plan.notes:
        console.print("\n[bold]Notes[/]")
    for note in fleet_plan.notes:
        sources = f" [dim]\\[{escape(', '.join(note.sources))}][/]" if note.sources else ""
        console.print(
            Padding(
                f"[bold]{escape(note.where)}[/]: {escape(note.message)}{sources}",
                (0, 0, 0, 2),
                expand=False,
            )
        )


def _document(planned: _Planned) -> dict[str, Any]:
    """Return the plan's own JSON, and beside it capacity, support and costs."""
    found = planned.costs
    return {
        **_plain(planned.plan),
        "as_if_nodes": planned.asked or None,
        "capacity": _plain(capacity(planned.plan)),
        "support": _plain(planned.support),
        "costs": None
        if found is None
        else {
            **_plain(found),
            "replicas_month": float(found.replicas_month),
            "replicas_month_as_advised": float(found.replicas_month_as_advised),
            "pools_hour": float(found.pools_hour),
            "missing": list(found.missing),
        },
    }


def _plain(value: Any) -> Any:
    """Return a plan as JSON values: dataclasses as objects, keys as text, dates as ISO."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
