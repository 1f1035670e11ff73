"""Faults of what a pool puts on its nodes: start task, files, mounts, metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from imagefleet.domain import arm_ids, pools
from imagefleet.domain.fault import Fault, duplicates, id_faults, signed, without_query
from imagefleet.domain.fleet import BlobMount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.fault import Path
    from imagefleet.domain.fleet import Account, Mount, Pool, ResourceFile, StartTask

DISPLAY_NAME_MAXIMUM: Final = 1024
"""Characters of a pool's display name (Batch REST API, pool)."""

_NO_SAS: Final = (
    "must not carry a SAS: it is a secret and would be kept in state; give the pool an identity "
    "that may read it"
)
_STORAGE_NAME = re.compile(r"[a-z0-9]{3,24}", re.ASCII)
_CONTAINER_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*|\$root", re.ASCII)


def node_faults(path: Path, pool: Pool, account: Account | None) -> Iterator[Fault]:
    """Faults of everything that is put on the nodes of a pool."""
    if pool.display_name is not None and len(pool.display_name) > DISPLAY_NAME_MAXIMUM:
        message = f"must be at most {DISPLAY_NAME_MAXIMUM} characters"
        yield Fault(path=(*path, "displayName"), value=None, message=message)
    if pool.start_task is not None:
        yield from _task_faults((*path, "startTask"), pool, pool.start_task, account)
    if len(pool.mounts) > pools.MOUNTS_MAXIMUM:
        message = f"must be at most {pools.MOUNTS_MAXIMUM} mounts"
        yield Fault(path=(*path, "mounts"), value=len(pool.mounts), message=message)
    for key, mount in sorted(pool.mounts.items()):
        yield from _mount_faults((*path, "mounts", key), pool, mount)
    paths = (
        ((*path, "mounts", key, _kind(mount), "path"), mount.path, mount.path.strip("/"))
        for key, mount in sorted(pool.mounts.items())
    )
    yield from duplicates(paths, "is where another file system is mounted")


def _task_faults(
    path: Path, pool: Pool, task: StartTask, account: Account | None
) -> Iterator[Fault]:
    if not task.command_line.strip():
        message = "must be a command; it is not run by a shell unless it names one"
        yield Fault(path=(*path, "commandLine"), value=None, message=message)
    if signed(task.command_line):
        yield Fault(path=(*path, "commandLine"), value=None, message=_NO_SAS)
    if task.max_task_retry_count < -1:
        message = "must be at least -1, which means without end"
        retries = task.max_task_retry_count
        yield Fault(path=(*path, "maxTaskRetryCount"), value=retries, message=message)
    for name, value in sorted(task.environment.items()):
        if signed(value):
            yield Fault(path=(*path, "environment", name), value=None, message=_NO_SAS)
    for index, file in enumerate(task.resource_files):
        yield from _file_faults((*path, "resourceFiles", index), pool, file, account)


def _file_faults(
    path: Path, pool: Pool, file: ResourceFile, account: Account | None
) -> Iterator[Fault]:
    if (file.http_url is None) == (file.auto_storage_container is None):
        given = "neither" if file.http_url is None else "both"
        message = "must have exactly one of httpUrl and autoStorageContainer"
        yield Fault(path=path, value=given, message=message)
    if file.http_url is not None:
        at = (*path, "httpUrl")
        shown = without_query(file.http_url)
        if signed(file.http_url):
            yield Fault(path=at, value=shown, message=_NO_SAS)
        if not file.http_url.lower().startswith(("https://", "http://")):
            message = "must start with https://"
            yield Fault(path=at, value=shown, message=message)
        if file.file_path is None:
            message = "is missing: say where the file goes on the node"
            yield Fault(path=(*path, "filePath"), value=None, message=message)
    if (
        file.auto_storage_container is not None
        and account is not None
        and account.id is None
        and account.auto_storage is None
    ):
        message = f"needs autoStorage in accounts.{pool.account}"
        value = file.auto_storage_container
        yield Fault(path=(*path, "autoStorageContainer"), value=value, message=message)
    if file.file_path is not None:
        yield from _relative_faults((*path, "filePath"), file.file_path)
    if file.identity is not None:
        yield from _identity_faults((*path, "identity"), pool, file.identity)


def _mount_faults(path: Path, pool: Pool, mount: Mount) -> Iterator[Fault]:
    at = (*path, _kind(mount))
    yield from _relative_faults((*at, "path"), mount.path)
    if mount.options is not None and signed(mount.options):
        yield Fault(path=(*at, "options"), value=None, message=_NO_SAS)
    if not isinstance(mount, BlobMount):
        return
    if not _STORAGE_NAME.fullmatch(mount.account_name):
        message = "must be the name of a storage account: 3 to 24 lower-case letters and digits"
        yield Fault(path=(*at, "accountName"), value=mount.account_name, message=message)
    if not _CONTAINER_NAME.fullmatch(mount.container):
        message = (
            "must be the name of a container: 3 to 63 lower-case letters, digits and single dashes"
        )
        yield Fault(path=(*at, "container"), value=mount.container, message=message)
    yield from _identity_faults((*at, "identity"), pool, mount.identity)


def _identity_faults(path: Path, pool: Pool, identity: str) -> Iterator[Fault]:
    yield from id_faults(path, identity, arm_ids.USER_ASSIGNED_IDENTITY)
    if not any(arm_ids.same(identity, own) for own in pool.identities):
        message = "must be one of the pool's identities; add it to them"
        yield Fault(path=path, value=identity, message=message)


def _relative_faults(path: Path, text: str) -> Iterator[Fault]:
    whole = text.replace("\\", "/")
    parts = [part for part in whole.split("/") if part not in {"", "."}]
    if not parts or whole.startswith("/") or ".." in parts or ":" in parts[0]:
        message = "must be a relative path on the node, without '..'"
        yield Fault(path=path, value=text, message=message)


def _kind(mount: Mount) -> str:
    return "blob" if isinstance(mount, BlobMount) else "nfs"
