"""What the program asks for: a registration request, decoded, and what is refused in it by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import grpc

from imagefleet.offline.embedded.errors import MonitorError, UnsupportedError
from imagefleet.offline.embedded.urns import ROOT_STACK_TYPE, is_provider, package_of
from imagefleet.offline.values import Properties, Secret, from_struct

PACKAGE = "azure-native"
"""The one provider package that the simulated Azure stands for."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A former identity; where `urn` is empty the parts that are empty are as they are now."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A resource as the program wants it; `version` is that of the provider package."""

    type: str
    name: str
    custom: bool
    parent: str
    properties: Properties
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, list[str]]
    provider: str = ""
    version: str = ""
    protect: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    custom_timeouts: dict[str, float]
    source_position: str = ""


# Options of a registration that the embedded run does not carry out: what they are called in a
# program, and how to see that one is set. Silence would be a rehearsal that lies.
_REFUSED: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("remote components", lambda request: request.remote),
    ("import_", lambda request: request.importId),
    ("transforms", lambda request: len(request.transforms)),
    ("state_migrations", lambda request: len(request.state_migrations)),
    ("hooks", lambda request: request.HasField("hooks") and request.hooks.ListFields()),
    ("retain_on_delete", lambda request: request.retainOnDelete),
    ("deleted_with", lambda request: request.deletedWith),
    ("replace_with", lambda request: len(request.replace_with)),
    ("replacement_trigger", lambda request: request.HasField("replacement_trigger")),
    ("parameterized packages", lambda request: request.packageRef),
)


def from_request(request: Any, project_dir: str) -> Goal:
    """Return what a `RegisterResourceRequest` asks for.

    Raises `UnsupportedError` for options and packages that only the real engine can serve, and
    `MonitorError` for a timeout that is no duration.
    """
    for option, is_set in _REFUSED:
        if is_set(request):
            refuse(f"{request.type} '{request.name}' uses {option}")
    check_package(request.type, request.name, custom=request.custom)
    properties = _without_assets(from_struct(request.object), request.type, request.name)
    dependencies = sorted(request.dependencies)
    by_property = {
        key: sorted(value.urns) for key, value in sorted(request.propertyDependencies.items())
    }
    if not by_property:
        by_property = {key: list(dependencies) for key in properties}
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=properties,
        dependencies=tuple(dependencies),
        property_dependencies=by_property,
        provider=request.provider,
        version=request.version,
        protect=request.protect,
        delete_before_replace=(
            request.deleteBeforeReplace
            if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
            else None
        ),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=_aliases(request),
        custom_timeouts=_timeouts(request),
        source_position=source_position(request, project_dir),
    )


def check_package(type_token: str, name: str, *, custom: bool) -> None:
    """Raise `UnsupportedError` for a custom resource of a package other than azure-native."""
    if not custom:
        return
    package = type_token.split(":", 2)[2] if is_provider(type_token) else package_of(type_token)
    if package == PACKAGE or package.startswith(f"{PACKAGE}_"):
        return
    refuse(f"{type_token} '{name}' belongs to package '{package}', not to {PACKAGE}")


def refuse(what: str) -> NoReturn:
    """Raise `UnsupportedError`, saying what is asked for and where it can be had."""
    message = (
        f"{what}, which the embedded run does not support; "
        "rehearse with the Pulumi command (--engine pulumi), or take it out of the program"
    )
    raise UnsupportedError(message)


def source_position(request: Any, project_dir: str) -> str:
    """Return the place in the program that made a request, relative to the project."""
    position = request.sourcePosition
    if not position.uri:
        return ""
    uri = str(position.uri)
    own = f"file://{project_dir}/"
    place = f"project:///{uri.removeprefix(own)}" if uri.startswith(own) else ""
    return f"{place}#{position.line}" if place and position.line else place


def duration_seconds(text: str) -> float:
    """Return the seconds of a Go duration such as `1h30m`; 0 for an empty one.

    Raises `ValueError` where the text is no duration.
    """
    if not text:
        return 0.0
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        message = f"'{text}' is not a duration; write a number with a unit, such as 90m or 2h"
        raise ValueError(message)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _timeouts(request: Any) -> dict[str, float]:
    timeouts = request.customTimeouts
    named = ((name, getattr(timeouts, name)) for name in ("create", "update", "delete", "read"))
    try:
        return {name: duration_seconds(text) for name, text in named if text}
    except ValueError as error:
        message = f"custom_timeouts of {request.type} '{request.name}': {error}"
        raise MonitorError(grpc.StatusCode.INVALID_ARGUMENT, message) from None


def _aliases(request: Any) -> tuple[Alias, ...]:
    found = [Alias(urn=urn) for urn in request.aliasURNs]
    for alias in request.aliases:
        if alias.WhichOneof("alias") == "spec":
            spec = alias.spec
            found.append(
                Alias(
                    name=spec.name,
                    type=spec.type,
                    stack=spec.stack,
                    project=spec.project,
                    parent=spec.parentUrn,
                    no_parent=spec.noParent,
                )
            )
        else:
            found.append(Alias(urn=alias.urn))
    return tuple(found)


_ASSET_SIGNATURES = frozenset(
    {"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"}
)
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"


def _without_assets(properties: Properties, type_token: str, name: str) -> Properties:
    if _holds_asset(properties):
        refuse(f"{type_token} '{name}' has an asset or archive among its inputs")
    return properties


def _holds_asset(value: Any) -> bool:
    if isinstance(value, Secret):
        return _holds_asset(value.value)
    if isinstance(value, dict):
        if value.get(_SIGNATURE_KEY) in _ASSET_SIGNATURES:
            return True
        return any(_holds_asset(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_asset(item) for item in value)
    return False


def is_root(goal: Goal) -> bool:
    """Whether a goal is the stack itself."""
    return goal.type == ROOT_STACK_TYPE
