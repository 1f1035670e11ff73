"""What a rule sees of a resource, and the three-valued way to read it.

A read gives a value, `ABSENT` (not set, or null) or `UNKNOWN` (known only after deployment, or
redacted). A value of the wrong kind raises `WrongShape`, which the judge turns into a finding:
what cannot be understood is never a pass. Nothing here knows the policy SDK.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from imagefleet.domain import regions

_KINDS = {bool: "a truth value", int: "a number", float: "a number", str: "a text"}


class Missing(Enum):
    """The two ways in which a property has no value to look at."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Literal[Missing.ABSENT] = Missing.ABSENT
UNKNOWN: Literal[Missing.UNKNOWN] = Missing.UNKNOWN

# The engine's marks for a value not known yet, one per kind (Pulumi's wire protocol), and the
# text that stands for a secret in an exported state: a value we must not and cannot judge.
UNKNOWN_TEXTS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
        "[secret]",
    }
)

Step = str | int
Path = tuple[Step, ...]
ApiVersion = str | Literal[Missing.UNKNOWN] | None
API_VERSION: Path = ("azureApiVersion",)


class WrongShape(Exception):  # noqa: N818 it is an answer of a read, not a fault of the program
    """A property holds a value of another kind than Azure's schema has there."""

    def __init__(self, path: Path, value: object, needed: str) -> None:
        self.path = path
        self.actual = kind_of(value)
        self.needed = needed
        super().__init__(f"{path_text(path)} is {self.actual}, not {needed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The provider of a resource, with the settings that its program gave it explicitly."""

    urn: str
    type: str
    props: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource as every rule sees it.

    `type` is the canonical token, `token` the one the program used; `api_version` is the version
    the inputs name (`UNKNOWN` if that is not known yet), else the token's, None without either.
    `props` are inputs; `from_outputs` says that they had to be taken from outputs, where absent
    and unknown cannot be told apart.

    A resource that a template holds has the template's resource as `host` (its URN), a URN of its
    own that occurs nowhere else, and `place` for where it stands; `inner` are such resources.
    """

    urn: str
    name: str
    type: str
    token: str
    api_version: ApiVersion = None
    props: Mapping[str, Any] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    protect: bool = False
    parent: str | None = None
    provider: Provider | None = None
    from_outputs: bool = False
    host: str | None = None
    place: str = ""
    inner: tuple[Resource, ...] = ()

    @property
    def reported_at(self) -> str:
        """The URN that findings about this resource carry: the engine knows no inner ones."""
        return self.host or self.urn

    @property
    def ancestor_types(self) -> tuple[str, ...]:
        """The types of the components around this resource, outermost first, from its URN."""
        parts = self.urn.split("::")
        chain = parts[2].split("$") if len(parts) > 2 else []  # noqa: PLR2004 urn:pulumi:stack::project::types::name
        return tuple(chain[:-1])


def path_text(path: Sequence[Step]) -> str:
    """Return a path as people write it: `features[0].value`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "properties"


def kind_of(value: object) -> str:
    """Return what kind of value this is, in words that show nothing of the value itself."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return _KINDS.get(type(value), "an asset")


def read(props: Any, *path: Step) -> Any:
    """Return the value at `path`, `ABSENT` or `UNKNOWN`; raise `WrongShape` on the way there."""
    current = props
    for depth, step in enumerate(path):
        if current is None or current is ABSENT:
            return ABSENT
        if current is UNKNOWN or _is_unknown_text(current):
            return UNKNOWN
        if isinstance(step, str):
            if not isinstance(current, Mapping):
                raise WrongShape(path[:depth], current, "an object")
            current = current.get(step)
        else:
            if not isinstance(current, list | tuple):
                raise WrongShape(path[:depth], current, "a list")
            current = current[step] if step < len(current) else None
    if current is None:
        return ABSENT
    return UNKNOWN if _is_unknown_text(current) else current


def api_version(stated: Any, otherwise: str | None = None) -> ApiVersion:
    """Return the API version that an input states: `otherwise` if it is absent or no text."""
    if stated is UNKNOWN or _is_unknown_text(stated):
        return UNKNOWN
    return stated if isinstance(stated, str) else otherwise


def text(props: Any, *path: Step) -> str | Missing:
    """Return the text at `path`, `ABSENT` or `UNKNOWN`; raise `WrongShape` for another kind."""
    value = read(props, *path)
    if isinstance(value, Missing | str):
        return value
    raise WrongShape(path, value, "a text")


def flag(props: Any, *path: Step) -> bool | Missing:
    """Return the truth value at `path`, or the text `true`/`false` that templates write for it."""
    value = read(props, *path)
    if isinstance(value, Missing | bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in ("true", "false"):
        return value.strip().casefold() == "true"
    raise WrongShape(path, value, "true or false")


def count(props: Any, *path: Step) -> int | Missing:
    """Return how many items the list at `path` has; raise `WrongShape` for another kind."""
    value = read(props, *path)
    if isinstance(value, Missing):
        return value
    if isinstance(value, list | tuple):
        return len(value)
    raise WrongShape(path, value, "a list")


def items(props: Any, *path: Step) -> tuple[Path, ...] | Missing:
    """Return the path of each item of the list at `path`; raise `WrongShape` for another kind."""
    size = count(props, *path)
    return size if isinstance(size, Missing) else tuple((*path, index) for index in range(size))


def region(props: Any, *path: Step) -> str | Missing:
    """Return the region at `path` in its one spelling ("West Europe" -> westeurope)."""
    value = text(props, *path)
    return value if isinstance(value, Missing) else regions.normalise(value)


def presence(props: Any, *path: Step) -> bool | Missing:
    """Whether something is set at `path` or below: True, `ABSENT`, or `UNKNOWN` if it hangs on it.

    Objects and lists that hold nothing but nulls count as absent, as Azure treats `{}`.
    """
    value = read(props, *path)
    if isinstance(value, Missing):
        return value
    if not isinstance(value, Mapping | list | tuple):
        return True
    steps: Sequence[Step] = list(value) if isinstance(value, Mapping) else range(len(value))
    below = [presence(value, step) for step in steps]
    if True in below:
        return True
    return UNKNOWN if UNKNOWN in below else ABSENT


def _is_unknown_text(value: object) -> bool:
    return isinstance(value, str) and value in UNKNOWN_TEXTS
