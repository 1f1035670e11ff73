"""The azure-native provider in process: what the engine's calls mean to the simulated Azure.

The twin of `imagefleet.offline.pulumi_cli.provider` without the wire: the model gets plain
values, and what it returns is secret wherever the inputs are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.model import Azure, Checked, Difference, ProviderSettings
from imagefleet.offline.values import Properties, annotate, plain


def settings_from(inputs: Mapping[str, Any]) -> ProviderSettings:
    """Return the settings that azure-native reads from a provider resource's inputs."""
    config = plain(dict(inputs))
    return ProviderSettings(
        subscription_id=config.get("subscriptionId", ""),
        location=config.get("location") or None,
        environment=config.get("environment") or "public",
        tenant_id=config.get("tenantId") or None,
    )


@dataclass(frozen=True, slots=True)
class AzureNative:
    """The provider's life cycle for one run; `preview` says whether anything may be made."""

    azure: Azure
    preview: bool

    def check(
        self,
        state: ResourceState,
        name: str,
        old_inputs: Properties | None,
        new_inputs: Properties,
        settings: ProviderSettings,
        seed: bytes,
    ) -> Checked:
        """Return the inputs with what azure-native fills in, or what it finds wrong."""
        olds = None if old_inputs is None else plain(old_inputs)
        checked = self.azure.check(state.type, name, olds, plain(new_inputs), settings, seed)
        return Checked(inputs=annotate(checked.inputs, new_inputs), failures=checked.failures)

    def diff(self, old: ResourceState, new_inputs: Properties, ignore: list[str]) -> Difference:
        """Return what separates a resource from its new inputs, and whether it is replaced."""
        return self.azure.diff(
            old.type, old.id, plain(old.inputs), plain(old.outputs), plain(new_inputs), ignore
        )

    def create(self, state: ResourceState, settings: ProviderSettings) -> tuple[str, Properties]:
        """Make the resource, or at preview say what is known of it; return id and outputs."""
        created = self.azure.create(
            state.type,
            plain(state.inputs),
            settings,
            preview=self.preview,
            timeout_seconds=state.custom_timeouts.get("create", 0),
        )
        return created.id, annotate(created.outputs, state.inputs)

    def update(
        self, old: ResourceState, new: ResourceState, settings: ProviderSettings
    ) -> Properties:
        """Change the resource in place, or at preview say what would come of it."""
        outputs = self.azure.update(
            new.type,
            old.id,
            plain(old.outputs),
            plain(new.inputs),
            settings,
            preview=self.preview,
            timeout_seconds=new.custom_timeouts.get("update", 0),
        )
        marked: Properties = annotate(outputs, new.inputs)
        return marked

    def delete(self, state: ResourceState, settings: ProviderSettings) -> None:
        """Delete the resource."""
        self.azure.delete(
            state.type,
            state.id,
            settings,
            timeout_seconds=state.custom_timeouts.get("delete", 0),
        )

    def read(
        self, state: ResourceState, inputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return id, inputs and outputs of the resource as it stands, None where it is gone."""
        seen = plain(state.outputs) or None
        found = self.azure.read(state.type, state.id, plain(inputs) or None, seen)
        if found is None:
            return None
        return found.id, annotate(found.inputs, inputs), annotate(found.outputs, inputs)
