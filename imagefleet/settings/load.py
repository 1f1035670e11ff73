"""The stack's configuration as Pulumi has it; the one place that asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from imagefleet.domain.fault import SECRET_PLACEHOLDER
from imagefleet.settings.errors import SettingsError, SettingsFault
from imagefleet.settings.parse import FLEET_KEY, parse
from imagefleet.settings.provider import (
    ENVIRONMENT_KEY,
    LOCATION_KEY,
    SUBSCRIPTION_KEY,
    ProviderContext,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagefleet.domain.fleet import Fleet

_PROJECT, _, _NAME = FLEET_KEY.partition(":")


def load() -> Fleet:
    """The fleet of the stack that runs.

    Raises a SettingsError that is a `pulumi.RunError` too, which Pulumi prints without traceback.
    """
    import pulumi
    from pulumi.runtime.config import is_config_secret

    class StackError(SettingsError, pulumi.RunError):
        """A SettingsError that ends the program without a traceback."""

    text = pulumi.Config(_PROJECT).get(_NAME)
    try:
        return parse(_fleet_value(text, secret=is_config_secret(FLEET_KEY)), provider=_provider())
    except SettingsError as error:
        raise StackError(error.faults) from None


def fleet_from_config(config: Mapping[str, str]) -> Fleet:
    """The fleet of a stack's configuration strings, full keys to values, as the engine has them.

    Raises SettingsError. The same reading as `load`, for whoever has the strings in hand; since
    all keys are in view here, misspelt ones are named too.
    """
    provider = ProviderContext(
        subscription_id=config.get(SUBSCRIPTION_KEY),
        location=config.get(LOCATION_KEY),
        environment=config.get(ENVIRONMENT_KEY),
    )
    misspelt = tuple(_misspelt_keys(config))
    try:
        fleet = parse(_fleet_value(config.get(FLEET_KEY), secret=False), provider=provider)
    except SettingsError as error:
        raise SettingsError((*misspelt, *error.faults)) from None
    if misspelt:
        raise SettingsError(misspelt)
    return fleet


def _misspelt_keys(config: Mapping[str, str]) -> Iterator[SettingsFault]:
    """Keys of ours that nobody reads, and keys of azure-native in the wrong letter case.

    The rest of azure-native's keys, and other namespaces, are their readers' affair.
    """
    known = (SUBSCRIPTION_KEY, LOCATION_KEY, ENVIRONMENT_KEY)
    folded = {key.casefold(): key for key in known}
    for key in config:
        if key.startswith(f"{_PROJECT}:") and key != FLEET_KEY:
            message = f"is not a known key; did you mean '{FLEET_KEY}'? It is the only one"
            yield SettingsFault(key=key, message=message)
        elif key not in known and key.casefold() in folded:
            message = f"is not a known key; did you mean '{folded[key.casefold()]}'?"
            yield SettingsFault(key=key, message=message)


def _fleet_value(text: str | None, *, secret: bool) -> object:
    """The value that the engine wrote as JSON, None where there is none.

    Raises SettingsError where parts of it are secret: decrypted they cannot be told from others,
    so none may be shown. In an offline run they are placeholders, and `parse` names their keys.
    """
    if secret and SECRET_PLACEHOLDER not in (text or ""):
        raise SettingsError([_holds_secret()])
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        # What is no JSON was a plain text in the stack file.
        return text


def _provider() -> ProviderContext:
    import pulumi

    azure = pulumi.Config("azure-native")
    return ProviderContext(
        subscription_id=azure.get("subscriptionId"),
        location=azure.get("location"),
        environment=azure.get("environment"),
    )


def _holds_secret() -> SettingsFault:
    message = (
        "holds a secret (`secure:`); nothing in the fleet is one, because plans, previews and logs "
        "show it: write it in plain"
    )
    return SettingsFault(key=FLEET_KEY, message=message)
