"""One fault of a fleet, and the small questions that all checks ask."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from imagefleet.domain import arm_ids

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from imagefleet.domain.arm_ids import ArmId
    from imagefleet.domain.fleet import Fleet

Path: TypeAlias = tuple[str | int, ...]

SECRET_PLACEHOLDER: Final = "[secret]"  # noqa: S105 (stands for a secret, is none)
"""What stands where a secret was: readers of stack files put it there, nobody sees the secret."""

_SIGNED = re.compile(r"[?&]sig=|sharedaccesssignature|[?&]sv=\d{4}-", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a fleet that cannot work.

    `path` is the way to it in the stack file's spelling (a str for a key, an int for a position in
    a list). `value` is what stands there, already without anything secret. `message` goes on from
    the path ("must be ...") and holds what is allowed and what to do, but not the value.
    """

    path: Path
    value: object
    message: str


def unknown(path: Path, value: str, what: str, known: Iterable[str]) -> Fault:
    """A reference to a key that does not exist, with the nearest one that does."""
    names = sorted(known)
    close = difflib.get_close_matches(value, names, n=1)
    if close:
        hint = f"did you mean '{close[0]}'?"
    elif names:
        hint = f"known are {', '.join(names)}"
    else:
        hint = "there is none"
    return Fault(path=path, value=value, message=f"names no {what} of this fleet; {hint}")


def named(path: Path, value: str, wrong: str | None) -> Iterator[Fault]:
    """A fault for a name or key when `wrong` says what its rule objects to."""
    if wrong is not None:
        yield Fault(path=path, value=value, message=wrong)


def id_faults(path: Path, text: str, *resource_types: str) -> Iterator[Fault]:
    """A fault when `text` is no ARM id of one of `resource_types`."""
    try:
        arm_ids.parse_as(text, *resource_types)
    except arm_ids.ArmIdError as error:
        yield Fault(path=path, value=without_query(text), message=str(error))


def typed_id(text: str | None, resource_type: str) -> ArmId | None:
    """The ARM id that `text` spells when it is one of `resource_type`, else None."""
    if text is None:
        return None
    try:
        return arm_ids.parse_as(text, resource_type)
    except arm_ids.ArmIdError:
        return None


def elsewhere(text: str | None, resource_type: str, subscription_id: str) -> bool:
    """Whether `text` is the id of a `resource_type` in another subscription than that."""
    parsed = typed_id(text, resource_type)
    return parsed is not None and (parsed.subscription_id or "").lower() != subscription_id.lower()


def own_id_faults(
    path: Path, text: str, resource_type: str, fleet: Fleet, why: str
) -> Iterator[Fault]:
    """Faults of an id that must be of one type and lie in the fleet's subscription; `why` ends it.

    `why` goes on from "must be in the fleet's subscription, <id>".
    """
    yield from id_faults(path, text, resource_type)
    if elsewhere(text, resource_type, fleet.subscription_id):
        message = f"must be in the fleet's subscription, {fleet.subscription_id}{why}"
        yield Fault(path=path, value=text, message=message)


def duplicates(items: Iterable[tuple[Path, str, Hashable]], what: str) -> Iterator[Fault]:
    """A fault for each of (path, value, identity) whose identity an earlier one has."""
    groups: dict[Hashable, list[tuple[Path, str]]] = defaultdict(list)
    for path, value, identity in items:
        groups[identity].append((path, value))
    for group in groups.values():
        first = dotted(group[0][0])
        for path, value in group[1:]:
            message = f"{what}, and {first} has the same; each needs its own"
            yield Fault(path=path, value=value, message=message)


def signed(text: str) -> bool:
    """Whether a text carries a shared access signature or looks as if it did."""
    return _SIGNED.search(text) is not None


def without_query(text: str) -> str:
    """A URI without its query and fragment, where secrets would be."""
    return text.partition("?")[0].partition("#")[0]


def dotted(path: Path) -> str:
    """A path as people read it: `images.ubuntu.versions["1.0.0"]`, `pools.render.versions[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step, re.ASCII):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text
