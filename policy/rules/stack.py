"""The resources of a stack, and which of them a resource speaks of.

Ids are unknown at the first preview, so resources are joined over the dependencies that the
engine records per property, then over ids built from the names among their inputs. What neither
way finds is outside the stack if its id is known, and unknown if it is not.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from imagefleet.domain import arm_ids
from imagefleet.domain.arm_ids import ArmId
from rules import tokens
from rules.arm_names import BY_ARM_TYPE, GROUP, NAMED_BY, NAMINGS, PartialId
from rules.canonical import ABSENT, UNKNOWN, Missing, Path, Resource, read, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from rules.questions import Question
    from rules.waiver_log import WaiverLog

# From a machine's disk to an image version; lineage is followed through these and nothing else,
# because a shared resource group or network makes no machine a builder.
LINEAGE = frozenset(
    {
        tokens.VIRTUAL_MACHINE,
        tokens.DISK,
        tokens.SNAPSHOT,
        tokens.MANAGED_IMAGE,
        tokens.GALLERY_IMAGE_VERSION,
    }
)
_MADE_FROM_A_MACHINE = LINEAGE - {tokens.VIRTUAL_MACHINE, tokens.DISK}
# The types that a resource of each type is nested in, by the path parameters of its own.
_HOLDERS = {
    inner: tuple(
        outer
        for outer in NAMINGS
        if outer == tokens.RESOURCE_GROUP
        or NAMINGS[outer].parameters[-1] in NAMINGS[inner].parameters
    )
    for inner in NAMINGS
}
_Parts = tuple[str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class External:
    """What a resource speaks of when it is not in the stack: the text, and the ARM id it spells.

    A part of an id that is not known reads `?` in the text. Not to be echoed unless `arm` is set:
    any other text is the program's own.
    """

    text: str
    arm: ArmId | None


Referred = Resource | External | Missing


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources by URN, with the URNs each depends on, in total and per property.

    `doubts` are what earlier rules could not decide, by URN; it grows while the stack's rules run,
    and so does the log of `waivers`.
    """

    resources: Mapping[str, Resource]
    dependencies: Mapping[str, Collection[str]] = field(default_factory=dict)
    property_dependencies: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    doubts: Mapping[str, Collection[Question]] = field(default_factory=dict)
    waivers: WaiverLog | None = None

    def of_types(self, types: Collection[str] | None) -> Iterator[Resource]:
        """Yield the resources of these canonical types, None for all, in the stack's order."""
        for resource in self.resources.values():
            if types is None or resource.type in types:
                yield resource

    def referred(self, resource: Resource, path: Path, types: Collection[str]) -> Referred:
        """Return what the id at `path` of `resource` names: one of `types`, or `External`.

        `UNKNOWN` where the id is not known and the dependencies leave it open, `ABSENT` where
        there is none. Raises `WrongShape` for anything but a text.
        """
        value = text(resource.props, *path)
        if value is ABSENT:
            return ABSENT
        candidates = self.sources(resource, str(path[0]), types)
        if isinstance(value, str):
            return self._named(value, candidates, types)
        return candidates[0] if len(candidates) == 1 else UNKNOWN

    def named(
        self, value: str, resource: Resource, parameter: str, types: Collection[str]
    ) -> Resource | External | Literal[Missing.UNKNOWN]:
        """Return what an id names that stands in, or is part of, a property of `resource`."""
        return self._named(value, self.sources(resource, parameter, types), types)

    def owner(
        self, resource: Resource, kind: str
    ) -> Resource | External | Literal[Missing.UNKNOWN]:
        """Return the resource of type `kind` that `resource` is nested in, by its path parameters.

        A version's definition and gallery, a pool's account, an extension's machine, anyone's
        resource group. Raises `ValueError` if such a resource is not nested in one of that type.
        """
        parameter = NAMINGS[kind].parameters[-1]
        if kind not in _HOLDERS[resource.type]:
            message = f"{resource.type} is not nested in {kind}"
            raise ValueError(message)
        wanted = self._prefix(resource, kind)
        candidates = [
            candidate
            for candidate in self.sources(resource, parameter, (kind,))
            if self.id_of(candidate).agrees(wanted)
        ]
        if len(candidates) == 1:
            return candidates[0]
        found = self._with_id(wanted, (kind,))
        if isinstance(found, Resource):
            return found
        if found is UNKNOWN or not wanted.complete:
            return UNKNOWN
        return External(str(wanted), arm_ids.try_parse(str(wanted)))

    def sources(
        self, resource: Resource, parameter: str, types: Collection[str]
    ) -> tuple[Resource, ...]:
        """Return the resources of `types` that the value of a top-level property is made from.

        One that another of them is nested in is left out: an id made from a group's and a
        gallery's name is the gallery's.
        """
        urns = self.property_dependencies.get(resource.urn, {}).get(parameter, ())
        found = [
            self.resources[urn]
            for urn in dict.fromkeys(urns)
            if urn in self.resources and self.resources[urn].type in types
        ]
        if len(found) < 2:  # noqa: PLR2004 nothing to choose from
            return tuple(found)
        return tuple(
            outer for outer in found if not any(self._holds(outer, inner) for inner in found)
        )

    def by_id(self, arm_id: ArmId | str, types: Collection[str] | None = None) -> Resource | None:
        """Return the resource of the stack that has this id, as far as its names are known."""
        parsed = arm_ids.try_parse(arm_id) if isinstance(arm_id, str) else arm_id
        found = None if parsed is None else self._with_id(PartialId.of(parsed), types)
        return found if isinstance(found, Resource) else None

    def id_of(self, resource: Resource) -> PartialId:
        """Return the id that `resource` will have, as far as its inputs tell."""
        known = self._ids.get(resource.urn)
        if known is None:
            known = self._ids[resource.urn] = self._prefix(resource, resource.type)
        return known

    def dependants(self, resource: Resource, types: Collection[str]) -> tuple[Resource, ...]:
        """Return the resources of `types` that speak of `resource`, in the stack's order.

        By any property's dependency, by an id anywhere in their inputs, or by being nested in it.
        """
        urns = set(self._dependants_by_property.get(resource.urn, ()))
        own = self.id_of(resource)
        if own.complete:
            urns.update(
                urn
                for mentioned, urn in self._mentions.get((own.arm_type, own.names), ())
                if own.agrees(mentioned)
            )
        urns.update(
            urn
            for holder, urn in self._nested.get((own.arm_type, own.names), ())
            if own.equals(holder)
        )
        urns.discard(resource.urn)
        return tuple(
            self.resources[urn]
            for urn in sorted(urns & self._places.keys(), key=self._places.__getitem__)
            if self.resources[urn].type in types
        )

    def name_of(self, resource: Resource, parameter: str) -> str | None:
        """Return the text of a path parameter, through the resource it comes from if need be."""
        value = read(resource.props, parameter)
        if isinstance(value, str):
            return value.strip().rpartition("/")[2]
        kind = NAMED_BY.get(parameter)
        if value is ABSENT or kind is None or kind == resource.type:
            return None
        sources = self.sources(resource, parameter, (kind,))
        return self.name_of(sources[0], parameter) if len(sources) == 1 else None

    def makers(self, resource: Resource) -> Iterator[Resource]:
        """Yield the links of the image lineage that `resource` depends on, or names, directly."""
        urns = set(self.dependencies.get(resource.urn, ()))
        for per_property in self.property_dependencies.get(resource.urn, {}).values():
            urns.update(per_property)
        for arm_id in _ids_in(resource.props):
            found = self._with_id(PartialId.of(arm_id), LINEAGE)
            if isinstance(found, Resource) and found.urn != resource.urn:
                urns.add(found.urn)
        for urn in sorted(urns):
            maker = self.resources.get(urn)
            if maker is not None and maker.type in LINEAGE:
                yield maker

    @cached_property
    def captured(self) -> frozenset[str]:
        """The URNs of machines and disks that a snapshot, image or image version is made from."""
        reached: set[str] = set()
        waiting = list(self.of_types(_MADE_FROM_A_MACHINE))
        while waiting:
            for maker in self.makers(waiting.pop()):
                if maker.urn not in reached:
                    reached.add(maker.urn)
                    waiting.append(maker)
        return frozenset(reached)

    def feeds_an_image(self, machine: Resource) -> bool:
        """Whether an image is made from `machine`, or from a disk that `machine` uses."""
        return machine.urn in self.captured or any(
            maker.urn in self.captured and maker.type == tokens.DISK
            for maker in self.makers(machine)
        )

    def _named(
        self, value: str, candidates: tuple[Resource, ...], types: Collection[str]
    ) -> Resource | External | Literal[Missing.UNKNOWN]:
        """Return what a known text names; a candidate whose own names are open may be it."""
        parsed = arm_ids.try_parse(value)
        if parsed is None:
            return External(value, None)
        wanted = PartialId.of(parsed)
        found = self._with_id(wanted, types)
        if isinstance(found, Resource):
            return found
        agreeing = [one for one in candidates if self.id_of(one).agrees(wanted)]
        if agreeing:
            return agreeing[0] if len(agreeing) == 1 else UNKNOWN
        return UNKNOWN if found is UNKNOWN else External(value, parsed)

    def _with_id(
        self, wanted: PartialId, types: Collection[str] | None
    ) -> Resource | Literal[Missing.UNKNOWN] | None:
        """Return the resource with this id, None if there is none, unknown if that is open."""
        kind = BY_ARM_TYPE.get(wanted.arm_type)
        if kind is None or (types is not None and kind not in types):
            return None
        exact = self._by_names.get((wanted.arm_type, wanted.names), ())
        known = [one for one in exact if self.id_of(one).equals(wanted)]
        if known:
            # the same names in two subscriptions, of which one is not known
            return known[0] if len(known) == 1 else UNKNOWN
        others = self._open.get(wanted.arm_type, ())
        open_ones = (*exact, *others) if wanted.complete else (*self.of_types((kind,)),)
        return UNKNOWN if any(self.id_of(one).agrees(wanted) for one in open_ones) else None

    def _prefix(self, resource: Resource, kind: str) -> PartialId:
        """Return the id of the resource of type `kind` that `resource` is, or is nested in."""
        naming = NAMINGS.get(kind)
        if naming is None:
            return PartialId(arm_type="", names=(), group=None, subscription=None)
        names = tuple(self._folded(resource, name) for name in naming.parameters)
        return PartialId(
            arm_type=naming.arm_type.casefold(),
            names=names,
            group=self._folded(resource, GROUP),
            subscription=_subscription(resource),
        )

    def _folded(self, resource: Resource, parameter: str) -> str | None:
        name = self.name_of(resource, parameter)
        return None if name is None else name.casefold()

    def _holds(self, outer: Resource, inner: Resource) -> bool:
        """Whether `inner` is nested in `outer`, by a dependency of its path parameters or by id."""
        if outer is inner or outer.type not in _HOLDERS.get(inner.type, ()):
            return False
        parameter = NAMINGS[outer.type].parameters[-1]
        if outer.urn in self.property_dependencies.get(inner.urn, {}).get(parameter, ()):
            return True
        return self.id_of(outer).equals(self._prefix(inner, outer.type))

    @cached_property
    def _ids(self) -> dict[str, PartialId]:
        return {}

    @cached_property
    def _by_names(self) -> Mapping[_Parts, list[Resource]]:
        found: dict[_Parts, list[Resource]] = defaultdict(list)
        for resource in self.of_types(NAMINGS):
            own = self.id_of(resource)
            if None not in own.names:
                found[own.arm_type, own.names].append(resource)
        return dict(found)

    @cached_property
    def _open(self) -> Mapping[str, list[Resource]]:
        """The resources some name of which is not known, by ARM type."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.of_types(NAMINGS):
            own = self.id_of(resource)
            if None in own.names:
                found[own.arm_type].append(resource)
        return dict(found)

    @cached_property
    def _dependants_by_property(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for urn, per_property in self.property_dependencies.items():
            for others in per_property.values():
                for other in others:
                    found[other].add(urn)
        return dict(found)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """Where each resource stands in the stack."""
        return {urn: place for place, urn in enumerate(self.resources)}

    @cached_property
    def _nested(self) -> Mapping[_Parts, list[tuple[PartialId, str]]]:
        """The ids of all that resources are nested in, as far as known, with the URN of each."""
        found: dict[_Parts, list[tuple[PartialId, str]]] = defaultdict(list)
        for resource in self.of_types(NAMINGS):
            for kind in _HOLDERS[resource.type]:
                holder = self._prefix(resource, kind)
                if holder.complete:
                    found[holder.arm_type, holder.names].append((holder, resource.urn))
        return dict(found)

    @cached_property
    def _mentions(self) -> Mapping[_Parts, list[tuple[PartialId, str]]]:
        """The ids in the inputs of all resources, with the URN of who names them."""
        found: dict[_Parts, list[tuple[PartialId, str]]] = defaultdict(list)
        for resource in self.resources.values():
            for arm_id in _ids_in(resource.props):
                mentioned = PartialId.of(arm_id)
                found[mentioned.arm_type, mentioned.names].append((mentioned, resource.urn))
        return dict(found)


def _subscription(resource: Resource) -> str | None:
    """Return the subscription that a resource's explicit provider names, if that is known."""
    if resource.provider is None:
        return None
    value = read(resource.provider.props, "subscriptionId")
    return value.casefold() if isinstance(value, str) else None


def _ids_in(value: Any) -> Iterable[ArmId]:
    """Yield the ARM ids among the texts of a property, at any depth."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            if current.startswith("/") and (parsed := arm_ids.try_parse(current)) is not None:
                yield parsed
        elif isinstance(current, dict):
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
