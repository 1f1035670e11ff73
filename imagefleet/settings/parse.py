"""From the raw value of `imagefleet:fleet` to a `Fleet`, or to one error with every fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imagefleet.settings.errors import SettingsError, SettingsFault, full_key, masked_message
from imagefleet.settings.form import Form, check_form
from imagefleet.settings.meaning import fleet_of, meaning_faults
from imagefleet.settings.provider import SUBSCRIPTION_KEY, ProviderContext, provider_faults
from imagefleet.settings.wording import got

if TYPE_CHECKING:
    from imagefleet.domain.fault import Fault
    from imagefleet.domain.fleet import Fleet

FLEET_KEY = "imagefleet:fleet"


def parse(raw: object, *, at: str = FLEET_KEY, provider: ProviderContext) -> Fleet:
    """The fleet that `raw` describes; `at` is the key where it stands, for messages.

    Pure and strict: nothing is converted, nothing unknown is passed over. Raises SettingsError
    with every fault of form and of meaning, each with its full key, its value and what is allowed.
    """
    form = check_form(raw)
    faults: dict[str, SettingsFault] = {}
    for fault in _faults(form, provider, at):
        # The first fault at a key says what has to be done there; a second would only follow it.
        faults.setdefault(fault.key, fault)
    if faults or form.model is None or provider.subscription_id is None:
        raise SettingsError(faults.values())
    return fleet_of(form.model, provider.subscription_id)


def _faults(form: Form, provider: ProviderContext, at: str) -> Iterator[SettingsFault]:
    for path, message in form.faults.items():
        yield SettingsFault(key=full_key(at, path), message=message)
    of_provider = list(
        provider_faults(provider, cloud=form.known("cloud"), location=form.known("location"), at=at)
    )
    yield from of_provider
    unusable = any(fault.key == SUBSCRIPTION_KEY for fault in of_provider)
    for fault in meaning_faults(form, None if unusable else provider.subscription_id):
        yield SettingsFault(key=full_key(at, fault.path), message=_worded(fault))


def _worded(fault: Fault) -> str:
    """The domain's message, and what is there instead."""
    message = masked_message(fault.message)
    if fault.value is None:
        return message
    joint = " " if message.endswith("?") else "; "
    return f"{message}{joint}got {got(fault.value, fault.path)}"
