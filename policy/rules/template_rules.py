"""Rules about templates: that the pack can look into them.

The resources that a template holds are judged by the same rules as all others, at the place where
they stand (templates.py); `template-resources-checked` says where that was not possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Path, path_text, presence
from rules.conditions import NOT_KNOWN, not_known
from rules.templates import troubles
from rules.verdicts import Context, Level, Outcome, Rule, Sample, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Resource

_LINKS: tuple[Path, ...] = (("properties", "templateLink"), ("properties", "parametersLink"))
_CLASSIC_LINKS: tuple[Path, ...] = (("templateSpecVersionId",),)


def _readable(resource: Resource, _: Context) -> Iterator[Outcome]:
    for trouble in troubles(resource):
        if trouble.unknown:
            yield Doubt(path=trouble.path, cause=Cause.UNKNOWN, detail=NOT_KNOWN)
        else:
            yield Finding(path=trouble.path, actual=trouble.actual, needed=trouble.needed)


def _inline(resource: Resource, _: Context) -> Iterator[Outcome]:
    classic = resource.type in tokens.CLASSIC_DEPLOYMENTS
    for path in _CLASSIC_LINKS if classic else _LINKS:
        linked = presence(resource.props, *path)
        if linked is UNKNOWN:
            yield not_known(path)
        elif linked is not ABSENT:
            yield Finding(
                path=path_text(path),
                actual="set, so the resources are written elsewhere",
                needed="the template and its parameters in the program",
            )


def _deployment(resource: dict[str, object]) -> Sample:
    template = {"resources": [resource]}
    return Sample(
        type=tokens.DEPLOYMENT, props={"properties": {"mode": "Incremental", "template": template}}
    )


_GALLERY: dict[str, object] = {
    "type": "Microsoft.Compute/galleries",
    "apiVersion": "2024-03-03",
    "name": "render",
    "location": "chinanorth3",
}

TEMPLATE_RESOURCES_CHECKED = Rule(
    id="template-resources-checked",
    summary="The resources inside a template can be read, and are judged like all others.",
    why="A resource that a template hides would pass in silence. Findings about one carry its "
    "place in the template; expressions other than plain parameters and variables are unknown.",
    remedy="Write the template as an object or as JSON, with resources of a type and a name.",
    sentences=(),
    types=tokens.TEMPLATES,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_readable,
    about=lambda resource: resource.host is None,
    good=(_deployment(_GALLERY),),
    bad=(_deployment(_GALLERY | {"type": ""}),),
)

NO_OPAQUE_TEMPLATE = Rule(
    id="no-opaque-template",
    summary="A template and its parameters are written in the program, not linked.",
    why="What a link or a template spec brings in is seen by nobody before it is deployed, and no "
    "rule can judge it.",
    remedy="Put the template into properties.template and its values into properties.parameters.",
    sentences=(),
    types=tokens.DEPLOYMENTS,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_inline,
    good=(_deployment(_GALLERY),),
    bad=(
        Sample(
            type=tokens.DEPLOYMENT,
            props={"properties": {"mode": "Incremental", "templateLink": {"id": "a spec"}}},
        ),
    ),
)

RULES = (TEMPLATE_RESOURCES_CHECKED, NO_OPAQUE_TEMPLATE)
