"""The JSON Schema of a whole stack file, for editors.

It is draft-07, which the YAML language server understands best. It says what form can say; what
a value means (does the pool's image exist?) only `parse` knows.
"""

from __future__ import annotations

import json
from typing import Any

from imagefleet.domain import clouds
from imagefleet.settings.models import FleetModel
from imagefleet.settings.provider import ENVIRONMENT_KEY, LOCATION_KEY, SUBSCRIPTION_KEY

SCHEMA_FILE = "schema/fleet.schema.json"
"""Where the schema is kept, from the project's root; the stack files name it for editors."""

_GUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def json_schema() -> dict[str, Any]:
    """The schema of a stack file in plain JSON types."""
    fleet = _tidy(FleetModel.model_json_schema(ref_template="#/definitions/{model}"))
    definitions = fleet.pop("$defs")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Stack file of imagefleet",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "description": "Configuration of the stack, for program and providers.",
                "type": "object",
                "required": ["imagefleet:fleet", SUBSCRIPTION_KEY],
                "properties": _provider_keys() | {"imagefleet:fleet": fleet},
            },
            "environment": {"description": "Environments of Pulumi ESC to import."},
            "secretsprovider": {"type": "string", "description": "What encrypts its secrets."},
            "encryptedkey": {"type": "string", "description": "Written by Pulumi."},
            "encryptionsalt": {"type": "string", "description": "Written by Pulumi."},
        },
        "definitions": definitions,
    }


def schema_text() -> str:
    """The schema as the text of `SCHEMA_FILE`."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _provider_keys() -> dict[str, Any]:
    return {
        SUBSCRIPTION_KEY: {
            "description": "Subscription that everything is made in.",
            "type": "string",
            "pattern": _GUID,
        },
        LOCATION_KEY: {
            "description": "Default region of the provider; must agree with the fleet's location.",
            "type": "string",
        },
        ENVIRONMENT_KEY: {
            "description": "The provider's name of the cloud; must agree with the fleet's cloud.",
            "enum": [profile.environment for profile in clouds.PROFILES.values()],
        },
    }


def _tidy(schema: Any) -> Any:
    """`schema` without titles and nulls, and without siblings of `$ref`, which draft-07 ignores."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidy(value) for key, value in schema.items() if not _is_noise(key, value)}
    if isinstance(tidied.get("description"), str):
        tidied["description"] = " ".join(tidied["description"].split())
    choices = tidied.get("anyOf", [])
    if len(choices) == 2 and {"type": "null"} in choices:  # noqa: PLR2004 (a value, or none)
        del tidied["anyOf"]
        tidied |= next(choice for choice in choices if choice != {"type": "null"})
    if "$ref" in tidied and len(tidied) > 1:
        tidied["allOf"] = [{"$ref": tidied.pop("$ref")}]
    return tidied


def _is_noise(key: str, value: object) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)
