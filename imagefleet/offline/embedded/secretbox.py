"""Secrets at rest: encrypted with a key that lies beside the state, readable by its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from imagefleet.offline.embedded.rebuild import rebuilt
from imagefleet.offline.engine import EngineError
from imagefleet.offline.values import SECRET_SIGNATURE, SIGNATURE_KEY, Secret, plain


class SecretBox:
    """Seals property values for the deployment file, and opens them again.

    A secret becomes the signature object of `pulumi stack export` with a `ciphertext`. The key
    file is made with mode 0600 when the first secret is sealed. `EngineError` is raised where
    the key is missing or is not the one that sealed the state.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._fernet: Fernet | None = None

    def seal(self, value: Any) -> Any:
        """Return `value` with every secret encrypted; what holds none is returned as it is."""
        if isinstance(value, Secret):
            text = json.dumps(plain(value.value), separators=(",", ":"))
            token = self._cipher(make=True).encrypt(text.encode()).decode()
            return {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": token}
        return rebuilt(value, self.seal)

    def open(self, value: Any) -> Any:
        """Return `value` with every ciphertext decrypted into a `Secret`."""
        if isinstance(value, dict) and value.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
            return Secret(self._decrypted(value["ciphertext"]))
        return rebuilt(value, self.open)

    def _decrypted(self, token: str) -> Any:
        try:
            return json.loads(self._cipher(make=False).decrypt(token.encode()))
        except InvalidToken:
            message = (
                f"the secrets of this state were not written with the key in {self._key_file}; "
                "put the right key file back, or start again with --fresh"
            )
            raise EngineError(message) from None

    def _cipher(self, *, make: bool) -> Fernet:
        if self._fernet is None:
            self._fernet = Fernet(self._key(make=make))
        return self._fernet

    def _key(self, *, make: bool) -> bytes:
        if self._key_file.exists():
            return self._key_file.read_bytes().strip()
        if not make:
            message = (
                f"the key file {self._key_file} is missing, so the secrets of this state cannot "
                "be read; put it back, or start again with --fresh"
            )
            raise EngineError(message)
        key = Fernet.generate_key()
        descriptor = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        return key
