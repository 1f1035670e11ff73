"""Which versions of a fleet are made from others of the same fleet, and so after them.

A source may be another version, its managed image or one of its snapshots, in whatever spelling
of the id. Azure finds such a source only once it is made, wherever the keys would sort it.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, TypeAlias

from imagefleet.domain import arm_ids, own_ids
from imagefleet.domain.fleet import ImageVersionSource, ManagedImageSource, SnapshotSource
from imagefleet.domain.versions import ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagefleet.domain.fleet import Fleet, Source

Place: TypeAlias = tuple[str, str]
"""A version of a fleet: the key of its image, and its number."""


def makers(fleet: Fleet) -> Mapping[str, Place]:
    """What the fleet makes for its versions, each by its id in lower case, and for which one."""
    return {
        parsed.key: (key, number)
        for key, image in sorted(fleet.images.items())
        for number, version in sorted(image.versions.items())
        if version.source is not None and version.id is None
        for text in own_ids.of_version(fleet, key, number, version.source)
        if (parsed := arm_ids.try_parse(text)) is not None
    }


def in_order(fleet: Fleet) -> tuple[Place, ...]:
    """All versions, each after those it is made from; by key and number where that leaves a choice.

    Raises `ValueError` where versions are made from each other.
    """
    graph = _graph(fleet)
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        message = f"image versions are made from each other: {error.args[1]}"
        raise ValueError(message) from error
    rank = {place: index for index, place in enumerate(graph)}
    found: list[Place] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.extend(sorted(ready, key=rank.__getitem__))
        sorter.done(*ready)
    return tuple(found)


def cycles(fleet: Fleet) -> Iterator[tuple[Place, ...]]:
    """Versions that are made from each other, or from themselves; each is in one cycle at most."""
    graph = _graph(fleet)
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle: list[Place] = error.args[1][:-1]
            first = cycle.index(min(cycle))
            yield (*cycle[first:], *cycle[:first])
            for place in cycle:
                graph[place] = frozenset()
        else:
            return


def _graph(fleet: Fleet) -> dict[Place, frozenset[Place]]:
    """Each version, in the order of keys and numbers, with those that it is made from."""
    made = makers(fleet)
    return {
        (key, number): _made_from(image.versions[number].source, made)
        for key, image in sorted(fleet.images.items())
        for number in ordered(image.versions)
    }


def _made_from(source: Source | None, made: Mapping[str, Place]) -> frozenset[Place]:
    parsed = (arm_ids.try_parse(text) for text in _named_by(source))
    return frozenset(made[each.key] for each in parsed if each is not None and each.key in made)


def _named_by(source: Source | None) -> tuple[str, ...]:
    match source:
        case SnapshotSource():
            return (source.os_disk, *source.data_disks.values())
        case ManagedImageSource():
            return (source.managed_image,)
        case ImageVersionSource():
            return (source.image_version,)
        case _:
            return ()
