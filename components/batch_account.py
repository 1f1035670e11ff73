"""A Batch account that takes Microsoft Entra tokens and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import batch

from components.references import known, tags_or_absent
from imagefleet.domain.fleet import Account, AutoStorage
from imagefleet.domain.fleet_plan import AccountPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccountArgs:
    """What `BatchAccount` needs: its plan, and the name of its resource group as an output."""

    plan: AccountPlan
    resource_group_name: pulumi.Input[str]
    tags: Mapping[str, str]


class BatchAccount(pulumi.ComponentResource):
    """A Batch account with Entra-only authentication (D21, D22); shared keys are no argument.

    Its storage is reached by managed identity, never by a storage key. `endpoint` is Azure's
    answer, so it is known only when the account exists.
    """

    account_id: pulumi.Output[str]
    account_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]

    def __init__(
        self, name: str, args: BatchAccountArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        plan, settings = args.plan, args.plan.settings
        props = {"accountId": plan.id, "location": plan.location}
        super().__init__("imagefleet:batch:BatchAccount", name, props, opts)
        account = batch.BatchAccount(
            name,
            account_name=plan.name,
            resource_group_name=args.resource_group_name,
            location=plan.location,
            allowed_authentication_modes=[
                batch.AuthenticationMode(mode) for mode in plan.authentication_modes.value
            ],
            pool_allocation_mode=batch.PoolAllocationMode(settings.allocation_mode.value),
            key_vault_reference=_key_vault(settings),
            identity=_identity(settings),
            auto_storage=_auto_storage(settings.auto_storage),
            public_network_access=_public_access(settings),
            tags=tags_or_absent(args.tags),
            # a fixed name cannot exist twice, so the old one goes first
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.account_id = known(account, plan.id)
        self.account_name = known(account, plan.name)
        self.endpoint = account.account_endpoint
        self.register_outputs({"accountId": self.account_id, "endpoint": self.endpoint})


def _public_access(settings: Account) -> batch.PublicNetworkAccessType:
    if settings.public_network_access:
        return batch.PublicNetworkAccessType.ENABLED
    return batch.PublicNetworkAccessType.DISABLED


def _key_vault(settings: Account) -> batch.KeyVaultReferenceArgs | None:
    vault = settings.key_vault
    return batch.KeyVaultReferenceArgs(id=vault.id, url=vault.url) if vault else None


def _identity(settings: Account) -> batch.BatchAccountIdentityArgs:
    if not settings.identities:
        return batch.BatchAccountIdentityArgs(type=batch.ResourceIdentityType.SYSTEM_ASSIGNED)
    return batch.BatchAccountIdentityArgs(
        type=batch.ResourceIdentityType.USER_ASSIGNED,
        user_assigned_identities=list(settings.identities),
    )


def _auto_storage(storage: AutoStorage | None) -> batch.AutoStorageBasePropertiesArgs | None:
    if storage is None:
        return None
    return batch.AutoStorageBasePropertiesArgs(
        storage_account_id=storage.storage_account,
        # the SDK's own default is StorageKeys
        authentication_mode=batch.AutoStorageAuthenticationMode.BATCH_ACCOUNT_MANAGED_IDENTITY,
        node_identity_reference=batch.ComputeNodeIdentityReferenceArgs(
            resource_id=storage.node_identity
        )
        if storage.node_identity
        else None,
    )
