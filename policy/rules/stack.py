"""The resources of a stack and what they are made from, for rules that need neighbours.

Ids are unknown at the first preview, so resources are joined over the dependencies that the
engine records, per property or of the whole resource.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rules import tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from imagefleet.domain.findings import Doubt
    from rules.canonical import Resource
    from rules.verdicts import Described

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


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources by URN, with the URNs each depends on, in total and per property.

    `doubts` are what earlier rules could not decide, by URN; it grows while the stack's rules run.
    """

    resources: Mapping[str, Resource]
    dependencies: Mapping[str, Collection[str]] = field(default_factory=dict)
    property_dependencies: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    doubts: Mapping[str, Collection[tuple[Described, Doubt]]] = field(default_factory=dict)

    def of_types(self, types: Collection[str] | None) -> Iterator[Resource]:
        """Yield the resources of these canonical types, None for all, in the stack's order."""
        for resource in self.resources.values():
            if types is None or resource.type in types:
                yield resource

    def makers(self, resource: Resource) -> Iterator[Resource]:
        """Yield the links of the image lineage that `resource` depends on directly."""
        urns = set(self.dependencies.get(resource.urn, ()))
        for per_property in self.property_dependencies.get(resource.urn, {}).values():
            urns.update(per_property)
        for urn in urns:
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
