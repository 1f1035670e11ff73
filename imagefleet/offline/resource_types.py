"""How a resource type is declared, and what a service sees when one is put or deleted.

A type is declared once, in the module of its service under `services/`; everything generic
(check, diff, preview outputs, ids, reads) follows from the declaration and from the SDK's shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from imagefleet.offline import schema
from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.store import Record, Transaction, key_of
from imagefleet.offline.values import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """One create or update as the service sees it.

    `path` holds the path parameters by name, `body` the other inputs; `old` is the resource that
    is updated, None for a create. `patched` names what a PATCH gives (the rest of `body` is the
    resource as it stands, without its secrets), None where the whole resource is put.
    """

    transaction: Transaction
    settings: ProviderSettings
    id: str
    path: Mapping[str, str]
    body: Properties
    api_version: str
    now: float
    old: Record | None = None
    patched: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The last segment of the id."""
        return self.id.rsplit("/", 1)[-1]

    def old_state(self, name: str) -> Any:
        """Return what the resource holds under a top-level property, None at a create."""
        return None if self.old is None else self.old.state.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a service makes of a put.

    `derived` is added to the inputs (and wins over them) to give the resource's state; `internal`
    is its own book-keeping; `claims` are names nobody else may hold; `links` are ids this resource
    depends on; `minutes` is how long the operation takes on the simulated clock.
    """

    derived: Properties = field(default_factory=dict)
    internal: Properties = field(default_factory=dict)
    claims: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    minutes: float = 0


def _nothing_more(_transaction: Transaction, _record: Record) -> Properties:
    return {}


def _deletable(_transaction: Transaction, _record: Record) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One resource type of azure-native and the behaviour of its service.

    `id_template` names the path parameters in braces; the last one is the name. `force_new` are
    the inputs besides them whose change azure-native answers with a replacement. `write_only`
    are inputs that a read never shows, as paths (`userAccounts.password`). `immutable` maps
    property paths to the function that makes the service's error for a change. `put` refuses
    (`AzureError`) or says what the resource becomes; `view` adds what time changes; `delete`
    refuses.
    """

    module: str
    name: str
    arm_type: str
    api_version: str
    id_template: str
    put: Callable[[Put], Outcome]
    force_new: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()
    immutable: Mapping[str, Callable[[str], AzureError]] = field(default_factory=dict)
    view: Callable[[Transaction, Record], Properties] = _nothing_more
    delete: Callable[[Transaction, Record], None] = _deletable
    minutes_to_delete: float = 0

    @cached_property
    def token(self) -> str:
        """The type token, such as `azure-native:compute:Snapshot`."""
        return f"azure-native:{self.module}:{self.name}"

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        """The path parameters in the order of the id, without the subscription."""
        parts = self.id_template.replace("{", "}").split("}")[1::2]
        return tuple(part for part in parts if part != "subscriptionId")

    @cached_property
    def name_parameter(self) -> str:
        """The path parameter that names the resource itself."""
        return self.path_parameters[-1]

    @cached_property
    def inputs(self) -> schema.Shape:
        """The shape of the inputs."""
        return schema.input_shape(self.module, self.name)

    @cached_property
    def outputs(self) -> schema.Shape:
        """The shape of the outputs."""
        return schema.output_shape(self.module, self.name)

    @cached_property
    def located(self) -> bool:
        """Whether the type has a `location` of its own."""
        return "location" in self.inputs.properties

    def id_of(self, inputs: Mapping[str, Any], settings: ProviderSettings) -> str:
        """Return the ARM id that these inputs name."""
        values = {name: str(inputs[name]).strip("/") for name in self.path_parameters}
        return self.id_template.format(subscriptionId=settings.subscription_id, **values)

    def parent_key(self, resource_id: str) -> str:
        """Return the folded id of the resource this one is nested in, "" for none.

        That is the resource group for a resource of the top level; what is granted on a scope is
        nested in nothing.
        """
        if self.path_parameters[0] != "resourceGroupName" or len(self.path_parameters) == 1:
            return ""
        nested = len(self.path_parameters) > 2  # noqa: PLR2004 group, name
        return key_of(resource_id.rsplit("/", 2)[0]) if nested else group_key(resource_id)


def group_key(resource_id: str) -> str:
    """Return the folded id of the resource group that `resource_id` lies in, "" for none."""
    # "", subscriptions, <id>, resourcegroups, <name>, and what is in the group
    group, inside = key_of(resource_id).split("/")[:5], key_of(resource_id).split("/")[5:]
    return "/".join(group) if inside and group[3] == "resourcegroups" else ""


def at(value: Any, *path: str | int) -> Any:
    """Return what lies under `path` in plain values, None where a step is missing."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def region(location: object) -> str:
    """Return a region's name in the one spelling that compares: lower case without spaces."""
    return str(location or "").replace(" ", "").casefold()


def equal(one: object, other: object) -> bool:
    """Whether two plain values are the same to a service: ids and enums ignore case."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other
