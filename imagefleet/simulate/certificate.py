"""The certificates of the doors: an authority of their own, and one certificate for loopback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import trustme

_AUTHORITY, _AUTHORITY_KEY = "ca.pem", "ca.key"
_CERTIFICATE, _KEY = "server.pem", "server.key"
# What a client may call the doors by, whatever else they answer for.
NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The files of a server: clients trust `authority`, the server shows `certificate`."""

    authority: Path
    certificate: Path
    key: Path


def certificates(folder: Path, more: Iterable[str] = ()) -> Certificates:
    """Return the certificates in `folder`, made where they are missing; `more` are further hosts.

    The authority is kept between runs, so that a client that trusts it goes on doing so; both
    keys are readable by their owner alone. Raises `OSError` where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = Certificates(
        authority=folder / _AUTHORITY, certificate=folder / _CERTIFICATE, key=folder / _KEY
    )
    authority_key = folder / _AUTHORITY_KEY
    if found.authority.is_file() and authority_key.is_file():
        authority = trustme.CA.from_pem(found.authority.read_bytes(), authority_key.read_bytes())
    else:
        authority = trustme.CA(organization_name="imagefleet simulated Azure")
        _write_private(authority_key, authority.private_key_pem.bytes())
        authority.cert_pem.write_to_path(str(found.authority))
    issued = authority.issue_cert(*NAMES, *more)
    _write_private(found.key, issued.private_key_pem.bytes())
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    found.certificate.write_bytes(chain)
    return found


def _write_private(path: Path, text: bytes) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(text)
