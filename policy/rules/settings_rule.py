"""The settings of the pack as a whole, which ride in the settings of one rule.

The engine configures rules and knows no settings of a pack, so `pack-settings` carries them: it is
asked first about every resource, and what it was configured with holds for all rules of the run.
Where it was not asked, or is disabled, the strictest holds: the document's edition, no exemptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from imagefleet.domain.findings import Finding
from rules import clock, exemptions
from rules.exemptions import Exemptions
from rules.verdicts import Context, Edition, Level, Option, Outcome, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource

_EDITIONS = tuple(edition.value for edition in Edition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for every rule of a run."""

    edition: Edition = Edition.CHINA
    exemptions: Exemptions = exemptions.NONE
    today: date = field(default_factory=lambda: clock.today())  # noqa: PLW0108 tests replace it


def settings(configured: Mapping[str, Any]) -> Settings:
    """Return what `pack-settings` was configured with; what is unusable is as if not given."""
    options = PACK_SETTINGS.context(configured).options
    return Settings(
        edition=_edition(options["edition"]) or Edition.CHINA, exemptions=_exemptions(options)
    )


def _edition(value: Any) -> Edition | None:
    return Edition(value) if isinstance(value, str) and value in _EDITIONS else None


def _exemptions(options: Mapping[str, Any]) -> Exemptions:
    path = options["exemptions"]
    if isinstance(path, str):
        return exemptions.load(path) if path else exemptions.NONE
    problem = Finding(path="exemptions", actual="not a text", needed="the path of a file")
    return Exemptions(problems=(problem,))


def _usable(_: Resource, context: Context) -> Iterator[Outcome]:
    if _edition(context.options["edition"]) is None:
        yield Finding(path="edition", actual="of no edition's name", needed=" or ".join(_EDITIONS))
    yield from _exemptions(context.options).problems


PACK_SETTINGS = Rule(
    id="pack-settings",
    summary="The settings of the policy pack can be used.",
    why="A setting that is passed over would leave the run judged by other rules than its owner "
    "believes. The strictest reading holds in its place, and an exemption that is not complete "
    "waives nothing.",
    remedy="Correct the setting, or the entry of the exemptions file, that the finding names.",
    sentences=(),
    types=None,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_usable,
    once=True,
    good=(),
    bad=(),
    options=(
        Option(
            name="edition",
            schema={
                "type": "string",
                "enum": list(_EDITIONS),
                "description": "Which text of the document holds where its editions differ.",
            },
            default=Edition.CHINA.value,
        ),
        Option(
            name="exemptions",
            schema={
                "type": "string",
                "description": "Path of the file of exemptions, YAML or JSON; a relative one is "
                "looked up from the pack's own folder. Empty: no exemptions.",
            },
            default="",
        ),
    ),
)
