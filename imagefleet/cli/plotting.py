"""`plan --plot`: nodes over time, by the model that a rehearsal runs on, as a picture."""

from __future__ import annotations

import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from imagefleet.cli import files
from imagefleet.domain import steady
from imagefleet.domain.allocation import Resize
from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.fleet_plan import FleetPlan, PoolPlan
from imagefleet.offline.engine import WorkspaceError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".svg", ".png")
MOST_PANELS = 6
"""Pools drawn, the largest first: more are not read in one picture."""

_COLUMNS = 2
# Lines short enough for the narrowest picture, which has one panel.
_MODEL = textwrap.fill(f"Model of the rehearsal, not a measurement: {steady.MODEL}", width=130)
_PANEL_INCHES = (5.2, 3.2)
_SET, _ADVISED, _ONE, _LIMIT = "#0b5fa5", "#d9730d", "#8a8f98", "#b3261e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Nodes ready over minutes for one number of replicas."""

    label: str
    colour: str
    style: str
    minutes: tuple[float, ...]
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One pool: its curves, and the minute at which its resize times out, if it does."""

    title: str
    timeout: float | None
    curves: tuple[Curve, ...]


def require_plottable(path: Path | None) -> None:
    """Raise `WorkspaceError` where a picture could not be drawn into `path`."""
    if path is None:
        return
    if path.suffix.lower() not in FORMATS:
        message = f"--plot {path} must end in {' or '.join(FORMATS)}"
        raise WorkspaceError(message)
    files.require_writable(path)
    try:
        find_spec("matplotlib.figure")
    except ModuleNotFoundError as error:
        message = "--plot needs matplotlib: pip install 'imagefleet[plot]'"
        raise WorkspaceError(message) from error


def draw(plan: FleetPlan, stack: str, path: Path) -> None:
    """Draw the largest pools of a plan into `path`, whole or not at all."""
    drawn = panels(plan)
    left_out = sum(bool(pool.nodes.value) for pool in plan.pools) - len(drawn)
    files.write_whole(path, _picture(drawn, _heading(stack, left_out), path.suffix.lower()))


def panels(plan: FleetPlan) -> tuple[Panel, ...]:
    """Return the panels of a plan's largest pools; pools without nodes have nothing to show."""
    regions = {account.key: account.location for account in plan.accounts}
    versions = {version.key: version for version in plan.image_versions}
    largest = sorted(
        (pool for pool in plan.pools if pool.nodes.value),
        key=lambda pool: (-pool.nodes.value, pool.key),
    )[:MOST_PANELS]
    found = []
    for pool in largest:
        region = next(
            each
            for each in versions[pool.image_version_key].regions
            if each.name == regions[pool.account_key]
        )
        found.append(_panel(pool, region.name, region.replicas.value, region.recommended.value))
    return tuple(found)


def _panel(pool: PoolPlan, region: str, chosen: int, advised: int) -> Panel:
    timeout = None
    if pool.resize_timeout is not None:
        timeout = steady.timeout_minutes(pool.resize_timeout.value)
    resize = Resize(started=0, dedicated_target=pool.nodes.value, timeout=timeout)
    wanted = {
        f"{chosen} replicas, as set": (chosen, _SET, "-"),
        f"{advised}, the gallery's advice": (advised, _ADVISED, "--"),
        "1, for comparison": (1, _ONE, ":"),
    }
    if advised == chosen:
        wanted.pop(f"{advised}, the gallery's advice")
    runs = {label: replace(resize, replicas=each[0]) for label, each in wanted.items()}
    last = steady.horizon(runs.values())
    return Panel(
        title=_title(pool, region),
        timeout=timeout,
        curves=tuple(
            _curve(label, runs[label], colour, style, last)
            for label, (_, colour, style) in wanted.items()
        ),
    )


def _title(pool: PoolPlan, region: str) -> str:
    automatic = " by autoscale, at most" if isinstance(pool.settings.scale, AutoScale) else ""
    return f"{pool.pool_id.value}: {pool.nodes.value:,} nodes{automatic}, {region}"


def _curve(label: str, run: Resize, colour: str, style: str, last: float) -> Curve:
    drawn = steady.curve(run, last)
    come_up = steady.come_up(run)
    told = f"{come_up:,} come up" if come_up < run.target else f"{steady.settled(run):.0f} min"
    return Curve(
        label=f"{label}: {told}",
        colour=colour,
        style=style,
        minutes=drawn.minutes,
        nodes=drawn.nodes,
    )


def _heading(stack: str, left_out: int) -> str:
    rest = f" (the {MOST_PANELS} largest pools, {left_out} more are not drawn)" if left_out else ""
    return f"Stack {stack}: nodes ready over time{rest}"


def _picture(drawn: Sequence[Panel], heading: str, suffix: str) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # It would tell of fonts that it looks for, on standard error, the first time it runs.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    columns = min(_COLUMNS, max(1, len(drawn)))
    rows = max(1, -(-len(drawn) // columns))
    width, height = _PANEL_INCHES
    with mpl.rc_context(), warnings.catch_warnings():
        # Text stays text, and the same plan gives the same file.
        mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "imagefleet"})
        # A stack may be named in letters that the font lacks; the picture is drawn all the same.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(
            figsize=(max(7.5, columns * width), rows * (height + 0.5) + 0.9), layout="constrained"
        )
        figure.suptitle(heading, fontsize=12, fontweight="bold")
        figure.supxlabel(_MODEL, fontsize=7.5, color="#555555")
        axes = figure.subplots(rows, columns, squeeze=False)
        for place, panel in _placed(axes.flat, drawn):
            _draw_panel(place, panel)
        target = io.BytesIO()
        figure.savefig(
            target,
            format=suffix.removeprefix("."),
            dpi=150,
            metadata={"Date": None} if suffix == ".svg" else None,
        )
    return target.getvalue()


def _placed(axes: Iterator[Axes], drawn: Sequence[Panel]) -> Iterator[tuple[Axes, Panel]]:
    for number, place in enumerate(axes):
        if number < len(drawn):
            yield place, drawn[number]
        else:
            place.set_axis_off()


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for curve in panel.curves:
        axes.plot(
            curve.minutes, curve.nodes, color=curve.colour, linestyle=curve.style, label=curve.label
        )
    if panel.timeout is not None:
        axes.axvline(
            panel.timeout,
            color=_LIMIT,
            linewidth=1,
            label=f"resize timeout, {panel.timeout:.0f} min: no more nodes",
        )
    axes.set_title(panel.title, fontsize=9.5)
    axes.set_xlabel("minutes since the resize began", fontsize=8)
    axes.set_ylabel("nodes ready", fontsize=8)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, alpha=0.25)
    # Below its panel, where it hides no curve whichever way they go.
    axes.legend(
        fontsize=7.5, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False
    )
