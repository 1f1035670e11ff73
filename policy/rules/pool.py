"""Rules about what runs on the nodes of Batch pools besides the image."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagefleet.domain import security
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import UNKNOWN, Resource, count, path_text, text
from rules.conditions import must_allow, must_be_absent, must_be_off, not_known
from rules.examples import lone_pool
from rules.pool_source import MACHINE
from rules.verdicts import (
    Context,
    Edition,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Rule,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXTENSIONS = (*MACHINE, "extensions")

ALLOWED = Option(
    name="allowed",
    schema={
        "type": "array",
        "items": {"type": "string"},
        "description": "Extensions to allow, as publisher/type, * and ? as wildcards.",
    },
    default=(),
)


def _standard(resource: Resource, context: Context) -> Iterator[Outcome]:
    if context.edition is Edition.GLOBAL:
        yield NotApplicable("edition global allows Trusted Launch where the image has it too")
        return
    profile = (*MACHINE, "securityProfile")
    yield from must_allow(
        resource,
        (*profile, "securityType"),
        security.is_standard,
        needed="absent",
        vocabulary=security.SECURITY_TYPES,
    )
    yield from must_be_off(resource, (*profile, "uefiSettings", "secureBootEnabled"))
    yield from must_be_off(resource, (*profile, "uefiSettings", "vTpmEnabled"))
    yield from must_be_absent(resource, (*MACHINE, "osDisk", "managedDisk", "securityProfile"))


def _extensions(pool: Resource, context: Context) -> Iterator[Outcome]:
    size = count(pool.props, *_EXTENSIONS)
    if size is UNKNOWN:
        yield not_known(_EXTENSIONS)
        return
    for index in range(size if isinstance(size, int) else 0):
        path = (*_EXTENSIONS, index)
        values = {key: text(pool.props, *path, key) for key in ("publisher", "type")}
        unknown = [key for key, value in values.items() if value is UNKNOWN]
        if unknown and context.options["allowed"]:
            yield from (not_known((*path, key)) for key in unknown)
            continue
        publisher, kind = (value if isinstance(value, str) else "" for value in values.values())
        name = f"{publisher.strip()}/{kind.strip()}".casefold()
        allowed = context.options["allowed"]
        if not any(fnmatchcase(name, pattern.casefold()) for pattern in allowed):
            yield Finding(
                path=path_text(path),
                actual="set",
                needed="absent, or an extension that the stack allows",
            )


POOL_NO_TRUSTED_LAUNCH = Rule(
    id="pool-no-trusted-launch",
    summary="The nodes of a pool have the standard security type.",
    why="The document says that Batch does not support Trusted Launch; a custom image of the "
    "standard type does not start with it.",
    remedy="Delete securityProfile.securityType, securityProfile.uefiSettings and "
    "osDisk.managedDisk.securityProfile from the virtual machine configuration.",
    sentences=("D19",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_standard,
    good=lone_pool({"securityProfile": {"encryptionAtHost": False}}),
    bad=lone_pool({"securityProfile": {"securityType": "trustedLaunch"}}),
)

POOL_EXTENSIONS = Rule(
    id="pool-extensions",
    summary="A pool installs no extension on its nodes that the stack has not allowed.",
    why="The same handler in the image and on the pool is a clash, and an extension makes every "
    "node slower to start.",
    remedy="Put the software into the image or a start task, or list the extension in this "
    "rule's allowed setting.",
    sentences=("D48",),
    types=frozenset({tokens.BATCH_POOL}),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_extensions,
    good=lone_pool(),
    bad=lone_pool(
        {
            "extensions": [
                {"name": "setup", "publisher": "Microsoft.Azure.Extensions", "type": "CustomScript"}
            ]
        }
    ),
    options=(ALLOWED,),
)

RULES = (POOL_NO_TRUSTED_LAUNCH, POOL_EXTENSIONS)
