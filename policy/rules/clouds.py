"""One cloud for all providers of a stack, and for the regions of what they make."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Literal

from imagefleet.domain import clouds, regions
from imagefleet.domain.clouds import Cloud
from imagefleet.domain.findings import Cause, Doubt, Finding
from rules import tokens
from rules.canonical import ABSENT, UNKNOWN, Missing, Resource, read, text
from rules.conditions import not_known, shown
from rules.once import once
from rules.verdicts import Context, Level, Option, Outcome, Sample, Severity, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.stack import Stack

_Known = Cloud | Literal[Missing.UNKNOWN]
_ENVIRONMENT: Final = "environment"
_METADATA: Final = "metadataHost"
_WORDS: Final = {profile.environment: cloud for cloud, profile in clouds.PROFILES.items()}

_CLOUD: Final = Option(
    name="cloud",
    schema={
        "type": "string",
        "enum": ["", *_WORDS],
        "description": "the cloud that every provider must name; empty for the cloud that the "
        "regions of the stack's resources lie in",
    },
    default="",
)


def _stated(provider: Resource) -> Cloud | Missing | None:
    """Return the cloud that a provider names, None for one that Azure has no name for."""
    word = text(provider.props, _ENVIRONMENT)
    if isinstance(word, str):
        return clouds.cloud_of_environment(word)
    if word is UNKNOWN:
        return UNKNOWN
    host = text(provider.props, _METADATA)
    if isinstance(host, str):
        return _of_host(host)
    return host


def _of_host(host: str) -> Cloud | None:
    """Return the cloud whose resource manager answers at this host."""
    name = host.strip().casefold().removeprefix("https://").rstrip("/")
    for cloud, profile in clouds.PROFILES.items():
        if profile.resource_manager.value.removeprefix("https://").rstrip("/") == name:
            return cloud
    return None


def _consistent(provider: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    stated = _stated(provider)
    if stated is UNKNOWN:
        yield not_known((_ENVIRONMENT,))
        return
    if stated is ABSENT:
        yield Doubt(
            path=_ENVIRONMENT,
            cause=Cause.EXTERNAL,
            detail="is not set, so the cloud comes from ARM_ENVIRONMENT, which no rule sees",
        )
        return
    if stated is None:
        yield from _nameless(provider)
        return
    yield from _host_differs(provider, stated)
    wanted, why = _wanted(provider, stack, context)
    if wanted is UNKNOWN:
        yield Doubt(
            path=_place(provider),
            cause=Cause.UNKNOWN,
            detail="is to be the cloud of the regions of what it makes, which are not known yet",
        )
    elif wanted is not None and wanted is not stated:
        yield Finding(
            path=_place(provider),
            actual=clouds.profile(stated).environment,
            needed=f"{clouds.profile(wanted).environment}, {why}",
        )


def _place(provider: Resource) -> str:
    return _ENVIRONMENT if text(provider.props, _ENVIRONMENT) is not ABSENT else _METADATA


def _nameless(provider: Resource) -> Iterator[Outcome]:
    """The answer on a provider of a cloud that is none of Azure's public ones."""
    word = text(provider.props, _ENVIRONMENT)
    if isinstance(word, str):
        needed = "one of " + ", ".join(_WORDS)
        yield Finding(path=_ENVIRONMENT, actual=shown(word, _WORDS), needed=needed)
        return
    yield Doubt(
        path=_METADATA,
        cause=Cause.EXTERNAL,
        detail="is a host of no cloud that the rules know",
    )


def _host_differs(provider: Resource, stated: Cloud) -> Iterator[Outcome]:
    host = text(provider.props, _METADATA)
    if host is UNKNOWN:
        yield not_known((_METADATA,))
    elif isinstance(host, str) and _of_host(host) is not stated:
        yield Finding(
            path=_METADATA,
            actual="a host of another cloud than the environment",
            needed=f"the host of the {stated} cloud, or nothing",
        )


def _wanted(provider: Resource, stack: Stack, context: Context) -> tuple[_Known | None, str]:
    """Return the cloud that a provider has to name, and what says so.

    Unknown where nothing but regions that are not known yet could say it.
    """
    configured = clouds.cloud_of_environment(str(context.options.get(_CLOUD.name) or ""))
    if configured is not None:
        return configured, "the configured cloud"
    of_regions = once(stack, _clouds_of_regions)
    here = of_regions.get(provider.urn, set())
    if len(here - {UNKNOWN}) == 1:
        return next(iter(here - {UNKNOWN})), "the cloud of the regions of what it makes"
    if here == {UNKNOWN}:
        return UNKNOWN, ""
    everywhere = set().union(*of_regions.values()) - {UNKNOWN}
    if len(everywhere) == 1:
        return next(iter(everywhere)), "the cloud of the stack's regions"
    for other in stack.of_types({tokens.PROVIDER}):
        stated = _stated(other)
        if isinstance(stated, Cloud):
            return stated, "as the first provider of the stack says"
    return None, ""


def _clouds_of_regions(stack: Stack) -> Mapping[str, set[_Known]]:
    """The clouds that the regions of resources lie in, by the URN of their provider."""
    found: dict[str, set[_Known]] = defaultdict(set)
    for resource in stack.of_types(tokens.COVERED - {tokens.PROVIDER}):
        place: Any = read(resource.props, "location")
        cloud: _Known | None = UNKNOWN if place is UNKNOWN else None
        if isinstance(place, str):
            cloud = regions.cloud_of(place)
        if cloud is not None:
            found[resource.provider.urn if resource.provider else ""].add(cloud)
    return found


def _samples(environment: str) -> tuple[Sample, ...]:
    group = Sample(
        type=tokens.RESOURCE_GROUP,
        name="group",
        props={"resourceGroupName": "fleet", "location": "China North 3"},
        provider="azure",
    )
    return (
        Sample(type=tokens.PROVIDER, name="azure", props={_ENVIRONMENT: environment}),
        group,
    )


CLOUD_CONSISTENT = StackRule(
    id="cloud-consistent",
    summary="All providers of a stack name one cloud, the one that its regions lie in.",
    why="Endpoints and tokens differ from cloud to cloud, and nothing replicates between clouds. "
    "An explicit provider of a Python program says `public` unless it is told otherwise.",
    remedy="Set environment of the provider, or azure-native:environment, to the stack's cloud.",
    sentences=("D78",),
    types=frozenset({tokens.PROVIDER}),
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_consistent,
    options=(_CLOUD,),
    good=_samples("china"),
    bad=_samples("public"),
)

RULES = (CLOUD_CONSISTENT,)
