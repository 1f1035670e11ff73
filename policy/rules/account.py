"""Rules about Batch accounts (`batch:BatchAccount`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Resource, count, path_text, text
from rules.conditions import not_known
from rules.verdicts import Context, Level, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODES = ("allowedAuthenticationModes",)
_ENTRA = "AAD"
_SHARED_KEY = "SharedKey"
_NEEDED = f"a list with {_ENTRA} and without {_SHARED_KEY}"


def _entra_only(resource: Resource, _: Context) -> Iterator[Finding | Doubt]:
    size = count(resource.props, *_MODES)
    if size is UNKNOWN:
        yield not_known(_MODES)
        return
    if size is ABSENT:
        # Azure allows every mode then, shared keys too.
        yield Finding(path=path_text(_MODES), actual="absent", needed=_NEEDED)
        return
    entra = undecided = False
    for index in range(size):
        mode = text(resource.props, *_MODES, index)
        if mode is UNKNOWN:
            undecided = True
            yield not_known((*_MODES, index))
        elif isinstance(mode, str):
            entra = entra or mode.strip().casefold() == _ENTRA.casefold()
            if mode.strip().casefold() == _SHARED_KEY.casefold():
                path = path_text((*_MODES, index))
                yield Finding(path=path, actual=_SHARED_KEY, needed=_NEEDED)
    if not entra and not undecided:
        yield Finding(path=path_text(_MODES), actual=f"without {_ENTRA}", needed=_NEEDED)


ACCOUNT_ENTRA_ONLY = Rule(
    id="account-entra-only",
    summary="A Batch account accepts Microsoft Entra authentication and no shared keys.",
    why="A pool from a gallery image can only be made with Entra authentication: a client with a "
    "shared key gets an authentication error. An account that names no mode allows all of them.",
    remedy='Set allowedAuthenticationModes to ["AAD"] (TaskAuthenticationToken may stay).',
    sentences=("D21", "D22"),
    types=frozenset({tokens.BATCH_ACCOUNT}),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_entra_only,
    good=(Sample(type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": ["AAD"]}),),
    bad=(
        Sample(
            type=tokens.BATCH_ACCOUNT, props={"allowedAuthenticationModes": ["AAD", "SharedKey"]}
        ),
    ),
)
