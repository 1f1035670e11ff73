"""The plain form of policy input: `{"resources": [{"type", "name", "props", ...}]}`."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from imagefleet.offline.embedded.urns import is_provider, make_urn
from imagefleet.offline.pack.wire import AnalyzerOptions, AnalyzerProvider, AnalyzerResource
from imagefleet.offline.policy.subjects import InputFaults, InputResource, PolicyInput
from imagefleet.offline.policy.values import UnusableValue, properties

PROJECT = "policy"
STACK = "check"
_KEYS: dict[str, tuple[type[object], str]] = {
    "type": (str, "a text, such as azure-native:batch:Pool"),
    "name": (str, "a text"),
    "props": (Mapping, "an object"),
    "propertyDependencies": (Mapping, "an object of lists of names"),
    "dependencies": (list, "a list of names"),
    "options": (Mapping, "an object"),
}
_REQUIRED = ("type", "name", "props")
_TEXTS = (list, "a list of texts")
_OPTIONS: dict[str, tuple[type[object], str]] = {
    "protect": (bool, "true or false"),
    "ignoreChanges": _TEXTS,
    "deleteBeforeReplace": (bool, "true or false"),
    "aliases": _TEXTS,
    "additionalSecretOutputs": _TEXTS,
    "parent": (str, "the name of a resource"),
    "provider": (str, "the name of a resource of a type pulumi:providers:..."),
}


class _Names:
    """The URNs of each name, and the chains of parents, of one file."""

    def __init__(self, entries: list[Mapping[str, Any]]) -> None:
        self._entries = entries
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for index, entry in enumerate(entries):
            self._by_name[entry["name"]].append(index)
        self.urns = self._made_unique([self._urn(index, ()) for index in range(len(entries))])

    def _urn(self, index: int, below: tuple[int, ...]) -> str:
        entry = self._entries[index]
        name = (entry.get("options") or {}).get("parent")
        above = [one for one in self._by_name.get(name or "", ()) if one not in (*below, index)]
        parent = self._urn(above[0], (*below, index)) if above else ""
        return make_urn(STACK, PROJECT, parent, entry["type"], entry["name"])

    @staticmethod
    def _made_unique(urns: list[str]) -> list[str]:
        taken: set[str] = set()
        unique: list[str] = []
        for urn in urns:
            candidate, number = urn, 1
            while candidate in taken:
                number += 1
                candidate = f"{urn}-{number}"
            taken.add(candidate)
            unique.append(candidate)
        return unique

    def of(self, name: object, but: int) -> list[str]:
        """Return the URNs of all resources of this name but one."""
        indices = self._by_name.get(name, ()) if isinstance(name, str) else ()
        return [self.urns[index] for index in indices if index != but]


def read(document: Mapping[str, Any], faults: InputFaults) -> PolicyInput:
    """Return the resources of the file; raises `PolicyInputError` with every fault.

    A name that several resources share means all of them where it is depended on, and one that
    none has is outside the file: the engine drops such dependencies too, and rules say what they
    cannot decide. A resource whose type and name are both taken gets a number behind its name.
    """
    _foreign(document, ("resources", "$schema"), "", faults)
    entries = document["resources"]
    if not isinstance(entries, list):
        faults.add("resources", "must be a list")
        faults.raise_any()
    for index, entry in enumerate(entries):
        _check(entry, f"resources[{index}]", faults)
    faults.raise_any()
    names = _Names(entries)
    known = [_resource(entry, index, names, faults) for index, entry in enumerate(entries)]
    faults.raise_any()
    times = Counter(resource.name for resource in known)
    by_urn = {resource.urn: resource for resource in known}
    return PolicyInput(
        project=PROJECT,
        stack=STACK,
        resources=tuple(
            InputResource(
                shown=resource.name if times[resource.name] == 1 else resource.urn,
                known=replace(resource, provider=_provider(entry, index, names, by_urn)),
            )
            for index, (entry, resource) in enumerate(zip(entries, known, strict=True))
        ),
    )


def _check(entry: Any, place: str, faults: InputFaults) -> None:
    if not isinstance(entry, Mapping):
        faults.add(place, "must be an object")
        return
    for key in _REQUIRED:
        if entry.get(key) is None:
            faults.add(f"{place}.{key}", f"is missing; it is {_KEYS[key][1]}")
    _typed(entry, _KEYS, f"{place}.", faults)
    kind = entry.get("type")
    if isinstance(kind, str) and ("::" in kind or "$" in kind or not kind.strip()):
        faults.add(f"{place}.type", "is no type token; write it as package:module:Type")
    options = entry.get("options")
    if isinstance(options, Mapping):
        _typed(options, _OPTIONS, f"{place}.options.", faults)


def _typed(
    entry: Mapping[str, Any],
    kinds: Mapping[str, tuple[type[object], str]],
    place: str,
    faults: InputFaults,
) -> None:
    for key, (kind, words) in kinds.items():
        if entry.get(key) is not None and not isinstance(entry[key], kind):
            faults.add(f"{place}{key}", f"must be {words}")
    _foreign(entry, tuple(kinds), place, faults)


def _foreign(
    entry: Mapping[str, Any], known: tuple[str, ...], place: str, faults: InputFaults
) -> None:
    # A misspelt `propertyDependencies` would silently cost the rules their joins.
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
            faults.add(f"{place}{key}", f"is no known key; {hint}")


def _resource(
    entry: Mapping[str, Any], index: int, names: _Names, faults: InputFaults
) -> AnalyzerResource:
    place = f"resources[{index}]"
    try:
        props = properties(entry["props"])
    except UnusableValue as error:
        faults.add(f"{place}.props", f"cannot be sent to a policy pack: {error}")
        props = {}
    options = entry.get("options") or {}
    per_property = {
        key: tuple(_urns(each, index, names))
        for key, each in (entry.get("propertyDependencies") or {}).items()
    }
    plain = _urns(entry.get("dependencies") or [], index, names)
    # The engine counts what a property depends on among the dependencies of the whole.
    every = dict.fromkeys([*plain, *(urn for urns in per_property.values() for urn in urns)])
    parents = list(_urns(options.get("parent"), index, names))
    urn = names.urns[index]
    return AnalyzerResource(
        urn=urn,
        type=entry["type"],
        name=urn.split("::", 3)[3],
        properties=props,
        options=AnalyzerOptions(
            protect=options.get("protect") is True,
            ignore_changes=_texts(options.get("ignoreChanges")),
            delete_before_replace=options.get("deleteBeforeReplace"),
            aliases=_texts(options.get("aliases")),
            additional_secret_outputs=_texts(options.get("additionalSecretOutputs")),
        ),
        parent=parents[0] if parents else "",
        dependencies=tuple(every),
        property_dependencies=per_property,
    )


def _urns(given: object, index: int, names: _Names) -> Iterator[str]:
    """Yield the URNs of the named resources; a single name may stand for a list of one."""
    for name in given if isinstance(given, list) else [given]:
        yield from names.of(name, index)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(value for value in values or () if isinstance(value, str))


def _provider(
    entry: Mapping[str, Any],
    index: int,
    names: _Names,
    resources: Mapping[str, AnalyzerResource],
) -> AnalyzerProvider | None:
    named = names.of((entry.get("options") or {}).get("provider"), index)
    found = [resources[urn] for urn in named if is_provider(resources[urn].type)]
    if not found:
        return None
    provider = found[0]
    return AnalyzerProvider(
        urn=provider.urn, type=provider.type, name=provider.name, properties=provider.properties
    )
