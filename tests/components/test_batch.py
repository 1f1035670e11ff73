"""Batch account and pool: what each asks the engine for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.batch_account import BatchAccount, BatchAccountArgs
from components.batch_pool import BatchPool, BatchPoolArgs
from imagefleet.domain.fleet import FixedScale, NfsMount
from tests.components.samples import (
    ACCOUNT,
    ACCOUNT_ID,
    ACCOUNT_MAX,
    GROUP_ID,
    NODE_IDENTITY,
    POOL,
    POOL_MAX,
    SUBNET,
    TAGS,
    VERSION,
)
from tests.recorder import record


def account(plan, tags=()):
    args = BatchAccountArgs(plan=plan, resource_group_name="rg-fleet", tags=dict(tags))
    return record(lambda: BatchAccount("one", args))


def pool(plan, *, preview=False):
    args = BatchPoolArgs(
        plan=plan,
        account_name="batchwe",
        resource_group_name="rg-fleet",
        image_version_id=plan.image_version_id,
    )
    return record(lambda: BatchPool("one", args), preview=preview)


class TestBatchAccount:
    def test_defaults(self):
        recorder = account(ACCOUNT)
        parent, child = recorder.registrations[1:]
        assert parent.type == "imagefleet:batch:BatchAccount"
        assert parent.inputs == {"accountId": ACCOUNT_ID, "location": "westeurope"}
        assert recorder.children(parent) == {("azure-native:batch:BatchAccount", "one")}
        assert child.inputs == {
            "accountName": "batchwe",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "allowedAuthenticationModes": ["AAD"],
            "poolAllocationMode": "BatchService",
            "identity": {"type": "SystemAssigned"},
            "publicNetworkAccess": "Enabled",
        }
        assert (child.replace_on_changes, child.delete_before_replace) == ((), True)

    def test_max(self):
        child = account(ACCOUNT_MAX, TAGS).registrations[-1]
        assert child.inputs == {
            "accountName": "batchwe",
            "resourceGroupName": "rg-fleet",
            "location": "westeurope",
            "allowedAuthenticationModes": ["AAD"],
            "poolAllocationMode": "UserSubscription",
            "keyVaultReference": {
                "id": f"{GROUP_ID}/vault",
                "url": "https://kv.vault.azure.net/",
            },
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [NODE_IDENTITY]},
            "autoStorage": {
                "storageAccountId": f"{GROUP_ID}/storage",
                "authenticationMode": "BatchAccountManagedIdentity",
                "nodeIdentityReference": {"resourceId": NODE_IDENTITY},
            },
            "publicNetworkAccess": "Disabled",
            "tags": TAGS,
        }


class TestBatchPool:
    def test_defaults(self):
        recorder = pool(POOL)
        parent, child = recorder.registrations[1:]
        assert parent.type == "imagefleet:batch:BatchPool"
        assert parent.inputs == {
            "poolId": POOL.id,
            "imageVersionId": VERSION.id,
            "nodes": 900,
            "replacedOnImageChange": False,
        }
        assert recorder.children(parent) == {("azure-native:batch:Pool", "one")}
        assert child.inputs == {
            "accountName": "batchwe",
            "poolName": "render-1_0_0",
            "resourceGroupName": "rg-fleet",
            "vmSize": "Standard_D4ds_v5",
            "deploymentConfiguration": {
                "virtualMachineConfiguration": {
                    "imageReference": {"id": VERSION.id},
                    "nodeAgentSkuId": "batch.node.ubuntu 24.04",
                    "osDisk": {"caching": "ReadWrite"},
                }
            },
            "scaleSettings": {
                "fixedScale": {
                    "targetDedicatedNodes": 900,
                    "targetLowPriorityNodes": 0,
                    "resizeTimeout": "PT15M",
                }
            },
            "taskSlotsPerNode": 1,
            "interNodeCommunication": "Disabled",
        }

    def test_max(self):
        assert pool(POOL_MAX).registrations[-1].inputs == {
            "accountName": "batchwe",
            "poolName": "render-1_0_0",
            "resourceGroupName": "rg-fleet",
            "displayName": "Render",
            "vmSize": "Standard_D4ds_v5",
            "deploymentConfiguration": {
                "virtualMachineConfiguration": {
                    "imageReference": {"id": VERSION.id},
                    "nodeAgentSkuId": "batch.node.ubuntu 24.04",
                    "osDisk": {"caching": "ReadOnly"},
                }
            },
            "scaleSettings": {
                "autoScale": {
                    "formula": "$TargetDedicatedNodes = 5;",
                    "evaluationInterval": "PT1H30M",
                }
            },
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [NODE_IDENTITY]},
            "networkConfiguration": {
                "subnetId": SUBNET,
                "dynamicVnetAssignmentScope": "none",
                "publicIPAddressConfiguration": {"provision": "NoPublicIPAddresses"},
            },
            "startTask": {
                "commandLine": "/bin/sh -c 'printenv AZ_BATCH_NODE_STARTUP_DIR'",
                "userIdentity": {"autoUser": {"scope": "Pool", "elevationLevel": "Admin"}},
                "waitForSuccess": False,
                "maxTaskRetryCount": 2,
                "environmentSettings": [
                    {"name": "CACHE", "value": "/mnt/cache"},
                    {"name": "LOGS", "value": "/mnt/logs"},
                ],
                "resourceFiles": [
                    {
                        "httpUrl": "https://st.blob.core.windows.net/c/a",
                        "filePath": "a",
                        "identityReference": {"resourceId": NODE_IDENTITY},
                    },
                    {"autoStorageContainerName": "setup"},
                ],
            },
            "mountConfiguration": [
                {
                    "azureBlobFileSystemConfiguration": {
                        "accountName": "assets",
                        "containerName": "c",
                        "relativeMountPath": "assets",
                        "identityReference": {"resourceId": NODE_IDENTITY},
                        "blobfuseOptions": "-o ro",
                    }
                },
                {
                    "nfsMountConfiguration": {
                        "source": "10.0.0.4:/scratch",
                        "relativeMountPath": "scratch",
                        "mountOptions": "vers=4.1",
                    }
                },
            ],
            "taskSlotsPerNode": 4,
            "interNodeCommunication": "Enabled",
            "metadata": [
                {"name": "app", "value": "farm"},
                {"name": "team", "value": "render"},
            ],
        }

    @pytest.mark.parametrize("fixed_id", [False, True])
    def test_what_batch_cannot_change_replaces_the_pool_old_one_first(self, fixed_id):
        """With a stamped version too: changing the VM size leaves the id as it is."""
        child = pool(replace(POOL, replaced_on_image_change=fixed_id)).registrations[-1]
        assert child.delete_before_replace
        assert child.replace_on_changes == (
            "deploymentConfiguration",
            "vmSize",
            "networkConfiguration",
            "interNodeCommunication",
            "taskSlotsPerNode",
            "mountConfiguration",
            "userAccounts",
        )
        assert child.ignore_changes == ()

    @pytest.mark.parametrize("scale", [FixedScale(), FixedScale(dedicated=2, low_priority=7)])
    def test_both_node_counts_are_written_even_when_zero(self, scale):
        plan = replace(POOL, settings=replace(POOL.settings, scale=scale))
        fixed = pool(plan).registrations[-1].inputs["scaleSettings"]["fixedScale"]
        assert fixed["targetDedicatedNodes"] == scale.dedicated
        assert fixed["targetLowPriorityNodes"] == scale.low_priority
        assert fixed["resizeTimeout"] == "PT15M"

    def test_a_subnet_alone_says_nothing_about_public_addresses(self):
        plan = replace(POOL, settings=replace(POOL.settings, subnet_id=SUBNET))
        assert pool(plan).registrations[-1].inputs["networkConfiguration"] == {
            "subnetId": SUBNET,
            "dynamicVnetAssignmentScope": "none",
        }

    def test_its_id_is_known_before_it_exists(self):
        recorder = pool(POOL, preview=True)
        assert recorder.outputs[recorder.registrations[1].urn] == {"poolId": POOL.id}

    @settings(max_examples=10)
    @given(st.permutations(["a", "b", "c", "d"]))
    def test_the_order_in_the_stack_file_changes_nothing(self, keys):
        """Mounts, environment and metadata are lists for Azure, and mounts replace the pool."""
        settings = replace(
            POOL.settings,
            mounts={key: NfsMount(source=f"10.0.0.4:/{key}", path=key) for key in keys},
            metadata=dict.fromkeys(keys, "x"),
        )
        inputs = pool(replace(POOL, settings=settings)).registrations[-1].inputs
        paths = [
            each["nfsMountConfiguration"]["relativeMountPath"]
            for each in inputs["mountConfiguration"]
        ]
        assert paths == ["a", "b", "c", "d"]
        assert [each["name"] for each in inputs["metadata"]] == ["a", "b", "c", "d"]
