"""What an official example takes for granted: its parents, and its resource where it has one."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate.application import handler_of
from imagefleet.simulate.messages import Request
from imagefleet.simulate.site import Site
from imagefleet.simulate.tokens import issue


class World:
    """An empty simulated Azure, spoken to through the doors' handler."""

    def __init__(self, folder):
        self.azure = SimulatedAzure(Path(folder) / "azure.sqlite")
        self.site = Site(azure=self.azure, store=self.azure.store, base_url="https://127.0.0.1:1")
        self._handler = handler_of(self.site)

    def call(self, method, path, body=None, query=None, version="2024-07-01", headers=None):
        profile = self.site.cloud
        audience = (
            profile.batch_audience if path.startswith("/batch/") else profile.resource_manager
        )
        token = issue(audience.value, self.site.tenant, int(time.time()) + 600)
        return self._handler(
            Request(
                method=method,
                path=path,
                query={"api-version": version, **(query or {})},
                headers={"authorization": f"Bearer {token}", **(headers or {})},
                body=b"" if body is None else json.dumps(body).encode(),
            )
        )

    def must(self, method, path, body=None):
        answer = self.call(method, path, body)
        if answer.status >= 400:
            message = f"the preparation {method} {path} was refused: {answer.body}"
            raise UnpreparedError(message, answer.body)
        return answer


class UnpreparedError(Exception):
    """A resource that an example needs could not be made."""

    def __init__(self, message, body):
        super().__init__(message)
        self.body = body


def prepare(world, operation, method, path, by_fold, document):
    """Make what an example takes for granted: its parents, and its resource where it has one."""
    if path.startswith(("/pools", "/supportedimages")):
        _prepare_account(world, by_fold, document, operation)
        return
    for parent, body in _parents(path):
        world.must("PUT", parent, body)
    creates = method == "PUT" or operation.startswith(
        ("Location_", "Providers_", "Disks_", "Certificate_")
    )
    if creates:
        return
    listed = operation.endswith(("ByGalleryImage", "ByBatchAccount", "ForScope", "_List"))
    answer = document["responses"].get("200", {}).get("body") or {}
    for item in answer.get("value", []) if listed else [answer]:
        resource = _resource(path)
        if listed:
            flat = operation in {"RoleAssignments_ListForScope", "BatchAccount_List"}
            resource = _canonical(item["id"]) if flat else f"{path}/{item['name']}"
        if listed:
            for parent, body in _parents(resource):
                world.must("PUT", parent, body)
        world.must("PUT", resource, _seed(resource, item))
    if operation in {"Pool_Get", "Pool_Update", "Pool_ListByBatchAccount"}:
        world.azure.advance(60)


def _parents(path):
    """Return the parents of a path with a body for each, outermost first, without the group."""
    found = []
    match = re.match(r"(.*/galleries/[^/]+)/images/", path)
    if match:
        found.append((match[1], {"location": "West US"}))
        match = re.match(r"(.*/galleries/[^/]+/images/[^/]+)/versions", path)
        if match:
            found.append((match[1], DEFINITION_BODY))
    match = re.match(r"(.*/batchAccounts/[^/]+)/(pools|certificates)", path)
    if match:
        found.append((match[1], {"location": "japaneast"}))
    return found


DEFINITION_BODY = {
    "location": "West US",
    "properties": {
        "osType": "Windows",
        "osState": "Generalized",
        "hyperVGeneration": "V1",
        "identifier": {"publisher": "studio", "offer": "windows", "sku": "render"},
    },
}
DATA_PLANE_POOL = {
    "vmSize": "standard_d4s_v3",
    "virtualMachineConfiguration": {
        "nodeAgentSKUId": "batch.node.ubuntu 22.04",
        "imageReference": {"publisher": "canonical", "offer": "0001-com-ubuntu-server-jammy",
                           "sku": "22_04-lts", "version": "latest"},
    },
}  # fmt: skip
POOL_BODY = {
    "properties": {
        "vmSize": "STANDARD_D4S_V3",
        "deploymentConfiguration": {
            "virtualMachineConfiguration": {
                "imageReference": {
                    "publisher": "Canonical",
                    "offer": "UbuntuServer",
                    "sku": "18.04-LTS",
                    "version": "latest",
                },
                "nodeAgentSkuId": "batch.node.ubuntu 18.04",
            }
        },
        "scaleSettings": {"fixedScale": {"targetDedicatedNodes": 3}},
    }
}
MINIMAL = {
    "galleries": {"location": "West US"},
    "images": DEFINITION_BODY,
    "versions": {
        "location": "West US",
        "properties": {
            "storageProfile": {"source": {"id": "/subscriptions/s/resourceGroups/g/providers/"
                                                "Microsoft.Compute/images/i"}}
        },
    },
    "snapshots": {"location": "West US", "properties": {"creationData": {"createOption": "Empty"}}},
    "userAssignedIdentities": {"location": "eastus"},
    "batchAccounts": {"location": "japaneast"},
    "pools": POOL_BODY,
}  # fmt: skip
IMAGE_BODY = {
    "location": "West US",
    "properties": {
        "storageProfile": {
            "osDisk": {
                "osType": "Linux",
                "osState": "Generalized",
                "blobUri": "https://a.blob.core.windows.net/b/c.vhd",
            }
        }
    },
}


def _resource(path):
    """Return the resource that an action's or a resource's address is about."""
    actions = (
        r"/(beginGetAccess|endGetAccess|listKeys|disableAutoScale|stopResize|certificates/.*)$"
    )
    return re.sub(actions, "", path)


def _canonical(resource_id):
    return "/" + resource_id.strip("/")


def _seed(resource, answer):
    """Return a body that makes the resource of an example, from its answer where it shows one."""
    kind, _, _ = resource.rpartition("/")
    kind = kind.rsplit("/", 1)[-1]
    if kind == "images" and "/galleries/" not in resource:
        minimal = IMAGE_BODY
    else:
        minimal = MINIMAL.get(kind, {})
    shown = answer.get("properties") or {}
    return {
        **minimal,
        **{k: v for k, v in answer.items() if k in {"location", "tags", "identity"} and v},
        "properties": {**minimal.get("properties", {}), **_settable(kind, shown)},
    }


def _settable(kind, shown):
    """Return the properties of an answer that a request may have.

    What an answer says about the disks of a version comes from the service.
    """
    found = {name: value for name, value in shown.items() if name != "provisioningState"}
    if kind == "versions" and "storageProfile" in found:
        profile = found["storageProfile"]
        if "source" in profile:
            found["storageProfile"] = {"source": profile["source"]}
    if kind == "images" and "sourceVirtualMachine" in found:
        del found["storageProfile"]
    elif kind == "images" and "storageProfile" in found:
        profile = json.loads(json.dumps(found["storageProfile"]))
        for disk in (profile["osDisk"], *profile.get("dataDisks", ())):
            if "snapshot" in disk:
                disk.pop("managedDisk", None)
                disk.pop("blobUri", None)
        found["storageProfile"] = profile
    if "userAccounts" in found:
        found["userAccounts"] = [{**item, "password": "x"} for item in found["userAccounts"]]
    return found


def _prepare_account(world, by_fold, document, operation):
    group = "/subscriptions/s/resourceGroups/g"
    account = f"{group}/providers/Microsoft.Batch/batchAccounts/account"
    world.must("PUT", account, {"location": "japaneast"})
    names = [by_fold["poolid"]] if "poolid" in by_fold else []
    shown = document["responses"].get("200", {}).get("body") or {}
    pools = [shown] if "vmSize" in shown else []
    if operation == "Pool_List":
        pools = shown["value"]
    for item in pools:
        world.must("PUT", f"{account}/pools/{item['id']}", _arm_pool(item))
    if not pools:
        for name in names:
            world.must("PUT", f"{account}/pools/{name}", _arm_pool({}))
    world.azure.advance(60)


def _arm_pool(shown):
    """Return ARM's body of a pool with a start task, such as the data plane's examples have."""
    body = json.loads(json.dumps(POOL_BODY))
    command = (shown.get("startTask") or {}).get("commandLine", "/bin/true")
    body["properties"]["startTask"] = {
        "commandLine": command,
        "userIdentity": {"autoUser": {"scope": "Task", "elevationLevel": "NonAdmin"}},
        "maxTaskRetryCount": 0,
        "waitForSuccess": False,
    }
    return body


def with_node(world, path):
    """Return a path with the id of a node that is there."""
    match = re.match(r"(.*/nodes)/[^/]+/", path)
    if not match:
        return path
    nodes = world.call("GET", match[1]).body["value"]
    return re.sub(r"/nodes/[^/]+/", f"/nodes/{nodes[0]['id']}/", path)
