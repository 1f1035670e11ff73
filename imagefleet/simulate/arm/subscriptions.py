"""Microsoft.Resources: subscriptions, locations, and the resource providers with their types."""

from __future__ import annotations

from collections.abc import Mapping

from imagefleet.domain import arm_ids, regions
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside import state as outside
from imagefleet.offline.outside.facts import Outside
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.services import registry
from imagefleet.offline.values import Properties
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import Site

# Namespaces with something behind them here besides the registry's types.
_MORE: Mapping[str, tuple[str, ...]] = {
    "Microsoft.Authorization": ("locks", "permissions"),
    "Microsoft.Batch": ("locations", "locations/quotas"),
    "Microsoft.Compute": (
        "diskEncryptionSets", "disks", "locations", "locations/usages", "skus", "virtualMachines",
        "virtualMachines/extensions",
    ),
    "Microsoft.KeyVault": ("vaults",),
    "Microsoft.Network": ("virtualNetworks", "virtualNetworks/subnets"),
    "Microsoft.Resources": ("subscriptions", "providers"),
    "Microsoft.Storage": ("storageAccounts",),
}  # fmt: skip
# The version that such a type names; any is answered.
_THEIR_VERSION = "2022-04-01"


def namespaces() -> Mapping[str, tuple[str, ...]]:
    """Return the namespaces of the simulated Azure with their types, in alphabetical order."""
    found = {name: set(kinds) for name, kinds in _MORE.items()}
    for kind in registry.TYPES:
        namespace, _, rest = kind.arm_type.partition("/")
        found.setdefault(namespace, set()).add(rest)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def subscription(site: Site, _request: Request, address: Address) -> Answer:
    """Return a subscription: every id is one that the caller has, unless it is told otherwise."""
    return Answer(body=_subscription(site, address.subscription))


def subscriptions(site: Site, _request: Request, _address: Address) -> Answer:
    """List the subscriptions that hold something, or are told of."""
    with site.store.read() as transaction:
        told = supposed(transaction).subscriptions
        ids = {name: name for name, each in told.items() if each.readable and not each.missing}
        for kind in registry.TYPES:
            for record in transaction.of_type(kind.arm_type):
                parts = record.id.strip("/").split("/")
                if len(parts) > 1 and parts[0].casefold() == "subscriptions":
                    ids.setdefault(parts[1].casefold(), parts[1])
    return listed([_subscription(site, ids[key]) for key in sorted(ids)])


def tenants(site: Site, _request: Request, _address: Address) -> Answer:
    """List the one tenant."""
    return listed([{"id": f"/tenants/{site.tenant}", "tenantId": site.tenant}])


def locations(site: Site, _request: Request, address: Address) -> Answer:
    """List the regions of the cloud."""
    scope = f"/subscriptions/{address.subscription}/locations"
    return listed(
        [
            {"id": f"{scope}/{name}", "name": name, "displayName": name, "type": "Region"}
            for name in _regions(site)
        ]
    )


def providers(site: Site, request: Request, address: Address) -> Answer:
    """List the resource providers."""
    _require_no_expand(request)
    return listed([_provider(site, name, address.subscription) for name in namespaces()])


def provider(site: Site, request: Request, address: Address) -> Answer:
    """Return one resource provider; it is registered unless it is told otherwise."""
    _require_no_expand(request)
    return Answer(body=_provider(site, _known(address.namespace), address.subscription))


def register(site: Site, _request: Request, address: Address) -> Answer:
    """Register a resource provider, at once."""
    with site.store.write() as transaction:
        outside.register(transaction, address.subscription, address.namespace)
    return Answer(body=_provider(site, _known(address.namespace), address.subscription))


def unregister(_site: Site, _request: Request, address: Address) -> Answer:
    """Refuse: registration is not modelled, so nothing could come of it."""
    raise not_supported(f"unregistering '{_known(address.namespace)}'")


def _known(namespace: str) -> str:
    by_fold = {name.casefold(): name for name in namespaces()}
    found = by_fold.get(namespace.casefold())
    if found is None:
        message = (
            f"The resource namespace '{namespace}' is invalid. The simulated Azure knows "
            f"{', '.join(by_fold.values())}"
        )
        raise AzureError("InvalidResourceNamespace", message, status=404, target=namespace)
    return found


def _require_no_expand(request: Request) -> None:
    if request.query.get("$expand", "").casefold() not in {"", "metadata", "resourcetypes"}:
        raise not_supported(f"$expand={request.query['$expand']} of resource providers")


def _provider(site: Site, namespace: str, in_subscription: str) -> Properties:
    body: Properties = {
        "namespace": namespace,
        "resourceTypes": [_type(site, namespace, kind) for kind in namespaces()[namespace]],
    }
    if not in_subscription:
        return body
    own = {
        "id": f"/subscriptions/{in_subscription}/providers/{namespace}",
        "registrationPolicy": "RegistrationRequired",
        "registrationState": _facts(site).provider(in_subscription, namespace),
    }
    return {**own, **body}


def _type(site: Site, namespace: str, name: str) -> Properties:
    kind = registry.BY_ARM_TYPE.get(f"{namespace}/{name}".casefold())
    located = kind is not None and kind.located
    return {
        "resourceType": name,
        "locations": list(_regions(site)) if located else [],
        "apiVersions": [kind.api_version if kind else _THEIR_VERSION],
        "capabilities": "SupportsTags, SupportsLocation" if located else "None",
    }


def _regions(site: Site) -> tuple[str, ...]:
    return regions.names(site.cloud.cloud)


def _facts(site: Site) -> Outside:
    with site.store.read() as transaction:
        return supposed(transaction)


def _subscription(site: Site, subscription_id: str) -> Properties:
    told = _facts(site).subscription(subscription_id)
    return {
        "id": arm_ids.subscription(subscription_id),
        "subscriptionId": subscription_id,
        "tenantId": told.tenant or site.tenant,
        "displayName": told.display_name,
        "state": told.state,
        "authorizationSource": "RoleBased",
    }
