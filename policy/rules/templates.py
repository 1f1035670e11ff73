"""Resources inside ARM templates and generic resources, as the rules see every other resource.

`expand` gives the resources that a template's resource holds: of the template given as object or
as JSON text, of nested deployments, of `resources` nested in resources, in both languages of
templates (a list, or an object by symbolic names). What it cannot look into is a `Trouble`, kept
for the rule `template-resources-checked`. A loop's resource is looked at once, with its index
unknown; a resource whose `condition` is the literal false is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rules import arm_shape, tokens, wording
from rules.arm_names import GROUP, NAMED_BY, NAMINGS
from rules.arm_values import Scope, scope_of
from rules.canonical import UNKNOWN, UNKNOWN_TEXTS, Resource, api_version

# Azure takes 800 resources in a template; nested ones have their own.
MOST_RESOURCES = 2_000
_DEEPEST = 12
_WORD = re.compile(r"[A-Za-z0-9._/-]{1,160}", re.ASCII)
TROUBLE = "arm:trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A part of a template that cannot be looked into: `unknown` if a later run may know it."""

    path: str
    actual: str
    needed: str
    unknown: bool = False


class _Full(Exception):  # noqa: N818 the end of a walk, no fault
    pass


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One walk over what a resource holds."""

    host: Resource
    group: Any
    found: list[Resource]
    troubles: list[Trouble]

    def template(self, template: Any, given: Any, at: str, outer: Scope | None, depth: int) -> None:
        """Walk a template; with `outer` its expressions mean the template's around it."""
        template = self._decoded(template, at)
        if not isinstance(template, Mapping):
            return
        if depth > _DEEPEST:
            self._trouble(at, "nested too deeply", f"at most {_DEEPEST} levels of templates")
            return
        scope = outer or scope_of(template, self._decoded(given, f"{at} parameters") or {})
        self.resources(template.get("resources"), scope, f"{at}.resources", (), depth)

    def resources(
        self, raw: Any, scope: Scope, at: str, parent: tuple[tuple[str, Any], ...], depth: int
    ) -> None:
        """Walk a list of resources, or an object of them by symbolic name."""
        raw = scope.value(raw) if isinstance(raw, str) else raw
        if raw is UNKNOWN:
            self._not_known(at)
        elif isinstance(raw, Mapping):
            for name, body in raw.items():
                self.resource(body, scope, f"{at}.{_word(name)}", parent, depth)
        elif isinstance(raw, list | tuple):
            for index, body in enumerate(raw):
                self.resource(body, scope, f"{at}[{index}]", parent, depth)
        elif raw is not None:
            self._trouble(at, "neither a list nor an object", "a list of resources")

    def resource(
        self, raw: Any, scope: Scope, at: str, parent: tuple[tuple[str, Any], ...], depth: int
    ) -> None:
        """Walk one resource and what is nested in it."""
        if raw is UNKNOWN or (isinstance(raw, str) and scope.value(raw) is UNKNOWN):
            self._not_known(at)
            return
        if not isinstance(raw, Mapping):
            self._trouble(at, "not an object", "a resource with type and name")
            return
        if raw.get("existing") is True or raw.get("condition") is False:
            return
        kind, name = scope.value(raw.get("type")), scope.value(raw.get("name"))
        if kind is UNKNOWN:
            self._not_known(f"{at}.type")
            return
        if not isinstance(kind, str) or not kind.strip():
            self._trouble(f"{at}.type", "no text", "the type of a resource")
            return
        full = "/".join((*(outer for outer, _ in parent), kind.strip())) if parent else kind.strip()
        chain = (*parent, (kind.strip(), name))
        nested_template = full.casefold() == arm_shape.DEPLOYMENTS
        body = (
            {"properties": _links(raw.get("properties"), scope)}
            if nested_template
            else scope.value({key: item for key, item in raw.items() if key != "resources"})
        )
        self.add(full, [part for _, part in chain], body, at)
        if nested_template:
            self._nested(raw, scope, at, depth)
        else:
            self.resources(raw.get("resources"), scope, f"{at}.resources", chain, depth)

    def add(self, arm_type: str, names: Sequence[Any], body: Mapping[str, Any], at: str) -> None:
        """Keep one resource, whose name is in parts if it is nested in others."""
        if len(self.found) >= MOST_RESOURCES:
            self._trouble(
                "template", f"of more than {MOST_RESOURCES} resources", "fewer, in several ones"
            )
            raise _Full
        known = None
        if all(isinstance(name, str) for name in names):
            known = [segment for name in names for segment in str(name).split("/")]
        token = arm_shape.token_of(arm_type)
        label = _word(known[-1]) if known else "?"
        place = f"{at} ({wording.arm_type(arm_type)})"
        self.found.append(
            Resource(
                urn=f"{self.host.urn}#{at}",
                name=label,
                type=token,
                token=token,
                api_version=api_version(body.get("apiVersion")),
                props=arm_shape.shaped(token, known, body, self.group),
                parent=self.host.urn,
                provider=self.host.provider,
                host=self.host.urn,
                place=place,
            )
        )

    def _nested(self, raw: Mapping[str, Any], scope: Scope, at: str, depth: int) -> None:
        properties = raw.get("properties")
        if not isinstance(properties, Mapping):
            return
        options = properties.get("expressionEvaluationOptions")
        own = isinstance(options, Mapping) and str(options.get("scope")).casefold() == "inner"
        group, self.group = self.group, scope.value(raw.get("resourceGroup")) or self.group
        given = scope.value(properties.get("parameters"))
        inside = f"{at}.properties.template"
        self.template(properties.get("template"), given, inside, None if own else scope, depth + 1)
        self.group = group

    def _decoded(self, raw: Any, at: str) -> Any:
        """Return a template or its parameters as an object, from JSON text if need be."""
        if raw is UNKNOWN or (isinstance(raw, str) and raw in UNKNOWN_TEXTS):
            self._not_known(at)
            return UNKNOWN
        if isinstance(raw, str):
            if not raw.strip():
                return None
            try:
                raw = json.loads(raw)
            except (ValueError, RecursionError):
                self._trouble(at, "a text that is not JSON", "a template")
                return None
        if raw is not None and not isinstance(raw, Mapping):
            self._trouble(at, "not an object", "a template")
            return None
        return raw

    def _not_known(self, at: str) -> None:
        self.troubles.append(Trouble(path=at, actual="not known", needed="", unknown=True))

    def _trouble(self, at: str, actual: str, needed: str) -> None:
        self.troubles.append(Trouble(path=at, actual=actual, needed=needed))


def expand(host: Resource) -> tuple[Resource, ...]:
    """Return the resources that `host` holds; none if the walk breaks, see `troubles`."""
    try:
        return _walked(host)[0]
    except Exception:  # noqa: BLE001 the rule that asks for troubles breaks likewise, and is told
        return ()


def troubles(host: Resource) -> tuple[Trouble, ...]:
    """Return what `expand` could not look into; raises whatever a fault in the walk raises."""
    return _walked(host)[1]


def dependencies(
    host: Resource, inner: Resource, of_host: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """Return the property dependencies of a resource that a template holds.

    A value that the engine puts into a template makes the whole template depend on its source, so
    any property may come from there; a path parameter also from the resource it names beside it.
    """
    from_host = [urn for urns in of_host.values() for urn in urns]
    beside = {other.type: [] for other in host.inner}  # type: dict[str, list[str]]
    for other in host.inner:
        if other is not inner and _nested_in(inner, other):
            beside[other.type].append(other.urn)
    found: dict[str, Sequence[str]] = dict.fromkeys(inner.props, from_host)
    for parameter in NAMINGS[inner.type].parameters if inner.type in NAMINGS else ():
        owners = beside.get(NAMED_BY.get(parameter, ""), [])
        if owners:
            found[parameter] = owners
    return found


def _nested_in(inner: Resource, outer: Resource) -> bool:
    """Whether a resource is written inside another one's `resources`."""
    return inner.urn.startswith(f"{outer.urn}.resources")


def _walked(host: Resource) -> tuple[tuple[Resource, ...], tuple[Trouble, ...]]:
    walk = _Walk(host=host, group=host.props.get(GROUP), found=[], troubles=[])
    with suppress(_Full):
        if host.type == tokens.GENERIC_RESOURCE:
            _generic(walk)
        elif host.type in tokens.CLASSIC_DEPLOYMENTS:
            props = host.props
            walk.template(
                props.get("templateContent"), props.get("parametersContent"), "template", None, 0
            )
        elif host.host is None:
            properties = host.props.get("properties")
            if properties is UNKNOWN or isinstance(properties, str):
                walk.troubles.append(Trouble(path="properties", actual="", needed="", unknown=True))
            elif isinstance(properties, Mapping):
                given = properties.get("parameters")
                walk.template(properties.get("template"), given, "template", None, 0)
    return tuple(walk.found), tuple(walk.troubles)


def _generic(walk: _Walk) -> None:
    """Walk the one resource that a generic resource is."""
    props = walk.host.props
    keys = ("resourceProviderNamespace", "parentResourcePath", "resourceType")
    namespace, parent, kind = (_known(props.get(key)) for key in keys)
    if UNKNOWN in (namespace, parent, kind):
        walk.troubles.append(Trouble(path="resourceType", actual="", needed="", unknown=True))
        return
    segments = [part for part in str(parent or "").strip("/").split("/") if part]
    if segments[:1] and segments[0].casefold() == "providers":
        segments = segments[2:]
    arm_type = "/".join([str(namespace or ""), *segments[::2], str(kind or "")])
    names = [*segments[1::2], _known(props.get("resourceName"))]
    body = {**props, "apiVersion": props.get("apiVersion")}
    walk.add(arm_type, names, body, "properties")


def _known(value: Any) -> Any:
    return UNKNOWN if isinstance(value, str) and value in UNKNOWN_TEXTS else value


def _links(properties: Any, scope: Scope) -> Any:
    """Return of a nested deployment what says where its template is, and not the template."""
    if not isinstance(properties, Mapping):
        return scope.value(properties)
    return {
        key: scope.value(item)
        for key, item in properties.items()
        if key in ("templateLink", "parametersLink", "mode")
    } | ({"template": {}} if "template" in properties else {})


def _word(value: Any) -> str:
    """Return a name as it may be shown in a place; what has no name's form is left out."""
    text = str(value)
    return text if _WORD.fullmatch(text) else "?"
