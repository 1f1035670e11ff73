"""Rules about how a resource is declared: its API version, and changes that it ignores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from imagefleet.domain import dates
from imagefleet.domain.findings import Finding
from rules import tokens
from rules.canonical import API_VERSION, UNKNOWN, path_text
from rules.conditions import not_known
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Rule,
    Sample,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rules.canonical import Resource

_VERSION: Final = path_text(API_VERSION)
_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?", re.ASCII)
_STEP = re.compile(r"""\.?([A-Za-z_$][\w$-]*)|\[(\d+|\*)\]|\["([^"]+)"\]|\.?(\*)""", re.ASCII)

# The version that brought the youngest property that the mandatory rules read of a type, by Azure's
# documentation (API version change log, one page for each compute type) and the change logs of the
# Batch management client.
MINIMUM: Final[Mapping[str, str]] = {
    tokens.BATCH_POOL: "2024-02-01",  # upgradePolicy; securityProfile: 2023-11-01
    tokens.BATCH_ACCOUNT: "2021-06-01",  # allowedAuthenticationModes
    tokens.GALLERY_IMAGE: "2021-07-01",  # the oldest of the change log, which adds nothing we read
    tokens.GALLERY_IMAGE_VERSION: "2023-07-03",  # source.virtualMachineId; uefiSettings: 2022-08-03
    tokens.VIRTUAL_MACHINE: "2021-07-01",  # our own estimate, for galleryApplications
    tokens.SNAPSHOT: "2021-08-01",  # securityProfile, securityDataUri
    tokens.DISK: "2021-08-01",  # all words of securityType
}
_ESTIMATED: Final = tokens.VIRTUAL_MACHINE
_LISTED: Final = ", ".join(f"{kind.rpartition(':')[2]} {day}" for kind, day in MINIMUM.items())


def _day(version: str) -> date | None:
    """Return the day of an API version; None for a text of another form."""
    return dates.api_day(version) if _FORM.fullmatch(version.strip().casefold()) else None


def _states_a_version(resource: Resource) -> bool:
    return resource.api_version is not None


def _new_enough(resource: Resource, context: Context) -> Iterator[Outcome]:
    stated_version = resource.api_version
    if stated_version is UNKNOWN:
        yield not_known(API_VERSION)
        return
    minimum = {**MINIMUM, **context.options["minimum"]}.get(resource.type)
    if minimum is None or stated_version is None:
        yield NotApplicable("the provider's own API version is used")
        return
    wanted, stated = _day(str(minimum)), _day(stated_version)
    if stated is None:
        yield Finding(path=_VERSION, actual="no API version", needed=f"{minimum} or newer")
    elif wanted is not None and stated < wanted:
        yield Finding(path=_VERSION, actual=stated.isoformat(), needed=f"{minimum} or newer")


LOCAL_PACKAGE_VERSION = Rule(
    id="local-package-version",
    summary="A resource's API version has the properties that the rules read.",
    why="An older API version lacks properties: a pool without securityProfile says nothing about "
    "its security type, and a rule about it would pass for want of a word.",
    remedy="Generate the local package from a newer API version, or use azure-native's default.",
    sentences=(),
    types=frozenset(MINIMUM),
    severity=Severity.LOW,
    level=Level.ADVISORY,
    check=_new_enough,
    about=_states_a_version,
    good=(Sample(type=tokens.BATCH_POOL, props={"azureApiVersion": "2024-07-01"}),),
    bad=(Sample(type=tokens.BATCH_POOL, props={"azureApiVersion": "2020-05-01"}),),
    options=(
        Option(
            name="minimum",
            schema={
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "The oldest API version to accept, by type, over the pack's own "
                f"list: {_LISTED}. It is taken from Azure's change logs of API versions; that of "
                f"{_ESTIMATED.rpartition(':')[2]} is an estimate.",
            },
            default={},
        ),
    ),
)

# What stack rules read of each type; the reads of rules on single resources are found by trying.
_READ_BY_STACK_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    tokens.BATCH_POOL: ("deploymentConfiguration", "scaleSettings"),
    tokens.GALLERY_IMAGE_VERSION: ("publishingProfile", "storageProfile"),
    tokens.GALLERY_IMAGE: ("osState", "osType", "hyperVGeneration", "features"),
    tokens.BATCH_ACCOUNT: ("location",),
}


def _steps(text: str) -> tuple[str | int, ...] | None:
    """Return the steps of an `ignoreChanges` path, `*` for any; None if it is no path."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        name, index, quoted, star = match.groups()
        steps.append(int(index) if index and index.isdigit() else name or quoted or index or star)
        position = match.end()
    return tuple(steps)


def _hidden(value: Any, steps: Sequence[str | int]) -> Any:
    """Return a copy of a property in which what `steps` lead to is not known."""
    if not steps:
        return UNKNOWN
    step, rest = steps[0], steps[1:]
    if step == "*":
        if isinstance(value, Mapping):
            return {key: _hidden(item, rest) for key, item in value.items()}
        if isinstance(value, list):
            return [_hidden(item, rest) for item in value]
        return UNKNOWN
    if isinstance(step, int):
        if not isinstance(value, list) or step >= len(value):
            return value
        return [_hidden(item, rest) if at == step else item for at, item in enumerate(value)]
    if value is None:
        value = {}
    return {**value, step: _hidden(value.get(step), rest)} if isinstance(value, Mapping) else value


def ignore_changes_rule(rules: Sequence[Rule | StackRule]) -> Rule:
    """Return the rule that no ignored change hides what a mandatory one of `rules` reads."""
    mandatory = [rule for rule in rules if isinstance(rule, Rule) and rule.level is Level.MANDATORY]

    def check(resource: Resource, context: Context) -> Iterator[Outcome]:
        for index, ignored in enumerate(resource.ignore_changes):
            hidden = _readers(resource, ignored, context, mandatory)
            if hidden:
                yield Finding(
                    path=f"ignoreChanges[{index}]",
                    actual=f"hiding what {', '.join(hidden)} reads",
                    needed="paths that no mandatory rule reads",
                )

    return replace(IGNORE_CHANGES, check=check)


def _readers(
    resource: Resource, ignored: str, context: Context, mandatory: Sequence[Rule]
) -> list[str]:
    """Return who reads at or below an ignored path: rules whose answer comes to hang on it."""
    steps = _steps(ignored)
    if steps is None:
        return []
    view = replace(resource, props=_everything(resource) if steps == ("*",) else _hidden(
        resource.props, steps))  # fmt: skip
    found = [
        rule.id
        for rule in mandatory
        if rule.concerns(view)
        and (answer := rule.judge(view, _of(rule, context))).doubts
        and set(answer.doubts) - set(rule.judge(resource, _of(rule, context)).doubts)
    ]
    read = _READ_BY_STACK_RULES.get(resource.type, ())
    if not found and (steps[0] == "*" or steps[0] in read):
        found = ["a rule about the resource and its neighbours"]
    return found


def _everything(resource: Resource) -> Mapping[str, Any]:
    return dict.fromkeys((*resource.props, *_READ_BY_STACK_RULES.get(resource.type, ())), UNKNOWN)


def _of(rule: Rule, context: Context) -> Context:
    return rule.context({}, edition=context.edition, today=context.today)


_DEFINITION = {
    "osState": "Generalized",
    "features": [{"name": "SecurityType", "value": "Standard"}],
}

IGNORE_CHANGES = Rule(
    id="ignore-changes-hides-constraint",
    summary="No ignored change hides a property that a mandatory rule reads.",
    why="With ignoreChanges the engine keeps the old value and drops the program's, so what the "
    "rules judge, and what a reader of the program sees, is not what is deployed next.",
    remedy="Take the path out of ignoreChanges, or name the properties below it that may change.",
    sentences=(),
    types=frozenset(_READ_BY_STACK_RULES),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=lambda _resource, _context: (),
    about=lambda resource: bool(resource.ignore_changes),
    good=(Sample(type=tokens.GALLERY_IMAGE, props=_DEFINITION, ignore_changes=("tags",)),),
    bad=(Sample(type=tokens.GALLERY_IMAGE, props=_DEFINITION, ignore_changes=("osState",)),),
)
