"""What a change of a stack file costs or saves, from the costs of the plan before and after."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from imagefleet.domain.costs import Costs, money
from imagefleet.review.changes import CostLine

_NOTHING: Final = "—"


def cost_lines(before: Costs | None, after: Costs | None) -> tuple[CostLine, ...]:
    """Return the totals and then every item that costs something else; nothing where none does.

    None is a side without the stack. Amounts are in the currency of the price file, per month for
    replicas and per hour for pools with every node there.
    """
    own = [
        *_differences("Replicas of {}, a month", _replicas(before), _replicas(after)),
        *_differences("Pool {}, an hour at its ceiling", _pools(before), _pools(after)),
    ]
    if not own:
        return ()
    totals = (
        CostLine(
            item="All replicas, a month",
            before=_total(before.replicas_month if before else None),
            after=_total(after.replicas_month if after else None),
        ),
        CostLine(
            item="All pools, an hour with every node there",
            before=_total(before.pools_hour if before else None),
            after=_total(after.pools_hour if after else None),
        ),
    )
    return (*totals, *own)


def cost_note(before: Costs | None, after: Costs | None) -> str:
    """Return where the figures are from, and what they leave out."""
    costs = after or before
    if costs is None:
        return ""
    prices = costs.prices
    said = f"Cost is an estimate in {prices.currency} of {prices.as_of}: {prices.source}."
    if prices.placeholder:
        said += " The price file says XXX for the currency: these are no prices."
    missing = dict.fromkeys(
        each for side in (before, after) if side is not None for each in side.missing
    )
    return " ".join((said, *(f"Not counted: {each}." for each in missing)))


Amounts = Mapping[str, Decimal | None]


def _replicas(costs: Costs | None) -> Amounts:
    return {each.key: each.month.value for each in costs.replicas} if costs else {}


def _pools(costs: Costs | None) -> Amounts:
    return {each.pool_id: each.hour.value for each in costs.pools} if costs else {}


def _differences(item: str, before: Amounts, after: Amounts) -> list[CostLine]:
    return [
        CostLine(
            item=item.format(name),
            before=_shown(before[name]) if name in before else _NOTHING,
            after=_shown(after[name]) if name in after else _NOTHING,
        )
        for name in dict.fromkeys((*before, *after))
        if name not in before or name not in after or before[name] != after[name]
    ]


def _total(amount: Decimal | None) -> str:
    return _NOTHING if amount is None else _shown(amount)


def _shown(amount: Decimal | None) -> str:
    return "not known" if amount is None else money(amount)
