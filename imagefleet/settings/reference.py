"""The reference of the stack file in Markdown, written from the models so that it cannot drift."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from imagefleet.settings.base import Model, UnitNumber
from imagefleet.settings.models import FleetModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

REFERENCE_FILE = "docs/stack-file.md"
"""The page that holds the reference, from the project's root."""

_BEGIN = "<!-- reference: written by `python -m imagefleet.settings`, do not edit -->"
_END = "<!-- end of reference -->"
_SCALARS = {str: "text", int: "whole number", bool: "true or false"}


def reference_text() -> str:
    """One table for each mapping of the stack file, in the order of the file."""
    return "\n".join(_tables(FleetModel, "imagefleet:fleet"))


def with_reference(page: str) -> str:
    """`page` with the reference between its two marks; raises ValueError without marks."""
    pattern = re.compile(f"{re.escape(_BEGIN)}.*{re.escape(_END)}", re.DOTALL)
    if not pattern.search(page):
        message = f"{REFERENCE_FILE} has no place for the reference: {_BEGIN} ... {_END}"
        raise ValueError(message)
    return pattern.sub(lambda _: f"{_BEGIN}\n\n{reference_text()}\n{_END}", page)


def _tables(model: type[Model], path: str) -> Iterator[str]:
    yield f"### `{path}`\n"
    yield _flowing(model.__doc__) + "\n"
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for field in model.model_fields.values():
        meaning = _flowing(field.description).replace("|", "\\|")
        yield f"| `{field.alias}` | {_kind(field.annotation)} | {_default(field)} | {meaning} |"
    yield ""
    for field in model.model_fields.values():
        inner, suffix = _inner(field.annotation)
        if inner is not None:
            yield from _tables(inner, f"{path}.{field.alias}{suffix}")


def _flowing(text: str | None) -> str:
    return " ".join((text or "").split())


def _kind(annotation: Any) -> str:
    """The type of a value in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is UnitNumber:
        return "number"
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in (Union, UnionType):
        return _kind(next(part for part in arguments if part is not type(None)))
    if origin is dict:
        return f"mapping of {_kind(arguments[0])} to {_kind(arguments[1])}"
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    if issubclass(annotation, Model):
        return "mapping"
    return _SCALARS.get(annotation, 'day, `"2027-06-30"`')


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, Enum):
        value = value.value
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _inner(annotation: Any) -> tuple[type[Model] | None, str]:
    """The model of a field's value or of its entries, and what goes between the keys."""
    if isinstance(annotation, type):
        return (annotation, "") if issubclass(annotation, Model) else (None, "")
    arguments = [part for part in get_args(annotation) if part is not type(None)]
    if not arguments:
        return None, ""
    inner, suffix = _inner(arguments[-1])
    between = {dict: ".<key>", list: "[<n>]"}.get(get_origin(annotation), "")
    return inner, between + suffix
