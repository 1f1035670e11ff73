"""One wording for what a rule found, written by the policy pack and read back by its clients.

A policy engine hands on nothing but a text, so place, actual value and needed value travel in one
line of fixed form. `Finding` and `Doubt` write that line and read it again; nobody else knows it.
Values are described by the rule before they come here, so that no secret can be in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# Where a template holds the resource: `template.resources[2] (Microsoft.Batch/batchAccounts)`.
_PLACE = r"(?:(?P<place>\S+ \([^()]*\)): )?"
_FINDING = re.compile(rf"^{_PLACE}(?P<path>\S+) is (?P<actual>.+?); needed: (?P<needed>.+?)\.$")
_DOUBT = re.compile(rf"^undecided, (?P<cause>[a-z]+): {_PLACE}(?P<path>\S+) (?P<detail>.+)\.$")


class Cause(StrEnum):
    """Why a rule could not decide.

    `unknown`: the value exists only after deployment. `external`: it is about something outside
    the stack, which only a look at Azure can settle. `fault`: the rule itself broke.
    """

    UNKNOWN = "unknown"
    EXTERNAL = "external"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A requirement that is not met: the property, what it is, what it has to be.

    `place` is where a template holds the resource, "" for a resource of the program itself.
    """

    path: str
    actual: str
    needed: str
    place: str = ""

    def __str__(self) -> str:
        return f"{_placed(self.place)}{self.path} is {self.actual}; needed: {self.needed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A requirement that could not be decided: the property and what stands in the way."""

    path: str
    cause: Cause
    detail: str
    place: str = ""

    def __str__(self) -> str:
        return f"undecided, {self.cause}: {_placed(self.place)}{self.path} {self.detail}."


def find_finding(text: str) -> Finding | None:
    """Return the first finding written in a line of `text`; None when there is none."""
    for line in text.splitlines():
        if match := _FINDING.match(line.strip()):
            return Finding(**match.groupdict(default=""))
    return None


def find_doubt(text: str) -> Doubt | None:
    """Return the first doubt written in a line of `text`; None when there is none."""
    for line in text.splitlines():
        match = _DOUBT.match(line.strip())
        if match and match["cause"] in tuple(Cause):
            return Doubt(
                path=match["path"],
                cause=Cause(match["cause"]),
                detail=match["detail"],
                place=match["place"] or "",
            )
    return None


def _placed(place: str) -> str:
    return f"{place}: " if place else ""
