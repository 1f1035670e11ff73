"""The portal route (D84 to D89): what to choose and to fill in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from imagefleet.domain.fleet import AutoScale
from imagefleet.domain.samples.context import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.samples.context import Context

_WIDTH = 80


def portal(of: Context) -> Sample:
    """The steps as text; fields may be called a little differently in the portal of the day."""
    lines = [f"Make the pool {of.pool.pool_id.value} in the portal (D84 to D89)", ""]
    for number, step in enumerate(_steps(of), 1):
        mark = f"{number}. "
        lines += textwrap.wrap(
            step,
            _WIDTH,
            initial_indent=mark,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
        if number == _FIELDS_AFTER:
            lines += [f"   {name + ':':<22} {value}" for name, value in _fields(of)]
    left_out = tuple(_elsewhere(of))
    for each in left_out:
        lines += ["", *textwrap.wrap(f"Not in these steps: {each}.", _WIDTH)]
    return Sample(text="\n".join(lines) + "\n", left_out=left_out)


_FIELDS_AFTER = 5


def _steps(of: Context) -> Iterator[str]:
    yield f"Open the portal, {of.profile.portal.value}, and sign in (D84)."
    yield (
        f"Choose Batch accounts, then {of.account.name} in group {of.account.resource_group} (D85)."
    )
    yield "Choose Pools, then Add (D86)."
    yield "In Image type choose Azure Compute Gallery (D87)."
    yield "Fill in the rest (D88):"
    yield "Choose OK (D89), and watch until the pool's allocation state is Steady."


def _fields(of: Context) -> Iterator[tuple[str, str]]:
    settings, scale = of.settings, of.settings.scale
    parts = of.pool.image_version_id.split("/")
    named = dict(zip(parts[1::2], parts[2::2], strict=False))
    yield "Pool ID", of.pool.pool_id.value
    if settings.display_name is not None:
        yield "Display name", settings.display_name
    yield "Gallery", named["galleries"]
    yield "Image definition", named["images"]
    yield "Image version", named["versions"]
    yield "Node agent SKU", of.pool.node_agent_sku.value
    yield "OS disk caching", settings.os_disk_caching.value
    yield "VM size", settings.vm_size
    if isinstance(scale, AutoScale):
        yield "Scale mode", f"Auto scale, every {scale.evaluation_interval_minutes} minutes"
        yield "Formula", scale.formula.replace("\n", " ")
    else:
        yield "Scale mode", "Fixed"
        yield "Dedicated nodes", str(scale.dedicated)
        yield "Spot/low-priority", str(scale.low_priority)
        if of.pool.resize_timeout is not None:
            yield "Resize timeout", of.pool.resize_timeout.value
    yield "Task slots per node", str(settings.tasks_per_node)
    yield "Inter-node", "Enabled" if settings.inter_node_communication else "Disabled"
    if settings.start_task is not None:
        yield "Start task", settings.start_task.command_line
        yield "  run as", "Pool autouser, Admin" if settings.start_task.elevated else "Default"
    if settings.subnet_id is not None:
        yield "Subnet", settings.subnet_id.rsplit("/", 1)[-1]
    yield "Public address", "Batch managed" if settings.public_ip else "No public IP addresses"
    for name, value in sorted(settings.metadata.items()):
        yield "Metadata", f"{name} = {value}"


def _elsewhere(of: Context) -> Iterator[str]:
    settings, task = of.settings, of.settings.start_task
    if settings.identities:
        yield f"Identity: add {', '.join(each.rsplit('/', 1)[-1] for each in settings.identities)}"
    if settings.mounts:
        yield f"Mount configuration: {', '.join(sorted(settings.mounts))}"
    if task is not None and (task.environment or task.resource_files):
        yield "environment and files of the start task"
