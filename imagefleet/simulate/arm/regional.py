"""What a region offers: compute SKUs and usages, Batch's sizes, quotas and free names.

Sizes are those of the domain's table, less what the outside facts say is not offered. Nodes count
against the subscription's cores where their account is of the mode UserSubscription.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from imagefleet.domain import arm_ids, naming, regions, vm_sizes
from imagefleet.offline.model import AzureError
from imagefleet.offline.outside import facts
from imagefleet.offline.outside.state import supposed
from imagefleet.offline.resource_types import region
from imagefleet.offline.services import quota
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import MOST_ON_A_PAGE, Site
from imagefleet.simulate.spelling import named


def skus(site: Site, request: Request, address: Address) -> Answer:
    """List the VM sizes of one region (`$filter=location eq 'x'`), or of all of them."""
    wanted = conditions(request.query.get("$filter"), ("location",)).get("location")
    places = [region(wanted)] if wanted else list(regions.names(site.cloud.cloud))
    pairs = [(place, name) for place in places for name in vm_sizes.names()]
    some, following = pages.page(pairs, MOST_ON_A_PAGE, site.base_url + address.path, request.query)
    with site.store.read() as transaction:
        missing = supposed(transaction).not_offered
    return listed([_sku(place, name, missing) for place, name in some], following)


def usages(site: Site, _request: Request, address: Address) -> Answer:
    """List what a subscription uses of its cores in a region, of all and of each family."""
    here = region(address.names[0])
    with site.store.read() as transaction:
        quotas = supposed(transaction).quotas.region(here)
        held = quota.of_subscription(transaction, address.subscription, here)
    limits = {name.casefold(): most for name, most in quotas.cores_by_family.items()}
    found = [
        _usage("cores", "Total Regional vCPUs", quota.total(held, "dedicated"), quotas.cores),
        _usage(
            "lowPriorityCores",
            "Total Regional Low-priority vCPUs",
            quota.total(held, "low_priority"),
            quotas.low_priority_cores,
        ),
    ]
    for name in sorted({quota.family(size) for size in vm_sizes.names()}):
        most = limits.get(name.casefold(), facts.AMPLE_CORES)
        of_family = quota.total(held, "dedicated", name)
        found.append(_usage(name, f"{name} vCPUs", of_family, most))
    return listed(found)


def batch_quotas(site: Site, _request: Request, address: Address) -> Answer:
    """Return how many Batch accounts a subscription may have in a region."""
    with site.store.read() as transaction:
        quotas = supposed(transaction).quotas
    return Answer(body={"accountQuota": quotas.region(region(address.names[0])).accounts})


def batch_sizes(site: Site, request: Request, address: Address) -> Answer:
    """List the VM sizes that Batch can use in a region."""
    with site.store.read() as transaction:
        missing = supposed(transaction).not_offered.get(region(address.names[0]), frozenset())
    usable = [
        name
        for name in vm_sizes.names()
        if vm_sizes.fault(name) is None and name.casefold() not in missing
    ]
    size = request.whole_number("maxresults", site.arm_page, most=MOST_ON_A_PAGE)
    some, following = pages.page(usable, size, site.base_url + address.path, request.query)
    return listed(
        [
            {"name": name, "familyName": quota.family(name), "capabilities": _capabilities(name)}
            for name in some
        ],
        following,
    )


def batch_name(site: Site, request: Request, address: Address) -> Answer:
    """Say whether a Batch account's name is free in a region."""
    body = named(request.json(), ("name", "type"))
    name, kind = str(body.get("name", "")), str(body.get("type", ""))
    if kind.casefold() != arm_ids.BATCH_ACCOUNT.casefold():
        message = f"'type' must be {arm_ids.BATCH_ACCOUNT}, got '{kind}'"
        raise AzureError("InvalidRequestBody", message, target="type")
    wrong = naming.account_fault(name)
    if wrong:
        text = f"the account name '{name}' {wrong}"
        return Answer(body={"nameAvailable": False, "reason": "Invalid", "message": text})
    with site.store.read() as transaction:
        owner = transaction.owner(f"batch-account|{region(address.names[0])}|{name}")
    if owner is not None:
        text = f"an account named '{name}' exists already"
        return Answer(body={"nameAvailable": False, "reason": "AlreadyExists", "message": text})
    return Answer(body={"nameAvailable": True})


def _usage(name: str, text: str, used: int, most: int) -> Properties:
    return {
        "currentValue": used,
        "limit": most,
        "name": {"localizedValue": text, "value": name},
        "unit": "Count",
    }


def _sku(place: str, name: str, missing: Mapping[str, Collection[str]]) -> Properties:
    restriction = {
        "type": "Location",
        "values": [place],
        "restrictionInfo": {"locations": [place]},
        "reasonCode": "NotAvailableForSubscription",
    }
    absent = name.casefold() in missing.get(place, ())
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "size": name.removeprefix("Standard_"),
        "family": quota.family(name),
        "locations": [place],
        "locationInfo": [{"location": place, "zones": [], "zoneDetails": []}],
        "capabilities": _capabilities(name),
        "restrictions": [restriction] if absent else [],
    }


def _capabilities(name: str) -> list[Mapping[str, str]]:
    known = vm_sizes.look_up(name)
    found = {
        "vCPUs": str(known.vcpus) if known.vcpus else "",
        "HyperVGenerations": ",".join(sorted(known.generations or ())),
        "CpuArchitectureType": str(known.architecture or ""),
    }
    return [{"name": name, "value": value} for name, value in found.items() if value]
