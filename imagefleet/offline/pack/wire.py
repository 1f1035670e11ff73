"""Resources in the shape of the Analyzer protocol, as the engine fills it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from imagefleet.offline.pack.process import PolicyPackError
from imagefleet.offline.values import Secret, to_struct


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerOptions:
    """The resource options that the engine shows to a pack; timeouts in seconds, 0 for unset."""

    protect: bool = False
    ignore_changes: Sequence[str] = ()
    delete_before_replace: bool | None = None
    aliases: Sequence[str] = ()
    create_timeout: float = 0
    update_timeout: float = 0
    delete_timeout: float = 0
    additional_secret_outputs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerProvider:
    """The provider of a resource, with the settings given to it explicitly."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any] | struct_pb2.Struct = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerResource:
    """A resource as the engine shows it to a pack.

    `properties` are inputs after the provider's check for `analyze`, outputs for `analyze_stack`;
    `parent`, `dependencies` and those per property are URNs.
    """

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any] | struct_pb2.Struct
    options: AnalyzerOptions = field(default_factory=AnalyzerOptions)
    provider: AnalyzerProvider | None = None
    parent: str = ""
    dependencies: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)


def analyze_request(resource: AnalyzerResource) -> analyzer_pb2.AnalyzeRequest:
    """Return the question about one resource; raises `PolicyPackError` as `_finite` does."""
    _finite(resource)
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type,
        properties=_properties(resource.properties),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(resource.provider),
    )


def stack_request(resources: Sequence[AnalyzerResource]) -> analyzer_pb2.AnalyzeStackRequest:
    """Return the question about all resources of a stack; raises as `analyze_request` does."""
    for resource in resources:
        _finite(resource)
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[_stack_resource(resource) for resource in resources]
    )


def _finite(resource: AnalyzerResource) -> None:
    """Refuse a number that JSON has no form for; a pack's SDK fails on it and does not say where.

    What is a ready struct is taken as it is.
    """
    waiting: list[tuple[str, Any]] = [("", resource.properties)]
    if resource.provider is not None:
        waiting.append(("provider", resource.provider.properties))
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Secret):
            waiting.append((path, value.value))
        elif isinstance(value, Mapping):
            waiting.extend((f"{path}.{key}" if path else key, item) for key, item in value.items())
        elif isinstance(value, list | tuple):
            waiting.extend((f"{path}[{index}]", item) for index, item in enumerate(value))
        elif isinstance(value, int | float) and not _is_double(value):
            text = (
                f"{resource.urn}: {path} is no number that a policy pack can be sent; "
                "give a finite one, within the range of a double"
            )
            raise PolicyPackError(text)


def _is_double(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _properties(properties: Mapping[str, Any] | struct_pb2.Struct) -> struct_pb2.Struct:
    """Return properties as the engine sends them: without the provider's own top-level keys."""
    struct = properties if isinstance(properties, struct_pb2.Struct) else to_struct(properties)
    internal = [key for key in struct.fields if key.startswith("__")]
    if internal:
        copy = struct_pb2.Struct()
        copy.CopyFrom(struct)
        for key in internal:
            del copy.fields[key]
        return copy
    return struct


def _options(resource: AnalyzerResource) -> analyzer_pb2.AnalyzerResourceOptions:
    options = resource.options
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=options.protect,
        ignoreChanges=options.ignore_changes,
        deleteBeforeReplace=options.delete_before_replace or False,
        deleteBeforeReplaceDefined=options.delete_before_replace is not None,
        additionalSecretOutputs=options.additional_secret_outputs,
        aliases=options.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            create=options.create_timeout,
            update=options.update_timeout,
            delete=options.delete_timeout,
        ),
        parent=resource.parent,
    )


def _provider(provider: AnalyzerProvider | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if provider is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=provider.type,
        properties=_properties(provider.properties),
        urn=provider.urn,
        name=provider.name,
    )


def _stack_resource(resource: AnalyzerResource) -> analyzer_pb2.AnalyzerResource:
    return analyzer_pb2.AnalyzerResource(
        type=resource.type,
        properties=_properties(resource.properties),
        urn=resource.urn,
        name=resource.name,
        options=_options(resource),
        provider=_provider(resource.provider),
        parent=resource.parent,
        dependencies=resource.dependencies,
        propertyDependencies={
            name: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
            for name, urns in resource.property_dependencies.items()
            if urns
        },
    )
