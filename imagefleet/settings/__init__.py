"""The only reader of stack configuration: a strict reading of `imagefleet:fleet`, its schema."""

from __future__ import annotations

from imagefleet.settings.errors import SettingsError, SettingsFault
from imagefleet.settings.load import fleet_from_config, load
from imagefleet.settings.parse import parse
from imagefleet.settings.provider import ProviderContext
from imagefleet.settings.schema import SCHEMA_FILE, json_schema, schema_text

__all__ = [
    "SCHEMA_FILE",
    "ProviderContext",
    "SettingsError",
    "SettingsFault",
    "fleet_from_config",
    "json_schema",
    "load",
    "parse",
    "schema_text",
]
