"""The fleet of a stack file, for the commands that need it before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from imagefleet.domain.fleet import Fleet
from imagefleet.domain.fleet_plan import FleetPlan
from imagefleet.domain.plan import plan
from imagefleet.offline.workspace import find_project, read_stack
from imagefleet.settings import SettingsError, fleet_from_config
from imagefleet.stack_yaml import config_strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack of the project around here: its name, the project's folder, and its fleet."""

    name: str
    folder: Path
    fleet: Fleet


def read_fleet(config: Mapping[str, str], stack: str) -> Fleet:
    """Return the fleet of a stack's configuration; a `SettingsError` names the stack's file."""
    try:
        return fleet_from_config(config)
    except SettingsError as error:
        raise SettingsError(error.faults, where=f"Pulumi.{stack}.yaml") from None


def load(name: str) -> Stack:
    """Read a stack of the project around here; raises the errors of an unusable one."""
    project = find_project(Path.cwd())
    config = config_strings(read_stack(project, name), project.name)
    return Stack(name=name, folder=project.folder, fleet=read_fleet(config, name))


def planned(name: str) -> FleetPlan:
    """The plan of a stack, as of today; raises the errors of an unusable one."""
    return plan(load(name).fleet, today=today())


def today() -> date:
    """The day in UTC, as Azure counts them."""
    return datetime.now(tz=UTC).date()
