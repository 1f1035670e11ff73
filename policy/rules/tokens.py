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
BATCH_ACCOUNT = "azure-native:batch:BatchAccount"
BATCH_POOL = "azure-native:batch:Pool"
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
    }
)

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
    local = _LOCAL_PACKAGE.fullmatch(package)
    if local is None and package not in ("azure-native", "azure-nextgen"):
        return TypeToken(token)
    base, _, version = module.partition("/")
    if local is not None:
        if base != local["module"]:
            return TypeToken(token)  # a foreign package that only looks like ours
        version = local["version"]
    return TypeToken(f"azure-native:{base}:{name}", _dashed(version))


def _dashed(version: str) -> str | None:
    """`v20230703preview` -> `2023-07-03-preview`; `latest` and other texts name no version."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    year, month, day, stage = match.groups()
    return f"{year}-{month}-{day}" + (f"-{stage}" if stage else "")
