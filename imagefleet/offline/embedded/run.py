"""What the parts of one run share: the stack, the states before and after, and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.embedded.errors import RunStoppedError
from imagefleet.offline.embedded.events import Emitter
from imagefleet.offline.embedded.goal import Goal
from imagefleet.offline.embedded.judge import Judge
from imagefleet.offline.embedded.provider import AzureNative, settings_from
from imagefleet.offline.embedded.state import ResourceState
from imagefleet.offline.embedded.steps import Step
from imagefleet.offline.embedded.urns import make_urn, provider_urn
from imagefleet.offline.engine import Workspace
from imagefleet.offline.model import ProviderSettings


@dataclass(slots=True, kw_only=True)
class Run:
    """One preview, update, refresh or destroy.

    `olds` are the resources of the last run by URN, those that only wait for deletion left out;
    `news` those of this run in the order of their registration. `operated` holds each URN to which
    something has happened, former URNs among them; `deleted` and `replaced` those whose deletion
    or replacement is decided. `failed` says that the run cannot succeed any more, `stopped` that
    nothing more may be done, `executor_failed` that a step failed; `crash` is a fault of our own.
    """

    workspace: Workspace
    dry_run: bool
    provider: AzureNative
    deployment: Deployment
    events: Emitter
    judge: Judge
    olds: dict[str, ResourceState] = field(default_factory=dict)
    news: dict[str, ResourceState] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    operated: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    deleted_early: set[int] = field(default_factory=set)
    cascade_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aliased_by: dict[str, str] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)
    registered: dict[str, Step] = field(default_factory=dict)
    failed: bool = False
    stopped: bool = False
    executor_failed: bool = False
    crash: Exception | None = None

    def __post_init__(self) -> None:
        self.olds = {state.urn: state for state in self.deployment.base if not state.delete}

    def urn(self, parent: str, type_token: str, name: str) -> str:
        """Return the URN of a resource of this stack."""
        return make_urn(self.workspace.stack, self.workspace.project, parent, type_token, name)

    def root_urn(self) -> str:
        """Return the URN of the stack itself."""
        name = f"{self.workspace.project}-{self.workspace.stack}"
        return self.urn("", "pulumi:pulumi:Stack", name)

    def provider_state(self, reference: str) -> ResourceState | None:
        """Return the provider resource behind a reference, this run's before the last one's."""
        urn = provider_urn(reference)
        return self.news.get(urn) or self.olds.get(urn)

    def settings(self, reference: str) -> ProviderSettings:
        """Return the settings of the provider behind a reference."""
        state = self.provider_state(reference)
        return settings_from(state.inputs if state else {})

    def error(self, message: str, urn: str = "") -> None:
        """Report an error; the run goes on but will fail."""
        self.events.diagnostic("error", message, urn)
        self.failed = True

    def stop(self, message: str = "", urn: str = "") -> NoReturn:
        """End the run here, with an error to report where it is not reported yet."""
        if message:
            self.events.diagnostic("error", message, urn)
        self.failed = self.stopped = True
        raise RunStoppedError(message)
