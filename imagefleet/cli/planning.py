"""`imagefleet plan`: every figure a stack file leads to, as tables or as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from imagefleet.cli.stacks import read_fleet
from imagefleet.cli.terminal import make_console
from imagefleet.domain.explain import derived_values
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.plan import plan
from imagefleet.offline.workspace import find_project, read_stack
from imagefleet.stack_yaml import config_strings


def show_plan(stack: str, *, why: bool, as_json: bool) -> None:
    """Print the plan of a stack; raises the errors of unusable input, touches nothing."""
    project = find_project(Path.cwd())
    config = config_strings(read_stack(project, stack), project.name)
    fleet_plan = plan(read_fleet(config, stack), today=datetime.now(tz=UTC).date())
    if as_json:
        typer.echo(json.dumps(_plain(fleet_plan), indent=2))
        return
    console = make_console()
    if why:
        _print_reasons(console, fleet_plan)
    else:
        _print_tables(console, stack, fleet_plan)
    _print_notes(console, fleet_plan)


def _print_tables(console: Console, stack: str, fleet_plan: FleetPlan) -> None:
    cloud = fleet_plan.cloud.cloud
    console.print(
        f"Stack [bold]{escape(stack)}[/]: gallery {escape(fleet_plan.gallery.name)} "
        f"in {fleet_plan.gallery.location}, {cloud} cloud\n"
    )
    console.print(_replica_table(fleet_plan))
    console.print(_pool_table(fleet_plan))
    console.print("[dim]imagefleet plan --why gives the reason and source of each figure.[/]")


def _replica_table(fleet_plan: FleetPlan) -> Table:
    table = Table(title="Replicas", title_justify="left", title_style="bold", box=None)
    for heading in ("Image version", "Region"):
        table.add_column(heading, overflow="fold")
    for heading in ("Nodes", "Floor", "Set", "Gallery's advice"):
        table.add_column(heading, justify="right")
    for version in fleet_plan.image_versions:
        for region in version.regions:
            table.add_row(
                escape(version.key) + (" (existing)" if version.existing else ""),
                region.name,
                str(region.nodes),
                str(region.floor),
                f"[bold]{region.replicas.value}[/]",
                str(region.recommended.value),
            )
    return table


def _pool_table(fleet_plan: FleetPlan) -> Table:
    table = Table(title="\nPools", title_justify="left", title_style="bold", box=None)
    for heading in ("Pool", "Account", "Image version"):
        table.add_column(heading, overflow="fold")
    table.add_column("Nodes", justify="right")
    table.add_column("Resize\ntimeout", justify="right")
    table.add_column("Node agent", no_wrap=True)
    for pool in fleet_plan.pools:
        table.add_row(
            escape(pool.pool_id.value),
            escape(pool.account_key),
            escape(pool.image_version_key),
            str(pool.nodes.value),
            pool.resize_timeout.value if pool.resize_timeout else "autoscale",
            pool.node_agent_sku.value,
        )
    return table


def _print_reasons(console: Console, fleet_plan: FleetPlan) -> None:
    for path, derived in derived_values(fleet_plan):
        value = derived.value
        words = ", ".join(value) if isinstance(value, tuple) else str(value)
        console.print(f"[bold]{escape(path)}[/] = {escape(words)}")
        sources = f"[dim]\\[{escape(', '.join(derived.sources))}][/]"
        console.print(Padding(f"{escape(derived.reason)} {sources}", (0, 0, 0, 4), expand=False))


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
    return value.isoformat() if isinstance(value, date) else value
