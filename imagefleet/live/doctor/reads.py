"""What can be asked of Azure: one function for each question, a list wherever there is one.

A `Read` is a question that has not been asked yet; equal keys are the same question. Answers are
plain values in the services' own JSON (`properties` nested, camelCase).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from azure.core.paging import ItemPaged
from azure.core.rest import HttpRequest

from imagefleet.domain import arm_ids, roles
from imagefleet.live.bodies import bodies, members, plain
from imagefleet.live.clients import Clients

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Body = Mapping[str, Any]

# API versions of the addresses that no client of ours has.
_SUBSCRIPTIONS, _PERMISSIONS, _NETWORK = "2022-12-01", "2022-04-01", "2024-05-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[T_co]):
    """A question: `what` it is about in words, its `key`, and the `call` that asks it."""

    what: str
    key: tuple[str, ...]
    call: Callable[[Clients], T_co]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSeen:
    """A role as Azure has it."""

    name: str
    permissions: tuple[roles.Permission, ...]


def subscription(sub: str) -> Read[Body]:
    """State and tenant of a subscription."""
    return _read(
        f"subscription {sub}",
        ("subscription", sub),
        partial(_raw, f"/subscriptions/{sub}", _SUBSCRIPTIONS),
    )


def provider(sub: str, namespace: str) -> Read[str]:
    """The registration state of a resource provider in a subscription."""

    def call(clients: Clients) -> str:
        return str(plain(clients.resources(sub).providers.get(namespace))["registrationState"])

    return _read(f"registration of {namespace} in {sub}", ("provider", sub, namespace), call)


def permissions(scope: str) -> Read[tuple[roles.Permission, ...]]:
    """What the caller may do at a scope, groups and inherited grants included."""

    def call(clients: Clients) -> tuple[roles.Permission, ...]:
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        return _permissions(_raw(path, _PERMISSIONS, clients).get("value", ()))

    return _read(f"the caller's permissions at {scope}", ("permissions", scope), call)


def grants(scope: str) -> Read[tuple[Body, ...]]:
    """The role assignments that hold at a scope: its own and those above it."""

    def call(clients: Clients) -> tuple[Body, ...]:
        client = clients.access(_sub(scope)).role_assignments
        found = client.list_for_scope(scope, filter="atScope()")
        return tuple(each.serialize(keep_readonly=True) for each in members(found))

    return _read(f"role assignments at {scope}", ("grants", scope), call)


def role_definitions(scope: str) -> Read[Mapping[str, RoleSeen]]:
    """The roles that can be assigned at a scope, by GUID in lower case."""

    def call(clients: Clients) -> Mapping[str, RoleSeen]:
        found = clients.access(_sub(scope)).role_definitions.list(scope)
        shown = (each.serialize(keep_readonly=True) for each in members(found))
        return {str(body["name"]).lower(): _role(body["properties"]) for body in shown}

    return _read(f"role definitions at {scope}", ("roles", scope), call)


def galleries(sub: str) -> Read[tuple[Body, ...]]:
    """All galleries of a subscription."""
    return _list(
        f"galleries of {sub}", ("galleries", sub), lambda c: c.compute(sub).galleries.list()
    )


def galleries_in(group_id: str) -> Read[tuple[Body, ...]]:
    """The galleries of a resource group."""
    sub, group = _sub(group_id), _name(group_id)
    return _list(
        f"galleries of resource group {group}",
        ("galleries", group_id),
        lambda c: c.compute(sub).galleries.list_by_resource_group(group),
    )


def definitions(gallery_id: str) -> Read[tuple[Body, ...]]:
    """The image definitions of a gallery."""
    sub, group, (gallery,) = _parts(gallery_id)
    return _list(
        f"image definitions of gallery {gallery}",
        ("definitions", gallery_id),
        lambda c: c.compute(sub).gallery_images.list_by_gallery(group, gallery),
    )


def versions(definition_id: str) -> Read[tuple[Body, ...]]:
    """The versions of an image definition, without their replication."""
    sub, group, (gallery, image) = _parts(definition_id)
    return _list(
        f"versions of image definition {image}",
        ("versions", definition_id),
        lambda c: c.compute(sub).gallery_image_versions.list_by_gallery_image(
            group, gallery, image
        ),
    )


def version(version_id: str) -> Read[Body]:
    """One version with its replication, which no list shows."""
    sub, group, (gallery, image, number) = _parts(version_id)

    def call(clients: Clients) -> Body:
        client = clients.compute(sub).gallery_image_versions
        return plain(client.get(group, gallery, image, number, expand="ReplicationStatus"))

    return _read(f"image version {image} {number}", ("version", version_id), call)


_COMPUTE = {
    arm_ids.DISK: ("disks", "disks"),
    arm_ids.SNAPSHOT: ("snapshots", "snapshots"),
    arm_ids.MANAGED_IMAGE: ("images", "managed images"),
}


def in_group(kind: str, group_id: str) -> Read[tuple[Body, ...]]:
    """The disks, snapshots or managed images of a resource group."""
    client, words = _COMPUTE[kind]
    sub, group = _sub(group_id), _name(group_id)
    return _list(
        f"{words} of resource group {group}",
        (kind, group_id),
        lambda c: getattr(c.compute(sub), client).list_by_resource_group(group),
    )


def one(resource_id: str) -> Read[Body]:
    """One disk, snapshot or managed image."""
    sub, group, (name,) = _parts(resource_id)
    client, words = _COMPUTE[arm_ids.parse(resource_id).resource_type]
    return _read(
        f"{words.removesuffix('s')} {name}",
        ("one", resource_id),
        lambda c: plain(getattr(c.compute(sub), client).get(group, name)),
    )


def machine(machine_id: str) -> Read[Body]:
    """A virtual machine with its instance view."""
    sub, group, (name,) = _parts(machine_id)
    return _read(
        f"virtual machine {name}",
        ("machine", machine_id),
        lambda c: plain(c.compute(sub).virtual_machines.get(group, name, expand="instanceView")),
    )


def extensions(machine_id: str) -> Read[tuple[Body, ...]]:
    """The extensions of a virtual machine."""
    sub, group, (name,) = _parts(machine_id)

    def call(clients: Clients) -> tuple[Body, ...]:
        found = clients.compute(sub).virtual_machine_extensions.list(group, name)
        return tuple(plain(found).get("value") or ())

    return _read(f"extensions of virtual machine {name}", ("extensions", machine_id), call)


def accounts(sub: str) -> Read[tuple[Body, ...]]:
    """All Batch accounts of a subscription."""
    return _list(
        f"Batch accounts of {sub}", ("accounts", sub), lambda c: c.batch(sub).batch_account.list()
    )


def accounts_in(group_id: str) -> Read[tuple[Body, ...]]:
    """The Batch accounts of a resource group, with their quotas."""
    sub, group = _sub(group_id), _name(group_id)
    return _list(
        f"Batch accounts of resource group {group}",
        ("accounts", group_id),
        lambda c: c.batch(sub).batch_account.list_by_resource_group(group),
    )


def pools(account_id: str) -> Read[tuple[Body, ...]]:
    """The pools of a Batch account, as Azure Resource Manager shows them."""
    sub, group, (name,) = _parts(account_id)
    return _list(
        f"pools of Batch account {name}",
        ("pools", account_id),
        lambda c: c.batch(sub).pool.list_by_batch_account(group, name),
    )


def account_quota(sub: str, region: str) -> Read[int]:
    """How many Batch accounts a subscription may have in a region."""
    return _read(
        f"Batch quota of {region}",
        ("account quota", sub, region),
        lambda c: int(plain(c.batch(sub).location.get_quotas(region))["accountQuota"]),
    )


def batch_sizes(sub: str, region: str) -> Read[tuple[Body, ...]]:
    """The VM sizes that Batch offers in a region, with family and capabilities."""
    return _list(
        f"VM sizes of Batch in {region}",
        ("batch sizes", sub, region),
        lambda c: c.batch(sub).location.list_supported_virtual_machine_skus(region),
    )


def compute_sizes(sub: str, region: str) -> Read[tuple[Body, ...]]:
    """The compute SKUs of a region, with what restricts them for the subscription."""
    return _list(
        f"compute SKUs of {region}",
        ("skus", sub, region),
        lambda c: c.compute(sub).resource_skus.list(filter=f"location eq '{region}'"),
    )


def usages(sub: str, region: str) -> Read[tuple[Body, ...]]:
    """The cores of a region that a subscription uses, and may use."""
    return _list(
        f"compute usage in {region}",
        ("usages", sub, region),
        lambda c: c.compute(sub).usage.list(region),
    )


def name_free(sub: str, region: str, name: str) -> Read[Body]:
    """Whether a Batch account may be named so in a region."""
    asked = {"name": name, "type": arm_ids.BATCH_ACCOUNT}
    return _read(
        f"availability of the account name {name}",
        ("name", sub, region, name),
        lambda c: plain(c.batch(sub).location.check_name_availability(region, asked)),
    )


def supported_images(endpoint: str) -> Read[tuple[Body, ...]]:
    """The Marketplace images that Batch supports, with their node agents (D42)."""
    return _list(
        "supported images of Batch",
        ("supported images", endpoint),
        lambda c: c.pools(endpoint).list_supported_images(),
    )


def subnet(subnet_id: str) -> Read[Body]:
    """A subnet with the addresses in use."""
    return _read(
        f"subnet {_name(subnet_id)}", ("subnet", subnet_id), partial(_raw, subnet_id, _NETWORK)
    )


def _read(what: str, key: tuple[str, ...], call: Callable[[Clients], T]) -> Read[T]:
    return Read(what=what, key=tuple(part.lower() for part in key), call=call)


def _list(
    what: str, key: tuple[str, ...], listed: Callable[[Clients], ItemPaged[Any]]
) -> Read[tuple[Body, ...]]:
    return _read(what, ("list", *key), lambda c: tuple(bodies(listed(c))))


def _raw(path: str, version: str, clients: Clients) -> Body:
    url = f"{clients.endpoints.arm_url}{path}"
    response = clients.arm.send_request(HttpRequest("GET", url, params={"api-version": version}))
    response.raise_for_status()
    body: Body = response.json()
    return body


def _role(properties: Body) -> RoleSeen:
    return RoleSeen(
        name=str(properties.get("roleName", "")),
        permissions=_permissions(properties.get("permissions") or ()),
    )


def _permissions(blocks: Iterable[Body]) -> tuple[roles.Permission, ...]:
    return tuple(
        roles.Permission(
            actions=tuple(block.get("actions") or ()),
            not_actions=tuple(block.get("notActions") or ()),
        )
        for block in blocks
    )


def _sub(resource_id: str) -> str:
    return arm_ids.parse(resource_id).subscription_id or ""


def _name(resource_id: str) -> str:
    return arm_ids.parse(resource_id).name


def _parts(resource_id: str) -> tuple[str, str, tuple[str, ...]]:
    parsed = arm_ids.parse(resource_id)
    return parsed.subscription_id or "", parsed.resource_group or "", parsed.names
