"""Reviews whose every name tries to break a page, and one of everything that a page shows."""

from __future__ import annotations

from typing import Any

from imagefleet.review.changes import CostLine, StackReview, review_of
from imagefleet.review.run import run_of

NAMES = (
    "<script>document.title='run'</script>",
    '"\' onmouseover=alert(1) x="',
    "\u05e2\u05d1\u05e8\u05d9\u05ea \u202ertl \u202e\u0645\u0631\u062d\u0628\u0627",
    "🚀🚀 映像 équipe",
    "a" * 200,
    "</style></title><img src=x onerror=alert(1)>",
)


def hostile() -> StackReview:
    """Return the review of a stack that has a pool and an image version of each name."""
    events: list[dict[str, Any]] = []
    for number, name in enumerate(NAMES):
        events += [_step(number, *each) for each in _resources(name)]
        events.append(
            {
                "policyEvent": {
                    "policyName": f"rule-{number}",
                    "enforcementLevel": ("mandatory", "advisory")[number % 2],
                    "resourceUrn": f"urn:pulumi:dev::p::t::{name}",
                    "message": f"{name}\n{name} is {name}; needed: {name}.\n",
                }
            }
        )
    return review_of(
        NAMES[0],
        run_of([*events, {"diagnosticEvent": {"severity": "error", "message": NAMES[5]}}]),
        notes=NAMES,
        cost=tuple(CostLine(item=name, before=name, after=name) for name in NAMES),
    )


def _step(number: int, kind: str, old: dict[str, Any] | None, new: dict[str, Any]) -> Any:
    sides = [None if each is None else {"custom": True, "inputs": each} for each in (old, new)]
    urn = f"urn:pulumi:dev::p::azure-native:{kind}::{number}"
    op = "create" if old is None else "update"
    metadata = {"op": op, "urn": urn, "type": f"azure-native:{kind}"}
    return {"resourcePreEvent": {"metadata": metadata | {"old": sides[0], "new": sides[1]}}}


def _resources(name: str) -> list[tuple[str, dict[str, Any] | None, dict[str, Any]]]:
    image = name.replace("/", "")
    gallery = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/shared"

    def pool(nodes: int) -> dict[str, Any]:
        return {
            "poolName": name,
            "accountName": name,
            "vmSize": name,
            "scaleSettings": {"fixedScale": {"targetDedicatedNodes": nodes}},
            "deploymentConfiguration": {
                "virtualMachineConfiguration": {
                    "imageReference": {"id": f"{gallery}/images/{image}/versions/1.0.0"}
                }
            },
        }

    def version(replicas: int) -> dict[str, Any]:
        return {
            "galleryName": "shared",
            "galleryImageName": image,
            "galleryImageVersionName": "1.0.0",
            "publishingProfile": {
                "targetRegions": [{"name": "West Europe", "regionalReplicaCount": replicas}]
            },
            "storageProfile": {"source": {"id": name}},
        }

    account = {"accountName": name, "location": "westeurope"}
    return [
        ("batch:BatchAccount", None, account),
        ("batch:Pool", pool(4), pool(900)),
        ("compute:GalleryImageVersion", version(2), version(4)),
    ]
