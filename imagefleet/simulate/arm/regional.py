"""What a region offers: compute SKUs and usages, Batch's sizes, quotas and free names.

Sizes are those of the domain's table. Quotas are ample, as everywhere in this Azure; a Batch
account's nodes do not count against the subscription's cores, as in the mode BatchService.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from imagefleet.domain import clouds, naming, regions, vm_sizes
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import region
from imagefleet.offline.values import Properties
from imagefleet.simulate import pages
from imagefleet.simulate.arm.addresses import Address
from imagefleet.simulate.arm.lists import listed
from imagefleet.simulate.errors import not_supported
from imagefleet.simulate.filters import conditions
from imagefleet.simulate.messages import Answer, Request
from imagefleet.simulate.site import Site

_AMPLE = 1_000_000
# The most accounts that Azure allows in a region (Azure documentation, Batch quotas and limits).
_ACCOUNTS = 50
_SIZE = re.compile(r"Standard_([A-Z]+)\d+([a-z]*)(?:_([A-Z]\w*?))?_v(\d+)", re.ASCII)
_ACCOUNT_TYPE = "Microsoft.Batch/batchAccounts"


def skus(site: Site, request: Request, address: Address) -> Answer:
    """List the VM sizes of one region (`$filter=location eq 'x'`), or of all of them."""
    wanted = conditions(request.query.get("$filter"), ("location",)).get("location")
    cloud = clouds.cloud_of_environment(site.environment) or clouds.Cloud.PUBLIC
    places = [region(wanted)] if wanted else list(regions.names(cloud))
    pairs = [(place, name) for place in places for name in vm_sizes.names()]
    size = 1000
    some, following = pages.page(pairs, size, site.base_url + address.path, request.query)
    return listed([_sku(place, name) for place, name in some], following)


def usages(_site: Site, _request: Request, _address: Address) -> Answer:
    """List what a subscription uses of its quota in a region: nothing of an ample one."""
    families = sorted({family(name) for name in vm_sizes.names()})
    names = {"cores": "Total Regional vCPUs", "virtualMachines": "Virtual Machines"}
    names |= {name: f"{name} vCPUs" for name in families}
    return listed(
        [
            {
                "currentValue": 0,
                "limit": _AMPLE,
                "name": {"localizedValue": text, "value": name},
                "unit": "Count",
            }
            for name, text in names.items()
        ]
    )


def batch_quotas(_site: Site, _request: Request, _address: Address) -> Answer:
    """Return how many Batch accounts a subscription may have in a region."""
    return Answer(body={"accountQuota": _ACCOUNTS})


def batch_sizes(site: Site, request: Request, address: Address) -> Answer:
    """List the VM sizes that Batch can use in a region."""
    if request.query.get("$filter"):
        raise not_supported("$filter of Batch's VM sizes")
    usable = [name for name in vm_sizes.names() if vm_sizes.fault(name) is None]
    size = request.whole_number("maxresults", site.arm_page, most=1000)
    some, following = pages.page(usable, size, site.base_url + address.path, request.query)
    return listed(
        [
            {"name": name, "familyName": family(name), "capabilities": _capabilities(name)}
            for name in some
        ],
        following,
    )


def batch_name(site: Site, request: Request, address: Address) -> Answer:
    """Say whether a Batch account's name is free in a region."""
    body = request.json()
    name, kind = str(body.get("name", "")), str(body.get("type", ""))
    if kind != _ACCOUNT_TYPE:
        message = f"'type' must be {_ACCOUNT_TYPE}, got '{kind}'"
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


def family(size: str) -> str:
    """Return the quota family of a size, as Azure spells it (`standardDDSv5Family`)."""
    match = _SIZE.fullmatch(size)
    if match is None:
        return "standardFamily"
    letters, features, middle, version = match.groups()
    return f"standard{letters}{features.upper()}{middle or ''}v{version}Family"


def _sku(place: str, name: str) -> Properties:
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "size": name.removeprefix("Standard_"),
        "family": family(name),
        "locations": [place],
        "locationInfo": [{"location": place, "zones": [], "zoneDetails": []}],
        "capabilities": _capabilities(name),
        "restrictions": [],
    }


def _capabilities(name: str) -> list[Mapping[str, str]]:
    known = vm_sizes.look_up(name)
    found = {
        "vCPUs": str(known.vcpus) if known.vcpus else "",
        "HyperVGenerations": ",".join(sorted(known.generations or ())),
        "CpuArchitectureType": str(known.architecture or ""),
    }
    return [{"name": name, "value": value} for name, value in found.items() if value]
