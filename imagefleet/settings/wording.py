"""Faults of form in our own words: what is allowed, what is there, what to do about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic.alias_generators import to_camel

from imagefleet.settings.base import Model
from imagefleet.settings.errors import shown_text

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from imagefleet.domain.fault import Path

_LONGEST_VALUE = 60
_NEVER_SHOWN = frozenset({"environment", "commandLine", "options"})
_QUOTED = re.compile(r"'([^']*)'")


def message_for(error: ErrorDetails, root: type[Model]) -> str:
    """What `error`, found by pydantic below `root`, means, in words that follow the key."""
    steps = error["loc"]
    word = _WORDS.get(error["type"])
    if word is None:
        return f"is not usable: {error['msg']}"
    return word(error, model_at(root, steps[:-1]) or root)


def got(value: object, steps: Path = ()) -> str:
    """`value` in a few words that can be shown; secrets and SAS never are."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    if any(step in _NEVER_SHOWN for step in steps):
        return "a value that is not shown"
    if isinstance(value, str):
        return f"'{shown_text(value, longest=_LONGEST_VALUE)}'"
    return f"the number {shown_text(str(value), longest=_LONGEST_VALUE)}"


def near(word: str, known: Sequence[str]) -> str | None:
    """The one of `known` that `word` looks like, whatever its case and dashes."""
    folded = {_folded(name): name for name in known}
    found = difflib.get_close_matches(_folded(word), list(folded), n=1, cutoff=0.7)
    return folded[found[0]] if found else None


def _folded(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


def model_at(root: type[Model], steps: Path) -> type[Model] | None:
    """The model that describes the mapping at `steps` below `root`, if one does."""
    annotation: Any = root
    for step in steps:
        if isinstance(annotation, type) and issubclass(annotation, Model):
            fields = {field.alias: field for field in annotation.model_fields.values()}
            field = fields.get(str(step))
            annotation = _plain(field.annotation) if field is not None else None
        else:
            arguments = get_args(annotation)
            annotation = _plain(arguments[-1]) if arguments else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, Model) else None


def _plain(annotation: Any) -> Any:
    """`annotation` without `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _plain(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def known_keys(model: type[Model]) -> tuple[str, ...]:
    """The keys a mapping may have, in the order of the reference."""
    return tuple(to_camel(name) for name in model.model_fields)


def _got(error: ErrorDetails) -> str:
    return got(error["input"], error["loc"])


def _missing(error: ErrorDetails, model: type[Model]) -> str:
    name = str(error["loc"][-1])
    text = next(field.description for field in model.model_fields.values() if field.alias == name)
    first = re.split(r"(?<=[a-z)`])[.:;] ", " ".join((text or "").split()))[0].rstrip(".")
    is_plain = first.split()[0][1:].isalpha() and first[1:2].islower()
    return f"is missing: {first[0].lower() + first[1:] if is_plain else first}"


def _unknown(error: ErrorDetails, model: type[Model]) -> str:
    keys = known_keys(model)
    close = near(str(error["loc"][-1]), keys)
    hint = f"did you mean '{close}'?" if close else f"known here: {', '.join(keys)}"
    return f"is not a known key; {hint}"


def _choice(error: ErrorDetails, _model: type[Model]) -> str:
    choices = _QUOTED.findall(str(error.get("ctx", {}).get("expected", "")))
    close = near(str(error["input"]), choices)
    hint = f"; did you mean '{close}'?" if close else ""
    return f"must be one of {', '.join(choices)}, got {_got(error)}{hint}"


def _text(error: ErrorDetails, _model: type[Model]) -> str:
    number = isinstance(error["input"], int | float)
    shown = _got(error).split()[-1]
    hint = f'; quote it: "{shown}"' if number and shown != "shown" else ""
    return f"must be a text, got {_got(error)}{hint}"


def _number(error: ErrorDetails, model: type[Model]) -> str:
    value = error["input"]
    least = error.get("ctx", {}).get("ge", _least(model, error["loc"][-1]))
    limit = f" of at least {least}" if least is not None else ""
    digits = isinstance(value, str) and value.isdecimal()
    hint = "; write it without quotes" if digits else ""
    return f"must be a whole number{limit}, got {_got(error)}{hint}"


def _least(model: type[Model], key: str | int) -> int | None:
    """The least value of the field `key`, where it has one."""
    bounds = (
        getattr(bound, "ge", None)
        for field in model.model_fields.values()
        if field.alias == key
        for bound in field.metadata
    )
    return next((bound for bound in bounds if bound is not None), None)


def _boolean(error: ErrorDetails, _model: type[Model]) -> str:
    return f"must be true or false, without quotes, got {_got(error)}"


def _day(error: ErrorDetails, _model: type[Model]) -> str:
    bare = isinstance(error["input"], str) and " 00:00:00" in error["input"]
    hint = "; YAML makes a timestamp of a date without quotes" if bare else ""
    return f'must be a day in quotes, such as "2027-06-30", got {_got(error)}{hint}'


def _mapping(error: ErrorDetails, _model: type[Model]) -> str:
    return f"must be a mapping of keys to values, got {_got(error)}"


def _list(error: ErrorDetails, _model: type[Model]) -> str:
    return f"must be a list, each entry after a dash, got {_got(error)}"


def _one_of(error: ErrorDetails, _model: type[Model]) -> str:
    context = error.get("ctx", {})
    names = ", ".join(to_camel(name) for name in context["names"])
    given = " and ".join(to_camel(name) for name in context["given"]) or "none of them"
    return f"must have exactly one of {names}; it has {given}"


_WORDS: Mapping[str, Callable[[ErrorDetails, type[Model]], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "enum": _choice,
    "string_type": _text,
    "string_too_short": lambda _error, _model: "is empty; give it a value or take the key out",
    "string_unicode": lambda _error, _model: "must be a text, and holds what is no character",
    "int_type": _number,
    "int_parsing": _number,
    "int_parsing_size": _number,
    "int_from_float": _number,
    "greater_than_equal": _number,
    "bool_type": _boolean,
    "bool_parsing": _boolean,
    "date_type": _day,
    "date_parsing": _day,
    "date_from_datetime_parsing": _day,
    "date_from_datetime_inexact": _day,
    "model_type": _mapping,
    "dict_type": _mapping,
    "list_type": _list,
    "too_short": lambda _error, _model: "is an empty list; it needs at least one entry",
    "exactly_one": _one_of,
    "unit_number": lambda _error, _model: (
        "must have a whole number as its key, the disk's logical unit number, such as 0"
    ),
}
