"""What the simulated Azure offers to its doors: the life of a resource, and the clock.

Every door (the Pulumi provider, the embedded run, later HTTPS) speaks this and nothing else.
Values are plain (`imagefleet.offline.values`): no secrets, `UNKNOWN` for what is not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from imagefleet.offline.values import Properties


class AzureError(Exception):
    """The simulated service refused a request, as Azure would.

    `code` is Azure's error code, `message` says what is wrong, where and what is allowed,
    `status` is the HTTP status, `target` the property or resource it is about, `retry_after` the
    seconds after which the service wants to be asked again, 0 where it does not say.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        target: str = "",
        retry_after: float = 0,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.target = target
        self.retry_after = retry_after


class PartialFailureError(AzureError):
    """The resource is there, but the operation on it has ended badly or was not waited for.

    `resource_id` and `outputs` are the resource as it stands. azure-native reports this apart from
    a refusal, and an engine keeps the resource with the reason, so that nothing is orphaned.
    """

    def __init__(self, error: AzureError, *, resource_id: str, outputs: Properties) -> None:
        super().__init__(error.code, error.message, status=error.status, target=error.target)
        self.resource_id = resource_id
        self.outputs = outputs


class AnswerLostError(AzureError):
    """The connection broke before an answer came: nobody but the service knows what it has done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """The provider configuration that azure-native itself reads."""

    subscription_id: str
    location: str | None = None
    environment: str = "public"
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailure:
    """One property that azure-native's `Check` refuses."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Inputs after `Check`: names, `location` and `azureApiVersion` filled in, or failures."""

    inputs: Properties
    failures: tuple[CheckFailure, ...] = ()


DiffKind = Literal["add", "delete", "update", "add-replace", "delete-replace", "update-replace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What `Diff` found: property paths with their kind, and what forces a replacement."""

    changes: bool
    detailed: Mapping[str, DiffKind] = field(default_factory=dict)
    diffs: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A resource that now exists (or would): its ARM id (empty at preview) and its outputs."""

    id: str
    outputs: Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A resource as it stands in the simulated Azure."""

    id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolProgress:
    """How far one pool has come, on the simulated clock.

    Counts are nodes. `allocation_state` is `steady`, `resizing` or `stopping`; `errors` are the
    pool's resize errors as `code: message`. `elapsed_minutes` run from the start of the last resize
    until now, or until the last node was ready.
    """

    id: str
    name: str
    target: int
    allocated: int
    starting: int
    idle: int
    unusable: int
    allocation_state: str
    replicas: int
    elapsed_minutes: float
    errors: tuple[str, ...] = ()

    @property
    def steady(self) -> bool:
        """Whether the pool has stopped resizing and every node that came up is idle."""
        return self.allocation_state == "steady" and self.idle + self.unusable >= self.allocated


class Azure(Protocol):
    """The simulated Azure as a Pulumi provider sees it; `type_token` is `azure-native:mod:Type`.

    Every method raises `AzureError` where the service would answer with an error.
    """

    @property
    def model(self) -> Azure:
        """The model without what stands around it, such as faults."""
        ...

    def check(
        self,
        type_token: str,
        logical_name: str,
        old_inputs: Properties | None,
        new_inputs: Properties,
        settings: ProviderSettings,
        random_seed: bytes,
    ) -> Checked:
        """Complete and check the inputs of a resource, as azure-native's `Check` does."""
        ...

    def diff(
        self,
        type_token: str,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str] = (),
    ) -> Difference:
        """Compare a resource with new inputs, as azure-native's `Diff` does."""
        ...

    def create(
        self,
        type_token: str,
        inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Created:
        """Make a resource, or at preview say what its outputs would be."""
        ...

    def read(
        self,
        type_token: str,
        resource_id: str,
        inputs: Properties | None = None,
        seen: Properties | None = None,
    ) -> ReadBack | None:
        """Return a resource as it stands, None where there is none.

        With the `inputs` it was made with and the outputs `seen` last, the inputs that come back
        tell what was changed since; without any, they are those that would make it.
        """
        ...

    def update(
        self,
        type_token: str,
        resource_id: str,
        old_outputs: Properties,
        new_inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Properties:
        """Change a resource in place and return its outputs, at preview those it would have."""
        ...

    def delete(
        self,
        type_token: str,
        resource_id: str,
        settings: ProviderSettings,
        *,
        timeout_seconds: float = 0,
    ) -> None:
        """Delete a resource; one that is already gone is no error."""
        ...

    def pools(self) -> tuple[PoolProgress, ...]:
        """Return how far every pool has come, in the order of their ids."""
        ...

    def advance(self, minutes: float) -> None:
        """Move the simulated clock on."""
        ...
