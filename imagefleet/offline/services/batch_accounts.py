"""Microsoft.Batch: accounts. Deleting one deletes its pools, as Azure does."""

from __future__ import annotations

from imagefleet.domain import arm_ids, clouds, naming
from imagefleet.domain.fleet import AllocationMode
from imagefleet.offline import clock
from imagefleet.offline.model import AzureError
from imagefleet.offline.resource_types import Outcome, Put, ResourceType, at, region
from imagefleet.offline.services import quota, references
from imagefleet.offline.services.identities import identities
from imagefleet.offline.services.managed_identity import stable_guid
from imagefleet.offline.store import key_of
from imagefleet.offline.values import Properties

# The most that Azure raises it to (Azure documentation, Batch service quotas and limits).
_JOB_QUOTA = 1000


def invalid(message: str, path: str) -> AzureError:
    """Return the error with which Batch refuses a value."""
    return AzureError("InvalidPropertyValue", message, target=path)


def _put(put: Put) -> Outcome:
    wrong = naming.account_fault(put.name)
    if wrong:
        message = f"the Batch account name '{put.name}' {wrong}"
        raise AzureError("InvalidAccountName", message, target="accountName")
    here = region(put.body["location"])
    claim = f"batch-account|{here}|{put.name}"
    owner = put.transaction.owner(claim)
    if owner not in (None, key_of(put.id)):
        message = f"the Batch account name '{put.name}' is taken in {here} by {owner}"
        raise AzureError("AccountNameTaken", message, status=409, target=put.id)
    quota.require_account(put, here)
    shown = identities(put, invalid)
    _require_storage(put, shown)
    mode = put.body.get("poolAllocationMode", AllocationMode.BATCH_SERVICE.value)
    vault = put.body.get("keyVaultReference")
    if mode == AllocationMode.USER_SUBSCRIPTION and not vault:
        message = "poolAllocationMode UserSubscription needs keyVaultReference with id and url"
        raise invalid(message, "keyVaultReference")
    if vault:
        references.find(put.transaction, str(vault["id"]))
    public = put.body.get("publicNetworkAccess", "Enabled")
    if public != "Enabled" and put.body.get("networkProfile"):
        message = f"networkProfile only applies with publicNetworkAccess Enabled, got {public}"
        raise invalid(message, "networkProfile")
    return Outcome(
        derived={**_derived(put, here, mode, public), **(shown or {"identity": {"type": "None"}})},
        claims=(claim,),
    )


def _require_storage(put: Put, shown: Properties) -> None:
    storage = put.body.get("autoStorage")
    if not storage:
        return
    storage_id = str(storage["storageAccountId"])
    parsed = arm_ids.try_parse(storage_id)
    if parsed is None or not parsed.is_a(arm_ids.STORAGE_ACCOUNT):
        message = (
            f"autoStorage.storageAccountId must be {arm_ids.form(arm_ids.STORAGE_ACCOUNT)}, got "
            f"'{storage_id}'"
        )
        raise invalid(message, "autoStorage.storageAccountId")
    by_identity = storage.get("authenticationMode") == "BatchAccountManagedIdentity"
    kind = at(shown, "identity", "type") or "None"
    if by_identity and kind == "None":
        message = (
            "autoStorage.authenticationMode BatchAccountManagedIdentity needs an identity on the "
            "account"
        )
        raise invalid(message, "autoStorage.authenticationMode")


def _derived(put: Put, here: str, mode: str, public: str) -> Properties:
    suffix = _host_suffix(put.settings.environment)
    service = stable_guid(put.id, "node management")
    derived: Properties = {
        "accountEndpoint": f"{put.name}.{here}.{suffix}",
        "nodeManagementEndpoint": f"{service}.{here}.service.{suffix}",
        "poolAllocationMode": mode,
        "publicNetworkAccess": public,
        "activeJobAndJobScheduleQuota": _JOB_QUOTA,
        "allowedAuthenticationModes": put.body.get(
            "allowedAuthenticationModes", ["SharedKey", "AAD", "TaskAuthenticationToken"]
        ),
        "encryption": put.body.get("encryption") or {"keySource": "Microsoft.Batch"},
        "privateEndpointConnections": [],
    }
    if put.body.get("autoStorage"):
        derived["autoStorage"] = {
            "authenticationMode": "StorageKeys",
            **put.body["autoStorage"],
            "lastKeySync": clock.timestamp(put.now),
        }
    return derived


def _host_suffix(environment: str) -> str:
    cloud = clouds.cloud_of_environment(environment) or clouds.Cloud.PUBLIC
    return clouds.profile(cloud).account_host_suffix.value


def _fixed(path: str) -> AzureError:
    message = f"'{path}' of a Batch account is fixed at creation; make a new account"
    return AzureError("PropertyCannotBeUpdated", message, status=409, target=path)


BATCH_ACCOUNT = ResourceType(
    module="batch",
    name="BatchAccount",
    arm_type=arm_ids.BATCH_ACCOUNT,
    api_version="2024-07-01",
    id_template=(
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
        "/providers/Microsoft.Batch/batchAccounts/{accountName}"
    ),
    force_new=frozenset({"location"}),
    immutable={"poolAllocationMode": _fixed},
    put=_put,
    view=quota.shown,
)
