"""`plan --prices`: reads the price file, and shows what replicas and nodes cost by it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from imagefleet.domain.costs import Amount, Costs, money
from imagefleet.domain.prices import PriceFileError, PriceList, parse
from imagefleet.offline.engine import WorkspaceError
from imagefleet.stack_yaml import read_mapping


def read_prices(path: Path | None) -> PriceList | None:
    """Return the price list of a file, None for no file; raises `WorkspaceError` if unusable."""
    if path is None:
        return None
    if not path.is_file():
        message = f"--prices {path} is no file; docs/prices.example.yaml shows the form"
        raise WorkspaceError(message)
    try:
        return parse(read_mapping(path))
    except PriceFileError as error:
        message = f"--prices {path}: {error}"
        raise WorkspaceError(message) from error


def show(console: Console, costs: Costs | None) -> None:
    """Print the estimate, or how to get one."""
    if costs is None:
        console.print("[dim]No prices: give --prices FILE; docs/prices.example.yaml has a form.[/]")
        return
    prices = costs.prices
    console.print("\n[bold]Costs, estimated from your price file[/]")
    console.print(f"{prices.currency} of {prices.as_of}: {escape(prices.source)}")
    if prices.placeholder:
        console.print("[bold red]The file says XXX for the currency: these are no prices.[/]")
    if costs.replicas:
        console.print(_replica_table(costs))
    console.print(_pool_table(costs))
    for missing in costs.missing:
        console.print(f"[yellow]not counted:[/] {escape(missing)}")


def _replica_table(costs: Costs) -> Table:
    table = Table(box=None, show_footer=True)
    table.add_column("Replicas of", footer="all of them", overflow="fold")
    table.add_column("Set", justify="right")
    table.add_column("A month", justify="right", footer=money(costs.replicas_month))
    table.add_column(
        "By gallery's advice", justify="right", footer=money(costs.replicas_month_as_advised)
    )
    for cost in costs.replicas:
        table.add_row(
            escape(cost.key), str(cost.replicas), _shown(cost.month), _shown(cost.month_as_advised)
        )
    return table


def _pool_table(costs: Costs) -> Table:
    table = Table(box=None, show_footer=True)
    table.add_column("Pool at its ceiling", footer="all at once", overflow="fold")
    table.add_column("Nodes", justify="right")
    table.add_column("An hour", justify="right", footer=money(costs.pools_hour))
    for cost in costs.pools:
        table.add_row(escape(cost.pool_id), str(cost.nodes), _shown(cost.hour))
    return table


def _shown(amount: Amount) -> str:
    return "not known" if amount.value is None else money(amount.value)
