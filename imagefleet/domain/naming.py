"""Azure's limits on our names, and how names are built from the keys of the stack file.

Two kinds of name: a *logical* name is Pulumi's and comes from keys (`render-1.1.0`), an *Azure*
name is the resource's own and obeys the service. They differ where a service allows no dots:

- pool id: `^[a-zA-Z0-9_-]+$`, so version 1.1.0 of pool `render` has the plan key `render-1.1.0`
  and the pool id `render-1-1-0`. No two pools can meet there: a version always has exactly three
  numbers and keys have no dots, so the last three dash-separated parts are the version and the
  rest is the key (`render-1` at 1.0.0 is `render-1-1-0-0`). What may still clash is an id that
  the stack file fixes, or keys that differ in case only; `faults` compares all ids of an account.
- snapshot: the same spelling, `ubuntu-1-0-0-os`. A managed image allows dots: `ubuntu-1.0.0`.

The `*_fault` functions return what is wrong with a name in words that follow it ("... must"), or
None. Source of the limits: Azure documentation, Resource name rules, unless a docstring says more.
"""

from __future__ import annotations

import re
from typing import Final

from imagefleet.domain.versions import Version

POOL_ID_MAXIMUM: Final = 64
RESOURCE_NAME_MAXIMUM: Final = 80

_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", re.ASCII)
_GALLERY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._]{0,78}[A-Za-z0-9])?", re.ASCII)
_DEFINITION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,78}[A-Za-z0-9])?", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?", re.ASCII)
_SNAPSHOT = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_POOL = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}", re.ASCII)
_RESOURCE_GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def key_fault(key: str) -> str | None:
    """What is wrong with a key of the stack file that names become part of; our own rule.

    Dots are refused so that a key and a version can be told apart in every name.
    """
    if _KEY.fullmatch(key):
        return None
    return "must be letters, digits, dashes and underscores, with a letter or digit at both ends"


def gallery_fault(name: str) -> str | None:
    """What is wrong with a gallery's name; no dashes, unlike most (Azure documentation)."""
    if _GALLERY.fullmatch(name):
        return None
    return (
        "must be 1 to 80 letters, digits, dots and underscores (no dashes), with a letter or digit "
        "at both ends"
    )


def definition_fault(name: str) -> str | None:
    """What is wrong with an image definition's name."""
    if _DEFINITION.fullmatch(name):
        return None
    return "must be 1 to 80 letters, digits, dots and dashes, with a letter or digit at both ends"


def managed_image_fault(name: str) -> str | None:
    """What is wrong with a managed image's name."""
    if _IMAGE.fullmatch(name):
        return None
    return (
        "must be 1 to 80 letters, digits, dots, dashes and underscores, starting with a letter or "
        "digit and not ending with a dot or dash"
    )


def snapshot_fault(name: str) -> str | None:
    """What is wrong with a snapshot's name."""
    if _SNAPSHOT.fullmatch(name):
        return None
    return "must be 1 to 80 letters, digits, dashes and underscores"


def pool_id_fault(pool_id: str) -> str | None:
    """What is wrong with a pool's id (Batch REST API: 1 to 64, `^[a-zA-Z0-9_-]+$`)."""
    if _POOL.fullmatch(pool_id):
        return None
    return "must be 1 to 64 letters, digits, dashes and underscores"


def account_fault(name: str) -> str | None:
    """What is wrong with a Batch account's name, which becomes part of a DNS name."""
    if _ACCOUNT.fullmatch(name):
        return None
    return "must be 3 to 24 lower-case letters and digits"


def resource_group_fault(name: str) -> str | None:
    """What is wrong with a resource group's name."""
    if _RESOURCE_GROUP.fullmatch(name):
        return None
    return (
        "must be 1 to 90 letters, digits, dashes, dots, underscores and parentheses, not ending "
        "with a dot"
    )


def is_guid(text: str) -> bool:
    """Whether `text` is a GUID in its form with dashes, in any case."""
    return _GUID.fullmatch(text) is not None


def definition_name(key: str, stated: str | None) -> str:
    """The name of an image definition in Azure: the stated one, else the image's key."""
    return stated if stated is not None else key


def version_key(image_key: str, version: str) -> str:
    """The plan key and logical name of an image version and its managed image."""
    return f"{image_key}-{version}"


def managed_image_name(image_key: str, version: str) -> str:
    """The Azure name of the managed image that version is made from."""
    return version_key(image_key, version)


def disk_role(lun: int | None) -> str:
    """The part of a name that says which disk: `os`, or `lun<n>` for a data disk."""
    return "os" if lun is None else f"lun{lun}"


def snapshot_key(image_key: str, version: str, role: str) -> str:
    """The plan key and logical name of a snapshot, `ubuntu-1.0.0-os`."""
    return f"{version_key(image_key, version)}-{role}"


def snapshot_name(image_key: str, version: str, role: str) -> str:
    """The Azure name of a snapshot, without dots: `ubuntu-1-0-0-os`."""
    return f"{image_key}-{dashed(version)}-{role}"


def pool_key(key: str, version: str, fixed_id: str | None) -> str:
    """The plan key and logical name of a pool: stamped with the version unless its id is fixed."""
    return key if fixed_id is not None else f"{key}-{version}"


def pool_id(key: str, version: str, fixed_id: str | None) -> str:
    """The id of a pool in its Batch account; see the module's text for why dots become dashes."""
    return fixed_id if fixed_id is not None else f"{key}-{dashed(version)}"


def dashed(version: str) -> str:
    """A version spelled for names that allow no dots; `1.1.0` becomes `1-1-0`."""
    parsed = Version.try_parse(version)
    spelled = version if parsed is None else str(parsed)
    return spelled.replace(".", "-")
