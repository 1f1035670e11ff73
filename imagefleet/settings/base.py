"""What all models of the stack file share: strictness, spelling, and the way to the domain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1)]
"""A text of at least one character; an empty one is a key that somebody forgot to fill in."""

Count = Annotated[int, Field(ge=0)]
"""A whole number of things, none included."""

UNIT_NUMBER = re.compile("^(?:0|[1-9][0-9]{0,3})$")


def _unit_number(value: object) -> int:
    """The number that `value` spells; `01` and `1.0` would be second names of 1."""
    if not UNIT_NUMBER.fullmatch(str(value)):
        kind: Literal["unit_number"] = "unit_number"
        raise PydanticCustomError(kind, "a whole number")
    return int(str(value))


UnitNumber = Annotated[int, BeforeValidator(_unit_number)]
"""The logical unit number of a data disk, as a key."""


class Model(BaseModel):
    """A mapping of the stack file: camelCase keys, no others, no conversions.

    `becomes` is the domain's dataclass for it, whose fields have the same names in snake_case.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
        use_attribute_docstrings=True,
    )

    becomes: ClassVar[type]

    def to_domain(self) -> Any:
        """The domain's value for this mapping."""
        return self.becomes(**self.domain_fields())

    def domain_fields(self) -> dict[str, Any]:
        """The arguments of `becomes`; models whose shape differs from it override this."""
        return {name: to_domain(getattr(self, name)) for name in type(self).model_fields}


def to_domain(value: object) -> Any:
    """`value` with every model in it turned into the domain's own."""
    if isinstance(value, Model):
        return value.to_domain()
    if isinstance(value, Mapping):
        return {key: to_domain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(to_domain(item) for item in value)
    return value


def one_of(*names: str) -> ConfigDict:
    """A model configuration whose JSON Schema says that exactly one of `names` is there."""
    return ConfigDict(
        json_schema_extra={"oneOf": [{"required": [to_camel(name)]} for name in names]}
    )
