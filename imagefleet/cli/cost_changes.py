"""`imagefleet review --prices`: the costs of both sides of a review, from their stack files."""

from __future__ import annotations

from datetime import date

from imagefleet.cli.stacks import read_fleet
from imagefleet.domain.costs import Costs, costs
from imagefleet.domain.plan import plan
from imagefleet.domain.prices import PriceList
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import Project, read_stack
from imagefleet.settings import SettingsError
from imagefleet.stack_yaml import StackFileError, config_strings


def costs_of(side: Project | None, stack: str, prices: PriceList, today: date) -> Costs | None:
    """Return what a side's stack costs; None where it has no such stack or none that is usable.

    The rehearsal of that side says why a stack file is not usable: it is said once.
    """
    if side is None or stack not in side.stacks():
        return None
    try:
        fleet = read_fleet(config_strings(read_stack(side, stack), side.name), stack)
    except (WorkspaceError, StackFileError, SettingsError):
        return None
    return costs(plan(fleet, today=today), prices)
