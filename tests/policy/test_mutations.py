"""A mutation matrix: one change to a compliant stack breaks one mandatory rule and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from imagefleet.domain import arm_ids, roles
from rules import ALL_RULES, Rule, tokens
from rules.example_stacks import ABROAD, CUSTOM_ROLE, GROUP_ID, HOME, assigned, custom_role
from rules.examples import MACHINE, MANAGED_IMAGE_ID, POOL, VERSION_ID, put
from rules.lineage_samples import DEFINITION, DISK, IMAGE, SNAPSHOT, VERSION, changed
from rules.verdicts import Level, Sample, Verdict
from tests.policy.neighbours import stack_of, urn

MANDATORY = [rule for rule in ALL_RULES if rule.level is Level.MANDATORY]
# Mandatory rules that answer "not applicable" to everything in the document's edition.
NOT_IN_CHINA = {"image-security-type-agrees": "edition china allows the standard type only"}
REGION = "chinanorth3"
MACHINE_CONFIGURATION = "deploymentConfiguration.virtualMachineConfiguration"
IMAGE_REFERENCE = f"{MACHINE_CONFIGURATION}.imageReference"
SOURCE_VM = {"id": f"{GROUP_ID}/providers/Microsoft.Compute/virtualMachines/builder"}
CONFIDENTIAL = {"securityProfile": {"confidentialVMEncryptionType": "EncryptedWithPmk"}}


def compliant() -> tuple[Sample, ...]:
    """A whole line from machine to pool, with the roles and a template beside it."""
    settings = {"tenantId": HOME, "subscriptionId": HOME}
    target = {"name": REGION, "regionalReplicaCount": 2}
    template = {
        "mode": "Incremental",
        "template": {
            "resources": [
                {
                    "type": "Microsoft.Network/virtualNetworks",
                    "apiVersion": "2024-05-01",
                    "name": "fleet",
                    "properties": {},
                }
            ]
        },
    }
    grant = assigned(CUSTOM_ROLE)
    made = (
        Sample(
            type=tokens.VIRTUAL_MACHINE,
            name="vm",
            props={**MACHINE, "location": REGION, "azureApiVersion": "2025-11-01"},
        ),
        replace(DISK, depends={"creationData": ("vm",)}),
        SNAPSHOT,
        IMAGE,
        DEFINITION,
        changed(VERSION, location=REGION, publishingProfile={"targetRegions": [target]}),
        Sample(
            type=tokens.BATCH_ACCOUNT,
            name="account",
            props={
                "accountName": "fleet",
                "resourceGroupName": "fleet",
                "location": REGION,
                "allowedAuthenticationModes": ["AAD"],
            },
        ),
        Sample(
            type=tokens.BATCH_POOL,
            name="pool",
            props=POOL,
            depends={"deploymentConfiguration": ("version",), "accountName": ("account",)},
        ),
        custom_role(roles.GALLERY_READ_ACTIONS)
        if hasattr(roles, "GALLERY_READ_ACTIONS")
        else custom_role(()),
        replace(grant, depends={"roleDefinitionId": ("role",)}),
        Sample(
            type=tokens.DEPLOYMENT,
            name="template",
            props={"resourceGroupName": "fleet", "properties": template},
        ),
    )
    theirs = {"version"}
    return (
        Sample(type=tokens.PROVIDER, name="ours", props=settings),
        Sample(type=tokens.PROVIDER, name="theirs", props=settings),
        *(replace(one, provider="theirs" if one.name in theirs else "ours") for one in made),
    )
