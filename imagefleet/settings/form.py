"""The form of the fleet: every fault of it, and the part that is well formed all the same.

Faults of meaning are looked for in what is well formed, so that one error tells both. An entry
(an image, a version, a pool, an account, a grant) that is not is left out as a whole; what the
fleet itself lacks is replaced by a stand-in, and what is then said about it is not believed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from imagefleet.settings.models import FleetModel
from imagefleet.settings.plain import PlainReader
from imagefleet.settings.wording import got, known_keys, message_for, near

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from imagefleet.domain.fault import Path

_ENTRIES = ("images", "access", "accounts", "pools")
_STAND_INS: dict[str, Any] = {
    "location": "westeurope",
    "resourceGroup": {"name": "stand-in"},
    "gallery": {"name": "standin", "batchRegistered": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the form of a raw value came to.

    `value` is the raw value in plain JSON types. `faults` maps the way to each fault to its
    message, `malformed` are the ways to the entries and keys that `model` does without. There is
    no model when there is not even a mapping.
    """

    value: Any
    faults: dict[Path, str]
    malformed: frozenset[Path]
    model: FleetModel | None

    def known(self, name: str) -> Any:
        """The value of a key of the fleet itself; None where it is not usable."""
        if self.model is None or (name,) in self.malformed:
            return None
        return getattr(self.model, name)


def check_form(raw: object) -> Form:
    """Every fault of form in `raw`, the value of `imagefleet:fleet`."""
    reader = PlainReader()
    value = reader.read(raw)
    faults = dict(reader.faults)
    if raw is None:
        faults[()] = "is missing; write it into the stack file (see docs/stack-file.md)"
    if not isinstance(value, dict):
        faults.setdefault((), f"must be a mapping of keys to values, got {got(value)}")
        return Form(value=value, faults=faults, malformed=frozenset(), model=None)
    model = _validated(value, faults)
    malformed = frozenset(unit for steps in faults for unit in _units(steps, value))
    if model is None:
        model = _validated(_pruned(value, malformed), {})
    return Form(value=value, faults=faults, malformed=malformed, model=model)


def _validated(value: Any, faults: dict[Path, str]) -> FleetModel | None:
    """The model of `value`, or None with what is wrong put into `faults`."""
    try:
        return FleetModel.model_validate_json(json.dumps(value))
    except ValidationError as error:
        for detail in _in_order(error.errors(include_url=False)):
            steps: Path = detail["loc"]
            if steps[-1:] == ("[key]",):
                steps = steps[:-1]
            faults.setdefault(steps, message_for(detail, FleetModel))
    return None


def _in_order(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """`errors` with unknown keys before missing ones, which may follow from them."""
    mappings = {error["loc"][:-1]: index for index, error in reversed(list(enumerate(errors)))}
    return sorted(
        errors,
        key=lambda error: (mappings[error["loc"][:-1]], error["type"] != "extra_forbidden"),
    )


def _units(steps: Path, value: dict[str, Any]) -> Iterable[Path]:
    """What has to be left out because of a fault at `steps`."""
    if steps[0] == "images" and steps[2:3] == ("versions",) and len(steps) > 3:  # noqa: PLR2004
        yield steps[:4]
    elif steps[0] in _ENTRIES:
        yield steps[:2]
    else:
        yield steps[:1]
        # `galery` is a fault of its own, and probably all that is wrong with `gallery`.
        meant = near(str(steps[0]), known_keys(FleetModel))
        if meant is not None and meant not in value:
            yield (meant,)


def _pruned(value: dict[str, Any], malformed: frozenset[Path]) -> dict[str, Any]:
    """`value` without what is malformed, whole enough to be validated again."""
    pruned = copy.deepcopy(value)
    for steps in malformed:
        parent: Any = pruned
        for step in steps[:-1]:
            parent = parent.get(step) if isinstance(parent, dict) else None
        if isinstance(parent, dict):
            parent.pop(steps[-1], None)
    return _STAND_INS | pruned
