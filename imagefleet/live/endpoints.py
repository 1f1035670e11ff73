"""Where the clients of a stack go: its cloud's endpoints, or the doors of a simulated Azure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagefleet.domain.clouds import Cloud, profile

DOORS_FILE = "doors.json"
_HINT = "start `imagefleet simulate`, which writes it, or leave --doors out for Azure itself"
_KEYS = ("armUrl", "armScope", "batchScope", "authorityUrl", "caFile", "tenantId")


class EndpointsError(Exception):
    """A file of doors cannot be used; the message says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The addresses of one cloud, as every client is told them.

    `arm_url` and `authority` have no slash at the end. `ca_file` and `tenant` are those of a
    simulated Azure: on Azure itself the system's authorities are trusted, and the credential knows
    its tenant.
    """

    cloud: Cloud
    arm_url: str
    authority: str
    arm_scope: str
    batch_scope: str
    ca_file: Path | None = None
    tenant: str | None = None

    @property
    def simulated(self) -> bool:
        """Whether these are the doors of a simulated Azure."""
        return self.ca_file is not None


def of_cloud(cloud: Cloud) -> Endpoints:
    """The endpoints of a cloud, from its one profile.

    azure-batch asks for the public cloud's tokens wherever it goes, so the scope is never left to
    it (D78).
    """
    known = profile(cloud)
    return Endpoints(
        cloud=cloud,
        arm_url=known.resource_manager.value.rstrip("/"),
        authority=known.authority.value.rstrip("/"),
        arm_scope=known.resource_manager_scope,
        batch_scope=known.batch_scope,
    )


def at_doors(path: Path, cloud: Cloud) -> Endpoints:
    """The endpoints that `imagefleet simulate` has left in `doors.json` (or a folder with one).

    Raises `EndpointsError` where it is not usable, or speaks for another cloud.
    """
    file = path / DOORS_FILE if path.is_dir() else path
    about = _read(file)
    expected = of_cloud(cloud)
    if _audience(about["armScope"]) != _audience(expected.arm_scope):
        message = (
            f"{file} is of another cloud ({about['armScope']}); the stack says {cloud.value}: "
            "start `imagefleet simulate` with the same --stack"
        )
        raise EndpointsError(message)
    if not Path(about["caFile"]).is_file():
        message = f"{file} names a certificate that is not there ({about['caFile']}); {_HINT}"
        raise EndpointsError(message)
    return Endpoints(
        cloud=cloud,
        arm_url=about["armUrl"].rstrip("/"),
        authority=about["authorityUrl"].rstrip("/"),
        arm_scope=about["armScope"],
        batch_scope=about["batchScope"],
        ca_file=Path(about["caFile"]),
        tenant=about["tenantId"],
    )


def _read(file: Path) -> dict[str, str]:
    try:
        about: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{file} cannot be read ({error.strerror}); {_HINT}"
        raise EndpointsError(message) from error
    except ValueError as error:
        message = f"{file} is not JSON ({error}); {_HINT}"
        raise EndpointsError(message) from error
    missing = [
        key for key in _KEYS if not isinstance(about, dict) or not isinstance(about.get(key), str)
    ]
    if missing:
        message = f"{file} says nothing about {', '.join(missing)}; {_HINT}"
        raise EndpointsError(message)
    return {key: about[key] for key in _KEYS}


def _audience(scope: str) -> str:
    return scope.removesuffix(".default").rstrip("/").lower()
