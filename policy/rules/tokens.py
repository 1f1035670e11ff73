"""Type tokens of azure-native in every form that occurs, and their one canonical form.

The canonical form is the default one, `azure-native:<module>:<Name>`. Kept as texts because the
provider's package is far too large for a pack; a test compares each with the package's own class.
Other providers' tokens are left alone: they are nobody's rule but `not-covered`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

GALLERY = "azure-native:compute:Gallery"
GALLERY_IMAGE = "azure-native:compute:GalleryImage"
GALLERY_IMAGE_VERSION = "azure-native:compute:GalleryImageVersion"
MANAGED_IMAGE = "azure-native:compute:Image"
SNAPSHOT = "azure-native:compute:Snapshot"
DISK = "azure-native:compute:Disk"
VIRTUAL_MACHINE = "azure-native:compute:VirtualMachine"
VIRTUAL_MACHINE_EXTENSION = "azure-native:compute:VirtualMachineExtension"
RUN_COMMAND = "azure-native:compute:VirtualMachineRunCommandByVirtualMachine"
BATCH_ACCOUNT = "azure-native:batch:BatchAccount"
BATCH_POOL = "azure-native:batch:Pool"
ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ROLE_DEFINITION = "azure-native:authorization:RoleDefinition"
USER_ASSIGNED_IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
RESOURCE_GROUP = "azure-native:resources:ResourceGroup"
PROVIDER = "pulumi:providers:azure-native"
DEPLOYMENT = "azure-native:resources:Deployment"
GENERIC_RESOURCE = "azure-native:resources:Resource"

# The types whose resources the rules look at, alone or as neighbours.
COVERED = frozenset(
    {
        GALLERY,
        GALLERY_IMAGE,
        GALLERY_IMAGE_VERSION,
        MANAGED_IMAGE,
        SNAPSHOT,
        DISK,
        VIRTUAL_MACHINE,
        BATCH_ACCOUNT,
        BATCH_POOL,
        VIRTUAL_MACHINE_EXTENSION,
        RUN_COMMAND,
        ROLE_ASSIGNMENT,
        ROLE_DEFINITION,
        USER_ASSIGNED_IDENTITY,
        RESOURCE_GROUP,
        PROVIDER,
    }
)

# Deployments of a template, by their names in azure-native; the classic provider has its own.
NATIVE_DEPLOYMENTS = frozenset(
    {
        DEPLOYMENT,
        "azure-native:resources:DeploymentAtScope",
        "azure-native:resources:DeploymentAtSubscriptionScope",
        "azure-native:resources:DeploymentAtManagementGroupScope",
        "azure-native:resources:DeploymentAtTenantScope",
    }
)
CLASSIC_DEPLOYMENTS = frozenset(
    f"azure:core/{scope}TemplateDeployment:{scope[0].upper()}{scope[1:]}TemplateDeployment"
    for scope in ("resourceGroup", "subscription", "managementGroup", "tenant")
)
DEPLOYMENTS = NATIVE_DEPLOYMENTS | CLASSIC_DEPLOYMENTS

# What holds other resources among its properties; the rules look at those.
TEMPLATES = DEPLOYMENTS | {GENERIC_RESOURCE}

# Batch and gallery types that no rule needs to judge: they neither carry an image nor run one.
HARMLESS = frozenset(
    {
        "azure-native:batch:Application",
        "azure-native:batch:ApplicationPackage",
        "azure-native:compute:GalleryApplication",
        "azure-native:compute:GalleryApplicationVersion",
        "azure-native:compute:GalleryInVMAccessControlProfile",
        "azure-native:compute:GalleryInVMAccessControlProfileVersion",
    }
)

# A local package carries its version in its name: azure-native_compute_v20230703.
_LOCAL_PACKAGE = re.compile(
    r"azure-native_(?P<module>[a-z0-9]+)_(?P<version>v20\d{6}(?:preview|privatepreview)?)"
)
_VERSION = re.compile(r"v(20\d\d)(\d\d)(\d\d)(preview|privatepreview)?")
_PARTS = 3


@dataclass(frozen=True, slots=True)
class TypeToken:
    """A parsed token: canonical form, and the API version it names (`2023-07-03`) if any."""

    canonical: str
    api_version: str | None = None


@lru_cache(maxsize=4096)
def parse(token: str) -> TypeToken:
    """Return the canonical form of `token`; a token of no azure-native form stays as it is."""
    parts = token.split(":")
    if len(parts) != _PARTS:
        return TypeToken(token)
    package, module, name = parts
    if (package, module) == ("pulumi", "providers") and _is_native(name):
        return TypeToken(PROVIDER)
    local = _LOCAL_PACKAGE.fullmatch(package)
    if local is None and package not in ("azure-native", "azure-nextgen"):
        return TypeToken(token)
    base, _, version = module.partition("/")
    if local is not None:
        if base != local["module"]:
            return TypeToken(token)  # a foreign package that only looks like ours
        version = local["version"]
    return TypeToken(f"azure-native:{base}:{name}", _dashed(version))


def _is_native(package: str) -> bool:
    return package == "azure-native" or _LOCAL_PACKAGE.fullmatch(package) is not None


def _dashed(version: str) -> str | None:
    """`v20230703preview` -> `2023-07-03-preview`; `latest` and other texts name no version."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    year, month, day, stage = match.groups()
    return f"{year}-{month}-{day}" + (f"-{stage}" if stage else "")
