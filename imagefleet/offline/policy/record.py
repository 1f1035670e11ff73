"""The record that our policy pack writes beside its answers: one JSON line for each judgement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagefleet.domain.judgements import Verdict
from imagefleet.offline.pack.process import PolicyPackError

_VERDICTS = frozenset(Verdict)
_EXEMPTION = ("owner", "ticket", "reason", "expires", "daysLeft")
_TEXTS = ("path", "actual", "needed", "cause", "inner")


def read_record(path: Path) -> list[Mapping[str, Any]]:
    """Return the lines of the record, none where the pack wrote none.

    Each has `rule`, `urn`, `verdict` and, as texts where there is something to say, `path`,
    `actual`, `needed`, `cause` and `inner`; `exemption` is null or an object with `owner`,
    `ticket`, `reason`, `expires` and `daysLeft`. Raises `PolicyPackError` for a line of another
    form: a verdict that cannot be read must not count as a pass.
    """
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [_line(text, number) for number, text in enumerate(file, 1)]


def _line(text: str, number: int) -> Mapping[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if (
        isinstance(line, dict)
        and isinstance(line.get("rule"), str)
        and isinstance(line.get("urn"), str)
        and line.get("verdict") in _VERDICTS
        and all(isinstance(line.get(key) or "", str) for key in _TEXTS)
        and _is_exemption(line.get("exemption"))
    ):
        return line
    message = f"the policy pack's record of verdicts cannot be read (line {number})"
    raise PolicyPackError(message)


def _is_exemption(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(key in value for key in _EXEMPTION))
