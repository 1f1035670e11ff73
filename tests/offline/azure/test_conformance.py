"""The official request examples as inputs: what we take, and that we answer in their shape.

Compared by shape (fields present, kinds of values), never by value: some of the examples contradict
themselves. What is refused is listed here with the reason, and the list may only shrink.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.model import AzureError, ProviderSettings
from imagefleet.offline.services import registry

EXAMPLES = Path(__file__).parents[4] / "shared" / "azure-examples"
PUTS = ("createorupdate", "create", "createbyid")
# Example -> a property or rule that is not taken, by a part of the answer.
REFUSED = {
    # Cloud Services pools ended in 2024 and azure-native has no such property.
    "batch/PoolCreate_CloudServiceConfiguration.json": "cloudServiceConfiguration",
    "batch/PoolCreate_MinimalCloudServiceConfiguration.json": "cloudServiceConfiguration",
    # A read-only property in a request, which azure-native does not have as an input.
    "batch/BatchAccountCreate_SystemAssignedIdentity.json": "autoStorage.lastKeySync",
    # Its scope and name are the words "scope" and "roleDefinitionId".
    "authorization/PutRoleDefinition.json": "must be a GUID",
}
# Fields of answers that are not modelled: the disks of an image are outside, and so is their size.
NOT_MODELLED = (
    "storageProfile.osDiskImage",
    "storageProfile.dataDiskImages",
    "sizeInGB",
    "storageProfile: absent",  # an image made from a machine, which is outside
)


def examples():
    if not EXAMPLES.is_dir():
        return []
    rows = []
    for line in (EXAMPLES / "INDEX.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 4 or not cells[0].endswith(".json"):
            continue
        kind = registry.BY_ARM_TYPE.get(cells[1].casefold())
        if kind and cells[2].split("_")[-1].casefold() in PUTS:
            rows.append((cells[0], kind))
    return rows


def flat(body: dict) -> dict:
    """Return an ARM body as azure-native spells it: `properties` laid open, identities a list."""
    if body.get("properties", {}).keys() == {"provisioningState"} and "identity" not in body:
        return body  # a resource group, the one type that azure-native leaves as it is
    return {k: v for k, v in body.items() if k != "properties"} | body.get("properties", {})


def inputs_of(kind, document: dict) -> dict:
    parameters = document["parameters"]
    by_fold = {name.casefold(): value for name, value in parameters.items()}
    body = next(
        value
        for name, value in parameters.items()
        if isinstance(value, dict) and name not in {"api-version", "roleDefinition"}
    )
    inputs = flat(body.get("roleDefinition", body))
    for read_only in ("id", "name", "type"):
        inputs.pop(read_only, None)
    if "roleAssignmentId" in parameters:
        scope, _, guid = parameters["roleAssignmentId"].rpartition("/providers/Microsoft.Auth")
        inputs |= {"scope": scope, "roleAssignmentName": guid.rsplit("/", 1)[-1]}
    for name in kind.path_parameters:
        if name.casefold() in by_fold:
            inputs[name] = by_fold[name.casefold()]
    identity = inputs.get("identity")
    if identity and "userAssignedIdentities" in identity:
        inputs["identity"] = {
            **identity,
            "userAssignedIdentities": sorted(identity["userAssignedIdentities"]),
        }
    return inputs


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the folder of official examples is not here")
@pytest.mark.parametrize(
    ("name", "kind"), examples(), ids=lambda item: str(getattr(item, "name", item))
)
def test_an_example(tmp_path, name, kind):
    document = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    azure = SimulatedAzure(tmp_path / "azure.sqlite")
    settings = ProviderSettings(subscription_id="sub")
    inputs = inputs_of(kind, document)
    checked = azure.check(kind.token, "x", None, inputs, settings, b"0" * 16)
    if name in REFUSED:
        assert REFUSED[name] in refusal(azure, kind, checked, settings)
        azure.close()
        return
    assert checked.failures == ()
    created = azure.create(kind.token, checked.inputs, settings, preview=False)
    azure.close()
    answer = document["responses"].get("201") or document["responses"]["200"]
    missing = sorted(
        text
        for text in differences(flat(answer["body"]), created.outputs, "")
        if not any(part in text for part in NOT_MODELLED)
    )
    assert missing == []


def refusal(azure, kind, checked, settings) -> str:
    """Return why an example is refused: by `check`, else by the service."""
    if checked.failures:
        return "; ".join(failure.reason for failure in checked.failures)
    with pytest.raises(AzureError) as caught:
        azure.create(kind.token, checked.inputs, settings, preview=False)
    return caught.value.message


def differences(wanted, found, path):
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            yield f"{path}: object, got {found!r}"
            return
        for name, value in wanted.items():
            at = f"{path}.{name}".strip(".")
            if name not in found:
                yield f"{at}: absent"
            else:
                yield from differences(value, found[name], at)
    elif isinstance(wanted, list):
        if not isinstance(found, list):
            yield f"{path}: list, got {found!r}"
        elif wanted and found:
            yield from differences(wanted[0], found[0], f"{path}[0]")
    elif type(wanted) is not type(found) and not (
        isinstance(wanted, int | float) and isinstance(found, int | float)
    ):
        yield f"{path}: {type(wanted).__name__}, got {found!r}"
