"""Feed official request examples to the doors and compare the answers by shape.

`python -m tests.simulate.conformance FOLDER` prints what passed, what is not supported and why, and
what failed. Compared are status, fields and kinds of values, and the casing of values that differ
in case alone; never other values, because some of the examples contradict themselves. Parents are
made first; ids of things outside are assumed to exist.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from imagefleet.offline.services.assumed import assumed
from tests.simulate.comparison import shortcomings
from tests.simulate.preparation import UnpreparedError, World, prepare, with_node
from tests.simulate.unsupported import REASONS

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
GALLERY = f"{COMPUTE}/galleries/{{galleryName}}"
DEFINITION = f"{GALLERY}/images/{{galleryImageName}}"
VERSION = f"{DEFINITION}/versions/{{galleryImageVersionName}}"
ACCOUNT = f"{GROUP}/providers/Microsoft.Batch/batchAccounts/{{accountName}}"
POOL = f"{ACCOUNT}/pools/{{poolName}}"
PLACE = "/subscriptions/{subscriptionId}/providers/Microsoft.Batch/locations/{locationName}"
GRANT = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
ROLE = "/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}"


def _life(prefix, path, create="CreateOrUpdate"):
    return {
        f"{prefix}_{create}": ("PUT", path),
        f"{prefix}_Update": ("PATCH", path),
        f"{prefix}_Get": ("GET", path),
        f"{prefix}_Delete": ("DELETE", path),
    }


ARM = {
    **_life("ResourceGroups", GROUP),
    **_life("Galleries", GALLERY),
    **_life("GalleryImages", DEFINITION),
    **_life("GalleryImageVersions", VERSION),
    "GalleryImageVersions_ListByGalleryImage": ("GET", f"{DEFINITION}/versions"),
    **_life("Images", f"{COMPUTE}/images/{{imageName}}"),
    **_life("Snapshots", f"{COMPUTE}/snapshots/{{snapshotName}}"),
    "Snapshots_GrantAccess": ("POST", f"{COMPUTE}/snapshots/{{snapshotName}}/beginGetAccess"),
    **_life("Disks", f"{COMPUTE}/disks/{{diskName}}"),
    "Disks_GrantAccess": ("POST", f"{COMPUTE}/disks/{{diskName}}/beginGetAccess"),
    "Disks_RevokeAccess": ("POST", f"{COMPUTE}/disks/{{diskName}}/endGetAccess"),
    **_life("RoleDefinitions", ROLE),
    **_life("RoleAssignments", GRANT, create="Create"),
    "RoleAssignments_CreateById": ("PUT", "/{roleAssignmentId}"),
    "RoleAssignments_ListForScope": ("GET", GRANT.rpartition("/")[0]),
    **_life("UserAssignedIdentities", IDENTITY),
    **_life("BatchAccount", ACCOUNT, create="Create"),
    "BatchAccount_GetKeys": ("POST", f"{ACCOUNT}/listKeys"),
    "BatchAccount_List": (
        "GET",
        "/subscriptions/{subscriptionId}/providers/Microsoft.Batch/batchAccounts",
    ),
    **_life("Pool", POOL, create="Create"),
    "Pool_ListByBatchAccount": ("GET", f"{ACCOUNT}/pools"),
    "Pool_DisableAutoScale": ("POST", f"{POOL}/disableAutoScale"),
    "Pool_StopResize": ("POST", f"{POOL}/stopResize"),
    "Certificate_Get": ("GET", f"{ACCOUNT}/certificates/{{certificateName}}"),
    "Location_GetQuotas": ("GET", f"{PLACE}/quotas"),
    "Location_ListSupportedVirtualMachineSkus": ("GET", f"{PLACE}/virtualMachineSkus"),
    "Location_CheckNameAvailability": ("POST", f"{PLACE}/checkNameAvailability"),
    "Providers_Get": ("GET", "/subscriptions/{subscriptionId}/providers/{namespace}"),
    "Providers_List": ("GET", "/subscriptions/{subscriptionId}/providers"),
    "Providers_GetAtTenantScope": ("GET", "/providers/{namespace}"),
}
BATCH_URL = "/batch/account.japaneast"
BATCH = {
    "Account_ListSupportedImages": ("GET", "/supportedimages"),
    "Pool_Add": ("POST", "/pools"),
    "Pool_Get": ("GET", "/pools/{poolId}"),
    "Pool_List": ("GET", "/pools"),
    "Pool_Delete": ("DELETE", "/pools/{poolId}"),
    "Pool_Resize": ("POST", "/pools/{poolId}/resize"),
    "Pool_UpdateProperties": ("POST", "/pools/{poolId}/updateproperties"),
    "ComputeNode_List": ("GET", "/pools/{poolId}/nodes"),
    "ComputeNode_GetRemoteLoginSettings": (
        "GET",
        "/pools/{poolId}/nodes/{nodeId}/remoteloginsettings",
    ),
}


@dataclass(frozen=True)
class Verdict:
    """What became of one example: `passed`, `unsupported` or `failed`, and why."""

    name: str
    kind: str
    why: str = ""
    assumed: tuple[str, ...] = ()


def operations(folder):
    """Return the operation of each example by the folder's index, where there is one."""
    index = Path(folder) / "INDEX.md"
    if not index.is_file():
        return {}
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in index.read_text(encoding="utf-8").splitlines()
    ]
    return {row[0]: row[2] for row in rows if len(row) > 3 and row[0].endswith(".json")}


def run(folder):
    """Return the verdict on every example in a folder, in the order of their names."""
    folder = Path(folder)
    named = operations(folder)
    verdicts = []
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not {"parameters", "responses"} <= document.keys():
            continue
        verdicts.append(judge(name, document, document.get("operationId") or named.get(name)))
    return verdicts


def judge(name, document, operation):
    parameters = document["parameters"]
    to_batch = {"batchUrl", "endpoint"} & parameters.keys()
    known = (BATCH if to_batch else ARM).get(operation or "")
    if known is None:
        return Verdict(name, "failed", f"the operation {operation or 'is not named'}")
    method, template = known
    by_fold = {key.casefold(): _placed(key, value) for key, value in parameters.items()}
    by_fold.setdefault("namespace", by_fold.get("resourceprovidernamespace", ""))
    path = _filled(template, by_fold)
    query = {key.casefold(): str(value) for key, value in parameters.items() if key.startswith("$")}
    with tempfile.TemporaryDirectory() as scratch:
        world = World(scratch)
        try:
            prepare(world, operation, method, path, by_fold, document)
            if to_batch:
                path = with_node(world, BATCH_URL + path)
            answer = world.call(method, path, _body(parameters), query)
            with world.azure.store.read() as transaction:
                outside = tuple(str(each) for each in assumed(transaction))
        except UnpreparedError as error:
            return _refused(name, error.body, str(error))
        finally:
            world.azure.close()
    return replace(verdict(name, document, answer), assumed=outside)


def _placed(name, value):
    """Return a parameter; one whose value is its own name is a placeholder, and filled in."""
    fitting = {"scope": "subscriptions/sub", "roleDefinitionId": str(uuid.UUID(int=7))}
    return fitting.get(name, value) if value == name else value


def verdict(name, document, answer):
    if answer.status >= 400:
        return _refused(name, answer.body, json.dumps(answer.body))
    examples = document["responses"]
    if str(answer.status) not in examples:
        return Verdict(name, "failed", f"status {answer.status}, not of {', '.join(examples)}")
    found = shortcomings(name, document, answer.body, str(answer.status))
    return Verdict(name, "failed", "; ".join(found)) if found else Verdict(name, "passed")


def _refused(name, body, text):
    """Return the verdict on a refusal: only what is known not to be supported may be refused."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    code, message = error.get("code"), error.get("message")
    if isinstance(message, dict):
        message = message["value"].splitlines()[0]
    if any(known == code and part in str(message) for known, part in REASONS):
        return Verdict(name, "unsupported", f"{code}: {message}")
    return Verdict(name, "failed", text)


def _filled(template, by_fold):
    return re.sub(
        r"{(\w+)}", lambda match: quote(str(by_fold[match[1].casefold()]), safe="/{} -"), template
    )


def _body(parameters):
    """Return the body of an example: the one parameter that is an object with something in it."""
    found = [value for value in parameters.values() if isinstance(value, dict) and value]
    if not found:
        return None
    body = found[0]
    if set(body) == {"roleDefinition"}:  # an example that wraps its body once more
        definition = body["roleDefinition"]
        outer = {"id", "name", "type"}
        return {"properties": {k: v for k, v in definition.items() if k not in outer}}
    return body


def report(verdicts):
    """Return the lines of a report on verdicts."""
    of = {kind: [v for v in verdicts if v.kind == kind] for kind in ("unsupported", "failed")}
    passed = len(verdicts) - len(of["unsupported"]) - len(of["failed"])
    lines = [f"{passed} passed, {len(of['failed'])} failed, {len(of['unsupported'])} unsupported"]
    for kind, found in of.items():
        lines += [f"  {kind}: {verdict.name}: {verdict.why}" for verdict in found]
    outside = {resource for verdict in verdicts for resource in verdict.assumed}
    return [*lines, f"  assumed to exist outside: {len(outside)} ids"] if outside else lines


def main(arguments):
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: make conformance EXAMPLES=FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    verdicts = run(arguments[0])
    print("\n".join(report(verdicts)))  # noqa: T201
    return 1 if any(verdict.kind == "failed" for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
