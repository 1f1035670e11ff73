"""Exemptions: a file that says which finding is accepted where, by whom, why and until when.

The file is YAML or JSON: a list, or an object with the list under `exemptions`. Each entry has

    rule: image-os-type-matches      one rule's id
    resource: "*::legacy-*"          a URN or logical name, * and ? as wildcards
    owner: images team               who answers for it
    reason: replaced with ticket 12  at least 15 characters
    ticket: OPS-12                   where it is followed up
    expires: 2026-10-01              the last day on which it holds

An entry that is not complete holds nothing, and `pack-settings` says what it lacks. Nothing here
decides what an exemption does; that is the kit's.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from imagefleet.domain.findings import Finding

# Rules about what cannot work at all on Azure, and those about the pack's own settings and faults.
NEVER_WAIVED: Final = frozenset(
    {
        "image-generalized",
        "managed-image-generalized",
        "pool-uses-generalized-image",
        "replica-in-account-region",
        "template-resources-checked",
        "pack-settings",
        "exemptions",
        "rules-sound",
    }
)
SOON: Final = timedelta(days=14)
SHORTEST_REASON: Final = 15
_LONGEST = 200
_MOST_BYTES = 1_000_000
_TEXTS: Final = ("rule", "resource", "owner", "reason", "ticket")
_KEYS: Final = (*_TEXTS, "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One complete entry of the file; `place` is where it stands there."""

    place: str
    rule: str
    resource: str
    owner: str
    reason: str
    ticket: str
    expires: date

    def covers(self, rule_id: str, urn: str) -> bool:
        """Whether the entry is about this rule on this resource, expired or not."""
        return self.rule == rule_id and (
            fnmatchcase(urn, self.resource) or fnmatchcase(urn.rpartition("::")[2], self.resource)
        )

    def holds(self, today: date) -> bool:
        """Whether the entry has not expired; it holds on its last day."""
        return today <= self.expires

    def days_left(self, today: date) -> int:
        """Return how many days after `today` the entry still holds."""
        return (self.expires - today).days

    def __str__(self) -> str:
        return f"ticket {self.ticket}, owner {self.owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemptions:
    """The complete entries of a file, and what is wrong with the others and with the file."""

    entries: tuple[Exemption, ...] = ()
    problems: tuple[Finding, ...] = ()

    def about(self, rule_id: str, urn: str, today: date) -> Exemption | None:
        """Return the entry for this rule on this resource: one that holds before an expired."""
        if rule_id in NEVER_WAIVED:
            return None
        found = [entry for entry in self.entries if entry.covers(rule_id, urn)]
        return max(found, key=lambda entry: (entry.holds(today), entry.expires), default=None)


NONE: Final = Exemptions()


class _Loader(yaml.SafeLoader):
    """YAML as data only, in which a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 the base class's signature
        keys = [key.value for key, _ in node.value]
        if len(keys) != len({str(key) for key in keys}):
            problem = "a key stands twice"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def load(path: str) -> Exemptions:
    """Return the exemptions of the file at `path`; never raises, problems are in the answer."""
    try:
        facts = Path(path).stat()
    except (OSError, ValueError):
        return _unusable("a file that cannot be read", "the path of a file")
    return _load(path, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=8)
def _load(path: str, _modified: int, size: int) -> Exemptions:
    if size > _MOST_BYTES:
        return _unusable("a file of more than 1 MB", "a list of exemptions")
    try:
        raw = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return _unusable("a file that cannot be read", "a text file in UTF-8")
    try:
        document = yaml.load(raw, _Loader)  # noqa: S506 it is a safe loader
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f" (line {error.problem_mark.line + 1})"
        return _unusable(f"not YAML or JSON{line}", "a list of exemptions")
    except (yaml.YAMLError, ValueError, RecursionError):
        return _unusable("not YAML or JSON", "a list of exemptions")
    return parse(document)


def parse(document: Any) -> Exemptions:
    """Return the exemptions of a decoded file."""
    if isinstance(document, Mapping) and set(document) == {"exemptions"}:
        document = document["exemptions"]
    if document is None:
        return NONE
    if not isinstance(document, list):
        return _unusable("of another form", "a list, or an object with `exemptions`, a list")
    entries: list[Exemption] = []
    problems: list[Finding] = []
    for index, raw in enumerate(document):
        place = f"exemptions[{index}]"
        faults = _faults(place, raw)
        problems += faults
        if not faults:
            texts = {key: str(raw[key]).strip() for key in _TEXTS}
            expires = _day(raw["expires"])
            if expires is not None:
                entries.append(Exemption(place=place, expires=expires, **texts))
    return Exemptions(entries=tuple(entries), problems=tuple(problems))


def _faults(place: str, raw: Any) -> list[Finding]:
    if not isinstance(raw, Mapping):
        return [_fault(place, "not an object", f"an object with {', '.join(_KEYS)}")]
    faults = [
        _fault(place, "an object with a key of no meaning", f"{', '.join(_KEYS)} and no other key")
        for key in raw
        if key not in _KEYS
    ][:1]
    for key in _TEXTS:
        if fault := _text_fault(key, raw.get(key)):
            faults.append(_fault(f"{place}.{key}", *fault))
    if "expires" not in raw or raw["expires"] is None:
        faults.append(_fault(f"{place}.expires", "absent", "a day, as 2026-12-31"))
    elif _day(raw["expires"]) is None:
        faults.append(_fault(f"{place}.expires", "not a day", "a day, as 2026-12-31"))
    if isinstance(raw.get("rule"), str) and raw["rule"].strip() in NEVER_WAIVED:
        faults.append(
            _fault(f"{place}.rule", "a rule that cannot be waived", "a repair of what it finds")
        )
    return faults


def _text_fault(key: str, value: Any) -> tuple[str, str] | None:
    needed = f"a text of one line, at most {_LONGEST} characters"
    if value is None or (isinstance(value, str) and not value.strip()):
        return "absent", needed
    if isinstance(value, int) and not isinstance(value, bool) and key == "ticket":
        return None  # a bare number is a ticket's name
    if not isinstance(value, str):
        return "not a text", needed
    if len(value.strip()) > _LONGEST or not value.strip().isprintable():
        return "too long or of several lines", needed
    if key == "reason" and len(value.strip()) < SHORTEST_REASON:
        return "too short", f"a reason of at least {SHORTEST_REASON} characters"
    return None


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _fault(path: str, actual: str, needed: str) -> Finding:
    return Finding(path=path, actual=actual, needed=needed)


def _unusable(actual: str, needed: str) -> Exemptions:
    return Exemptions(problems=(_fault("exemptions", actual, needed),))
