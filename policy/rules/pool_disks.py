"""Rules about the disks of a pool's nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain import arm_ids, node_agents
from imagefleet.domain.findings import Finding
from imagefleet.domain.fleet import Caching, OsType
from rules import tokens
from rules.builder_disks import CACHING, temp_disk
from rules.canonical import ABSENT, UNKNOWN, Missing, Resource, path_text, presence, text
from rules.conditions import must_allow, not_known
from rules.examples import MANAGED_IMAGE_ID, lone_pool, pool, together, version
from rules.numbers import numbers_of
from rules.pool_agent import AGENT
from rules.pool_source import (
    IMAGE_ID,
    MACHINE,
    NOT_FROM_A_GALLERY,
    definition_of,
    made_by,
    outside_stack,
    version_of,
)
from rules.stack import External
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagefleet.domain.findings import Doubt
    from rules.stack import Stack

_CACHING = (*MACHINE, "osDisk", "caching")
_EPHEMERAL = (*MACHINE, "osDisk", "ephemeralOSDiskSettings")
_PLACEMENT = (*_EPHEMERAL, "placement")
_TARGETS = (*MACHINE, "diskEncryptionConfiguration", "targets")
_DATA_DISKS = (*MACHINE, "dataDisks")
_CACHE_DISK = "CacheDisk"
_PLACEMENTS = (_CACHE_DISK, "ResourceDisk", "NvmeDisk")


def _cached(pool: Resource, _: Context) -> Iterator[Outcome]:
    ephemeral = presence(pool.props, *_EPHEMERAL)
    value = text(pool.props, *_CACHING)
    if ephemeral is UNKNOWN and value is not ABSENT:
        yield not_known(_EPHEMERAL)
        return
    needed = Caching.READ_ONLY if ephemeral is True else Caching.READ_WRITE
    yield from must_allow(
        pool,
        _CACHING,
        lambda found: found.strip().casefold() == needed.value.casefold(),
        needed=f"absent or {needed.value}",
        vocabulary=CACHING,
    )


def _placed(pool: Resource, _: Context) -> Iterator[Outcome]:
    yield from must_allow(
        pool,
        _PLACEMENT,
        lambda found: found.strip().casefold() == _CACHE_DISK.casefold(),
        needed=f"absent or {_CACHE_DISK}",
        vocabulary=_PLACEMENTS,
    )


def _temp_drive(pool: Resource, _: Context) -> Iterator[Outcome]:
    yield from temp_disk(pool, ("vmSize",))


def _not_encrypted(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    targets = presence(pool.props, *_TARGETS)
    if targets is ABSENT:
        return
    from_gallery = _from_gallery(pool, stack)
    linux = _is_linux(pool, stack)
    if from_gallery is False or linux is False:
        yield NotApplicable("the pool does not run Linux from a gallery image")
    elif targets is UNKNOWN:
        yield not_known(_TARGETS)
    elif from_gallery is UNKNOWN:
        yield not_known(IMAGE_ID)
    elif linux is not True:
        yield linux
    else:
        yield Finding(
            path=path_text(_TARGETS), actual="set, on Linux from a gallery image", needed="absent"
        )


def _from_gallery(pool: Resource, stack: Stack) -> bool | Missing:
    """Whether the image is of a gallery: by its id, or by what an id not known yet is made from."""
    value = text(pool.props, *IMAGE_ID)
    if value is ABSENT:
        return False
    if isinstance(value, str):
        arm = arm_ids.try_parse(value)
        return arm is not None and not arm.is_a(arm_ids.MANAGED_IMAGE)
    kind = made_by(pool, stack)
    return UNKNOWN if kind is None else kind != tokens.MANAGED_IMAGE


def _is_linux(pool: Resource, stack: Stack) -> bool | Doubt:
    """Whether the nodes run Linux, by their agent, else by the image definition."""
    agent = text(pool.props, *AGENT)
    if isinstance(agent, str):
        return node_agents.os_type(agent) is OsType.LINUX
    image = definition_of(pool, stack)
    value = text(image.props, "osType") if isinstance(image, Resource) else UNKNOWN
    if isinstance(value, str):
        return value.strip().casefold() == OsType.LINUX.value.casefold()
    return not_known(AGENT)


def _disjoint(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    own = numbers_of(pool.props, "lun", *_DATA_DISKS)
    if own is ABSENT or own == frozenset():
        yield NotApplicable("the pool adds no data disk")
        return
    image = version_of(pool, stack)
    if image is ABSENT:
        yield NotApplicable(NOT_FROM_A_GALLERY)
    elif image is UNKNOWN:
        yield not_known(IMAGE_ID)
    elif isinstance(image, External):
        yield outside_stack(image.arm)
    elif isinstance(image, Resource):
        there = _luns_of(image, stack)
        if not isinstance(own, frozenset) or there is UNKNOWN:
            yield not_known(_DATA_DISKS)
        elif both := own & (there if isinstance(there, frozenset) else frozenset()):
            luns = ", ".join(str(lun) for lun in sorted(both))
            actual = f"at LUN {luns}, as a data disk of the image"
            yield Finding(path=path_text(_DATA_DISKS), actual=actual, needed="LUNs of their own")
        elif not isinstance(there, frozenset):
            yield outside_stack(None)


def _luns_of(image: Resource, stack: Stack) -> frozenset[int] | Missing:
    """Return the LUNs of an image version's data disks; absent if its source is elsewhere."""
    own = numbers_of(image.props, "lun", "storageProfile", "dataDiskImages")
    source = stack.referred(image, ("storageProfile", "source", "id"), (tokens.MANAGED_IMAGE,))
    if own is UNKNOWN or source is UNKNOWN:
        return UNKNOWN
    listed = own if isinstance(own, frozenset) else frozenset()
    if isinstance(source, Resource):
        more = numbers_of(source.props, "lun", "storageProfile", "dataDisks")
        if more is UNKNOWN:
            return UNKNOWN
        return listed | more if isinstance(more, frozenset) else listed
    return ABSENT if source is not ABSENT and not listed else listed


_POOL = frozenset({tokens.BATCH_POOL})
_DATA_IMAGE = Sample(
    type=tokens.MANAGED_IMAGE,
    name="image",
    props={
        "imageName": "render",
        "storageProfile": {
            "osDisk": {"osType": "Linux", "osState": "Generalized"},
            "dataDisks": [{"lun": 0, "snapshot": {"id": MANAGED_IMAGE_ID}}],
        },
    },
)

POOL_OS_DISK_CACHING = Rule(
    id="pool-os-disk-caching",
    summary="The system disk of a pool's nodes has ReadWrite caching, an ephemeral one ReadOnly.",
    why="The document recommends ReadWrite for faster provisioning; an ephemeral system disk "
    "works with ReadOnly only.",
    remedy="Set osDisk.caching to the value that the finding names, or leave it out.",
    sentences=("D55",),
    types=_POOL,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_cached,
    good=lone_pool(),
    bad=lone_pool({"osDisk.caching": "None"}),
)

POOL_EPHEMERAL_PLACEMENT = Rule(
    id="pool-ephemeral-placement",
    summary="An ephemeral system disk does not take the temporary drive.",
    why="The Batch node agent expects the default temporary drive, which ResourceDisk and "
    "NvmeDisk would use up; Batch's own value is CacheDisk.",
    remedy="Set ephemeralOSDiskSettings.placement to CacheDisk, or leave it out.",
    sentences=("D50", "D51"),
    types=_POOL,
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    check=_placed,
    good=lone_pool({"osDisk": {"ephemeralOSDiskSettings": {"placement": _CACHE_DISK}}}),
    bad=lone_pool({"osDisk": {"ephemeralOSDiskSettings": {"placement": "ResourceDisk"}}}),
)

POOL_TEMP_DRIVE_SIZE = Rule(
    id="pool-temp-drive-size",
    summary="The nodes of a pool have a temporary disk.",
    why="The Batch node agent expects the default temporary drive; without one, tasks work on "
    "the system disk.",
    remedy="Choose a size with a local disk, for example Standard_D4ds_v5.",
    sentences=("D50", "D51"),
    types=_POOL,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_temp_drive,
    good=lone_pool(),
    bad=lone_pool({"/vmSize": "Standard_D4s_v5"}),
)

POOL_NO_LINUX_DISK_ENCRYPTION = StackRule(
    id="pool-no-linux-disk-encryption",
    summary="A Linux pool from a gallery image does not ask for disk encryption in the node.",
    why="Batch does not support diskEncryptionConfiguration on Linux pools from a gallery image.",
    remedy="Delete diskEncryptionConfiguration; securityProfile.encryptionAtHost encrypts at the "
    "host instead.",
    sentences=(),
    types=_POOL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_not_encrypted,
    good=lone_pool(),
    bad=lone_pool({"diskEncryptionConfiguration": {"targets": ["TemporaryDisk"]}}),
)

POOL_DATA_DISKS_VS_IMAGE = StackRule(
    id="pool-data-disks-vs-image",
    summary="Data disks that a pool adds have other LUNs than those of its image.",
    why="Data disks of the image come apart from those of the pool; two under one LUN clash.",
    remedy="Number the pool's own data disks after those of the image.",
    sentences=("D14",),
    types=_POOL,
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_disjoint,
    good=together(pool({"dataDisks": [{"lun": 1, "diskSizeGB": 64}]}), version(), _DATA_IMAGE),
    bad=together(pool({"dataDisks": [{"lun": 0, "diskSizeGB": 64}]}), version(), _DATA_IMAGE),
)

RULES = (
    POOL_OS_DISK_CACHING,
    POOL_EPHEMERAL_PLACEMENT,
    POOL_TEMP_DRIVE_SIZE,
    POOL_NO_LINUX_DISK_ENCRYPTION,
    POOL_DATA_DISKS_VS_IMAGE,
)
