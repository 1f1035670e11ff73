"""The resources of a deployment as `pulumi stack export` writes it (apitype.DeploymentV3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from imagefleet.domain.judgements import SourcePlace
from imagefleet.offline.embedded.urns import name_of, provider_urn
from imagefleet.offline.pack.wire import AnalyzerOptions, AnalyzerProvider, AnalyzerResource
from imagefleet.offline.policy.subjects import InputFaults, InputResource, PolicyInput
from imagefleet.offline.policy.values import UnusableValue, properties
from imagefleet.offline.values import Properties

_URN = re.compile(r"^urn:pulumi:(?P<stack>[^:]+)::(?P<project>[^:]+)::.+?::.")
_KINDS: dict[str, type[object]] = {
    "inputs": Mapping,
    "outputs": Mapping,
    "propertyDependencies": Mapping,
    "customTimeouts": Mapping,
    "dependencies": list,
    "ignoreChanges": list,
    "aliases": list,
    "additionalSecretOutputs": list,
    "parent": str,
    "provider": str,
    "sourcePosition": str,
}


def read(deployment: Mapping[str, Any], faults: InputFaults) -> PolicyInput:
    """Return the resources of `deployment`; raises `PolicyInputError` with every fault.

    What is marked for deletion is left out. An empty stack has no `resources`.
    """
    entries = deployment.get("resources")
    if entries is None:
        entries = []
    if not isinstance(entries, list):
        faults.add("resources", "must be a list")
        entries = []
    good = [entry for index, entry in enumerate(entries) if _usable(entry, index, faults)]
    faults.raise_any()
    present = [entry for entry in good if entry.get("delete") is not True]
    inputs = {
        entry["urn"]: _properties(entry, "inputs", index, faults)
        for index, entry in enumerate(present)
    }
    resources = tuple(
        _resource(entry, inputs, _properties(entry, "outputs", index, faults))
        for index, entry in enumerate(present)
    )
    faults.raise_any()
    match = _URN.match(present[0]["urn"]) if present else None
    return PolicyInput(
        project=match["project"] if match else "project",
        stack=match["stack"] if match else "stack",
        resources=resources,
    )


def _usable(entry: Any, index: int, faults: InputFaults) -> bool:
    place = f"resources[{index}]"
    if not isinstance(entry, Mapping):
        faults.add(place, "must be an object")
        return False
    wrong = [
        f"{key} must be {'an object' if kind is Mapping else 'a list' if kind is list else 'text'}"
        for key, kind in _KINDS.items()
        if entry.get(key) is not None and not isinstance(entry[key], kind)
    ]
    if not isinstance(entry.get("urn"), str) or not _URN.match(entry["urn"]):
        wrong.append("urn must be a text of the form urn:pulumi:STACK::PROJECT::TYPE::NAME")
    if not isinstance(entry.get("type"), str) or not entry["type"]:
        wrong.append("type must be a text")
    for problem in wrong:
        faults.add(f"{place}.{problem.partition(' ')[0]}", problem.partition(" ")[2])
    return not wrong


def _properties(entry: Mapping[str, Any], key: str, index: int, faults: InputFaults) -> Properties:
    try:
        return properties(entry.get(key) or {})
    except UnusableValue as error:
        faults.add(f"resources[{index}].{key}", f"cannot be sent to a policy pack: {error}")
        return {}


def _resource(
    entry: Mapping[str, Any], inputs: Mapping[str, Properties], outputs: Properties
) -> InputResource:
    urn = entry["urn"]
    timeouts = entry.get("customTimeouts") or {}
    return InputResource(
        shown=urn,
        known=AnalyzerResource(
            urn=urn,
            type=entry["type"],
            name=name_of(urn),
            properties=inputs[urn],
            options=AnalyzerOptions(
                protect=entry.get("protect") is True,
                ignore_changes=_texts(entry.get("ignoreChanges")),
                aliases=_texts(entry.get("aliases")),
                create_timeout=_seconds(timeouts, "create"),
                update_timeout=_seconds(timeouts, "update"),
                delete_timeout=_seconds(timeouts, "delete"),
                additional_secret_outputs=_texts(entry.get("additionalSecretOutputs")),
            ),
            provider=_provider(entry.get("provider") or "", inputs),
            parent=entry.get("parent") or "",
            dependencies=_texts(entry.get("dependencies")),
            property_dependencies={
                str(key): _texts(urns)
                for key, urns in (entry.get("propertyDependencies") or {}).items()
            },
        ),
        outputs=outputs,
        asked=entry.get("external") is not True,
        place=SourcePlace.of_position(entry.get("sourcePosition") or ""),
    )


def _provider(reference: str, inputs: Mapping[str, Properties]) -> AnalyzerProvider | None:
    urn = provider_urn(reference)
    if not _URN.match(urn):
        return None
    kind = urn.split("::")[2].rpartition("$")[2]
    return AnalyzerProvider(urn=urn, type=kind, name=name_of(urn), properties=inputs.get(urn, {}))


def _texts(values: Any) -> tuple[str, ...]:
    items: Iterable[Any] = values if isinstance(values, list) else ()
    return tuple(item for item in items if isinstance(item, str))


def _seconds(timeouts: Mapping[str, Any], key: str) -> float:
    value = timeouts.get(key)
    return float(value) if isinstance(value, int | float) else 0
