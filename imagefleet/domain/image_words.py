"""Azure's vocabulary for how images, versions and snapshots are made, as rules show it."""

from __future__ import annotations

from typing import Final

from imagefleet.domain.fleet import Caching, Generation, OsType

FULL: Final = "Full"
SHALLOW: Final = "Shallow"
REPLICATION_MODES: Final = (FULL, SHALLOW)
"""How a version reaches its regions; a shallow one is not copied and has a single replica, for
tests only (Azure documentation, Compute Gallery)."""

COPY: Final = "Copy"
COPY_START: Final = "CopyStart"
IMPORT: Final = "Import"
CREATE_OPTIONS: Final = (
    "Empty",
    "Attach",
    "FromImage",
    IMPORT,
    COPY,
    "Restore",
    "Upload",
    COPY_START,
    "ImportSecure",
    "UploadPreparedSecure",
    "CopyFromSanSnapshot",
)
"""How a snapshot is made (Azure documentation, Disks, creationData.createOption)."""

INCREMENTAL_OPTIONS: Final = (COPY_START,)
"""Options that only incremental snapshots have (Azure documentation, copy across regions)."""

CACHINGS: Final = tuple(kind.value for kind in Caching)
GENERATIONS: Final = tuple(kind.value for kind in Generation)
OS_TYPES: Final = tuple(kind.value for kind in OsType)
