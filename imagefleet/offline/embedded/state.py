"""One resource as the deployment knows it, and its form in `pulumi stack export`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imagefleet.offline.embedded.secretbox import SecretBox
from imagefleet.offline.embedded.urns import provider_urn
from imagefleet.offline.values import Properties


@dataclass(slots=True, kw_only=True, eq=False)
class ResourceState:
    """A resource's state; compared by identity, because one URN may stand for two while replaced.

    `custom_timeouts` are seconds by operation; `init_errors` say why the last operation on a
    resource that exists did not end well; times are RFC 3339 in UTC.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    provider: str = ""
    additional_secret_outputs: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""

    def copy(self) -> ResourceState:
        """Return a state of its own with the same values; property values are shared."""
        return dataclasses.replace(self)

    def named_dependencies(self) -> set[str]:
        """Return the URNs this resource refers to, its provider's among them, not its parent."""
        urns = set(self.dependencies)
        for deps in self.property_dependencies.values():
            urns.update(deps)
        if self.provider:
            urns.add(provider_urn(self.provider))
        return urns

    def rename(self, renamed: Mapping[str, str]) -> ResourceState:
        """Return the state with every reference to an old URN turned into the new one."""
        changed = self.copy()
        changed.parent = renamed.get(self.parent, self.parent)
        changed.dependencies = [renamed.get(urn, urn) for urn in self.dependencies]
        changed.property_dependencies = {
            key: [renamed.get(urn, urn) for urn in urns]
            for key, urns in self.property_dependencies.items()
        }
        owner = provider_urn(self.provider)
        if owner in renamed:
            changed.provider = f"{renamed[owner]}::{self.provider.rsplit('::', 1)[1]}"
        return changed


def now() -> str:
    """Return the time in the form of a deployment file."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


# The fields of apitype.ResourceV3 which are written only where they are set, by our own names.
_OPTIONAL = {
    "parent": "parent",
    "protect": "protect",
    "external": "external",
    "init_errors": "initErrors",
    "dependencies": "dependencies",
    "provider": "provider",
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "additional_secret_outputs": "additionalSecretOutputs",
    "custom_timeouts": "customTimeouts",
    "created": "created",
    "modified": "modified",
    "source_position": "sourcePosition",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
}


def to_json(state: ResourceState, box: SecretBox) -> dict[str, Any]:
    """Return the resource as `pulumi stack export` writes it, its secrets encrypted."""
    out: dict[str, Any] = {"urn": state.urn, "custom": state.custom}
    if state.delete:
        out["delete"] = True
    if state.id:
        out["id"] = state.id
    out["type"] = state.type
    if state.inputs:
        out["inputs"] = box.seal(state.inputs)
    if state.outputs:
        out["outputs"] = box.seal(state.outputs)
    for own, exported in _OPTIONAL.items():
        value = getattr(state, own)
        if value:
            out[exported] = value
    return out


def from_json(resource: Mapping[str, Any], box: SecretBox) -> ResourceState:
    """Return the resource of a deployment file, its secrets decrypted."""
    state = ResourceState(
        urn=resource["urn"],
        type=resource["type"],
        custom=resource["custom"],
        id=resource.get("id", ""),
        delete=resource.get("delete", False),
        inputs=box.open(resource.get("inputs", {})),
        outputs=box.open(resource.get("outputs", {})),
    )
    for own, exported in _OPTIONAL.items():
        if exported in resource:
            setattr(state, own, resource[exported])
    return state
