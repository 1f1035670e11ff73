"""The fleet of a stack file, for the commands that need it before anything runs."""

from __future__ import annotations

from collections.abc import Mapping

from imagefleet.domain.fleet import Fleet
from imagefleet.settings import SettingsError, fleet_from_config


def read_fleet(config: Mapping[str, str], stack: str) -> Fleet:
    """Return the fleet of a stack's configuration; a `SettingsError` names the stack's file."""
    try:
        return fleet_from_config(config)
    except SettingsError as error:
        raise SettingsError(error.faults, where=f"Pulumi.{stack}.yaml") from None
