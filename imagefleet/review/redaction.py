"""What of a property may be shown: never a secret, marked as one or only known by its look."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

SECRET: Final = "[secret]"  # noqa: S105 what is shown in place of one
UNKNOWN: Final = "[known after deployment]"

# How Pulumi marks a secret in events and deployments, and what stands for an unknown value.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_UNKNOWN: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
# A property of such a name holds a credential whatever it looks like.
_NAMES: Final = re.compile(
    r"(password|passwd|pwd|(^|[_-])pass|passphrase|secret|connection_?string|access_?key"
    r"|account_?key|shared_?key|storage_?key|sas_?key|sas_?token|sas_?url|api_?key|private_?key"
    r"|encryption_?key|ssh_?key|credential|token)s?(_?\d+)?$",
    re.IGNORECASE,
)
# Credentials inside a text: the signature of a SAS, keys, bearer tokens, user:password in a URL.
_WORD: Final = r"(?:\"[^\"]*\"|'[^']*'|\S+)"
_VALUE: Final = r"(?:\"[^\"]*\"|'[^']*'|[^\s;&,\"']+)"
_WITHIN: Final = (
    (re.compile(r"(?i)([?&;]|\b)(sig|signature)=[^&\s\"']+"), rf"\1\2={SECRET}"),
    (re.compile(r"(?i)\b(\w*(?:key|password|passwd|pwd|secret|token))([\"']?\s*[=:]\s*)"
                rf"{_VALUE}"),
     rf"\1\2{SECRET}"),
    (re.compile(rf"(?i)(--?(?:password|passwd|pwd|secret|token|sas-token|account-key)\s+){_WORD}"),
     rf"\1{SECRET}"),
    (re.compile(r"(?i)((?:^|\s)(?:-u|--user)[\s=]+[^\s:]+:)\S+"), rf"\1{SECRET}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {SECRET}"),
    (re.compile(r"(?i)([a-z][a-z0-9+.-]*://)[^/\s@]+@"), rf"\1{SECRET}@"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), SECRET),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL), SECRET),
)  # fmt: skip


def is_secret(value: Any) -> bool:
    """Whether a value is one that Pulumi marks as secret."""
    return isinstance(value, Mapping) and _SIGNATURE in value


def redacted(value: Any, name: str = "") -> Any:
    """Return a property's value without secrets; `name` is the property's own name.

    Objects named by their parts (`{name: TOKEN, value: ...}`) hide their value too, and all that
    stands below such a name.
    """
    if is_secret(value) or (_NAMES.search(name) and _tells(value)):
        return SECRET
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWN else text(value)
    if isinstance(value, Mapping):
        own = value.get("name")
        hidden = isinstance(own, str) and "value" in value and _NAMES.search(own)
        below = name if _NAMES.search(name) else ""
        return {
            key: SECRET if hidden and key == "value" else redacted(item, below or str(key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redacted(item, name) for item in value]
    return value


def _tells(value: Any) -> bool:
    """Whether a value below a name of a credential can be one: no truth value, nothing empty."""
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def text(value: str) -> str:
    """Return a text with every credential inside it masked."""
    for pattern, replacement in _WITHIN:
        value = pattern.sub(replacement, value)
    return value


def shown(value: Any) -> str:
    """Return a redacted value on one line, as JSON writes it; markers stand without quotes."""
    if isinstance(value, str) and value in (SECRET, UNKNOWN):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
