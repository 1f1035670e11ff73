"""From the property that an error names to the key of the stack file that decides it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from imagefleet.domain.cloud_errors.match import readable

_NAMED: Final = re.compile(
    r"Property(?P<kind>Name|Path)\W{1,6}(?:value\W{1,6})?(?P<path>[A-Za-z][\w.\[\]]{1,200})",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"'(?P<path>[a-z]\w*(?:\[\d+\])?(?:\.\w+(?:\[\d+\])?)*)'")

# The last part that is known decides, so a path inside a start task leads to the start task.
_KEYS: Final = {
    "imagereference": "pools.<pool>.image and .versions",
    "nodeagentskuid": "pools.<pool>.nodeAgent, or images.<image>.baseImage",
    "osdisk": "pools.<pool>.osDiskCaching",
    "vmsize": "pools.<pool>.vmSize",
    "networkconfiguration": "pools.<pool>.subnetId and .publicIp",
    "mountconfiguration": "pools.<pool>.mounts",
    "internodecommunication": "pools.<pool>.interNodeCommunication",
    "taskslotspernode": "pools.<pool>.tasksPerNode",
    "starttask": "pools.<pool>.startTask",
    "scalesettings": "pools.<pool>.nodes or .autoscale",
    "fixedscale": "pools.<pool>.nodes",
    "resizetimeout": "pools.<pool>.nodes.resizeTimeoutMinutes",
    "targetdedicatednodes": "pools.<pool>.nodes.dedicated",
    "targetlowprioritynodes": "pools.<pool>.nodes.lowPriority",
    "autoscale": "pools.<pool>.autoscale",
    "formula": "pools.<pool>.autoscale.formula",
    "evaluationinterval": "pools.<pool>.autoscale.evaluationIntervalMinutes",
    "metadata": "pools.<pool>.metadata",
    "displayname": "pools.<pool>.displayName",
    "identity": "pools.<pool>.identities",
    "sourceresourceid": "images.<image>.versions.<version>.source",
    "sourceuri": "images.<image>.versions.<version>.source",
    "creationdata": "images.<image>.versions.<version>.source",
    "storageprofile": "images.<image>.versions.<version>.source",
    "storageaccounttype": "images.<image>.versions.<version>.storageAccountType",
    "targetregions": "images.<image>.versions.<version>.extraRegions, and the pools' accounts",
    "hypervgeneration": "images.<image>.generation",
    "ostype": "images.<image>.osType",
    "architecture": "images.<image>.architecture",
    "identifier": "images.<image>.identifier",
    "allocationmode": "accounts.<account>.allocationMode",
    "poolallocationmode": "accounts.<account>.allocationMode",
    "autostorage": "accounts.<account>.autoStorage",
    "principalid": "access.<grant>.principalId",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProperty:
    """A property that an error names, and the key of the stack file that decides it, if any."""

    path: str
    key: str | None


def named_properties(text: str) -> tuple[NamedProperty, ...]:
    """The properties that a text names: in Batch's details, or quoted where a key is known."""
    plain = readable(text)
    paths = [match["path"].rstrip(".") for match in _NAMED.finditer(plain)]
    quoted = (match["path"] for match in _QUOTED.finditer(plain))
    paths += [path for path in quoted if stack_key(path) is not None]
    # A name beside the path that ends in it says nothing more.
    kept = [
        path
        for path in dict.fromkeys(paths)
        if not any(longer != path and longer.endswith(f".{path}") for longer in paths)
    ]
    return tuple(NamedProperty(path=path, key=stack_key(path)) for path in kept)


def stack_key(path: str) -> str | None:
    """The key of the stack file that decides a property, None where none does."""
    parts = [part.split("[", 1)[0].lower() for part in path.split(".")]
    return next((_KEYS[part] for part in reversed(parts) if part in _KEYS), None)
