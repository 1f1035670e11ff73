"""Where the replicas of an image version are, and how many, as its inputs say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from imagefleet.domain import regions
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, WrongShape, count, text
from rules.numbers import whole
from rules.verdicts import Option

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE: Final = "publishingProfile"
REGIONS: Final[Path] = (PROFILE, "targetRegions")
_EVERYWHERE: Final[Path] = (PROFILE, "replicaCount")
_HERE: Final = "regionalReplicaCount"
_MORE: Final = "additionalReplicaSets"

COUNT_ADDITIONAL: Final = Option(
    name="countAdditionalReplicaSets",
    schema={
        "type": "boolean",
        "description": "whether replicas on other storage (additionalReplicaSets) count as well",
    },
    default=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One region of a version; `name` is normalised, None for what is not known yet.

    `path` is the property that says how many replicas there are, or would say it.
    """

    name: str | None
    replicas: int | None
    path: Path


def targets(
    version: Resource, *, additional: bool = False
) -> tuple[Target, ...] | Literal[Missing.UNKNOWN]:
    """Return the regions of `version`, or `UNKNOWN` when even their number is not known.

    A version without target regions has its replicas in its own one. Replicas are those of the
    region, else those of the whole version, else one. Extended locations do not count. Raises
    `WrongShape`.
    """
    size = count(version.props, *REGIONS)
    if size is UNKNOWN:
        return UNKNOWN
    if size is ABSENT or size == 0:
        return (_own(version),)
    return tuple(_listed(version, size, additional=additional))


def _own(version: Resource) -> Target:
    place = text(version.props, "location")
    return Target(
        name=regions.normalise(place) if isinstance(place, str) else None,
        replicas=_known(_replicas(version, _EVERYWHERE)),
        path=_EVERYWHERE,
    )


def _listed(version: Resource, size: int, *, additional: bool) -> Iterator[Target]:
    for index in range(size):
        at = (*REGIONS, index)
        name = text(version.props, *at, "name")
        if name is ABSENT:
            continue
        replicas = _replicas(version, (*at, _HERE))
        if replicas is ABSENT:
            replicas = _replicas(version, _EVERYWHERE)
        total = _known(replicas)
        if additional and total is not None:
            total = _with_more(version, at, total)
        yield Target(
            name=regions.normalise(name) if isinstance(name, str) else None,
            replicas=total,
            path=(*at, _HERE),
        )


def _with_more(version: Resource, at: Path, total: int) -> int | None:
    size = count(version.props, *at, _MORE)
    if size is UNKNOWN:
        return None
    for index in range(size if isinstance(size, int) else 0):
        more = _known(_replicas(version, (*at, _MORE, index, _HERE)))
        if more is None:
            return None
        total += more
    return total


def _replicas(version: Resource, path: Path) -> int | Missing:
    number = whole(version.props, *path)
    if isinstance(number, int) and number < 0:
        raise WrongShape(path, number, "a whole number of at least 0")
    return number


def _known(number: int | Missing) -> int | None:
    """Return a number of replicas, one where none is stated, None where it is not known."""
    if number is UNKNOWN:
        return None
    return number if isinstance(number, int) else 1
