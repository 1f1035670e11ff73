"""A workspace with a small program, and an Azure that keeps resources in a dictionary.

The dictionary stands for the service where the engine's own semantics are the subject: steps,
order, state. What Azure itself would say is tested with the simulated Azure.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from imagefleet.offline.embedded import EmbeddedEngine
from imagefleet.offline.engine import EngineEvent, Workspace
from imagefleet.offline.model import (
    AzureError,
    Checked,
    CheckFailure,
    Created,
    Difference,
    PoolProgress,
    ProviderSettings,
    ReadBack,
)
from imagefleet.offline.values import UNKNOWN, Properties, holds_unknown

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
PRELUDE = """
import pulumi
from pulumi import CustomResource, ComponentResource, ResourceOptions as Options


class Thing(CustomResource):
    def __init__(self, name, /, opts=None, **props):
        props.setdefault("shown", None)
        super().__init__("azure-native:test:Thing", name, props,
                         Options.merge(Options(version="3.29.0"), opts))


class Group(ComponentResource):
    def __init__(self, name, props=None, opts=None, type_="test:index:Group"):
        super().__init__(type_, name, props or {}, opts)
"""


@dataclass(slots=True)
class DictionaryAzure:
    """Resources by id; the input `name` names one, `fixed` replaces it, `fail` refuses it.

    The output `shown` is the input `value`, unknown at a preview that changes it.
    """

    resources: dict[str, Properties] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    delete_first: bool = False
    before_answer: Callable[[str, str], None] = lambda _call, _name: None

    def check(
        self,
        type_token: str,
        logical_name: str,
        old_inputs: Properties | None,
        new_inputs: Properties,
        settings: ProviderSettings,
        random_seed: bytes,
    ) -> Checked:
        inputs = dict(new_inputs)
        inputs.setdefault("name", (old_inputs or {}).get("name") or logical_name)
        if inputs.get("wrong"):
            return Checked(inputs=inputs, failures=(CheckFailure(property="wrong", reason="no"),))
        return Checked(inputs=inputs)

    def diff(
        self,
        type_token: str,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str] = (),
    ) -> Difference:
        detailed: dict[str, Any] = {}
        for key in sorted({*old_inputs, *new_inputs}):
            if old_inputs.get(key) != new_inputs.get(key):
                kind = "add" if key not in old_inputs else "update"
                kind = "delete" if key not in new_inputs else kind
                detailed[key] = f"{kind}-replace" if key in ("fixed", "name") else kind
        return Difference(
            changes=bool(detailed),
            detailed=detailed,
            diffs=tuple(detailed),
            replaces=tuple(key for key in detailed if key in ("fixed", "name")),
            delete_before_replace=self.delete_first and "fixed" in detailed,
        )

    def create(
        self,
        type_token: str,
        inputs: Properties,
        settings: ProviderSettings,
        *,
        preview: bool,
        timeout_seconds: float = 0,
    ) -> Created:
        if preview:
            return Created(id="", outputs={"name": UNKNOWN, "shown": UNKNOWN})
        assert not holds_unknown(inputs)
        identity = f"/things/{inputs['name']}/{inputs.get('fixed', '')}"
        if identity in self.resources:
            raise AzureError("Conflict", f"{identity} exists", status=409)
        return Created(id=identity, outputs=self._put("create", identity, inputs))

    def read(
        self,
        type_token: str,
        resource_id: str,
        inputs: Properties | None = None,
        seen: Properties | None = None,
    ) -> ReadBack | None:
        found = self.resources.get(resource_id)
        if found is None:
            return None
        return ReadBack(id=resource_id, inputs=dict(found), outputs=_outputs(found))

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
        if preview:
            return {"name": new_inputs["name"], "shown": UNKNOWN}
        return self._put("update", resource_id, new_inputs)

    def delete(
        self,
        type_token: str,
        resource_id: str,
        settings: ProviderSettings,
        *,
        timeout_seconds: float = 0,
    ) -> None:
        if resource_id not in self.resources:
            return
        self._call("delete", resource_id, self.resources[resource_id])
        del self.resources[resource_id]

    def pools(self) -> tuple[PoolProgress, ...]:
        return ()

    def advance(self, minutes: float) -> None:
        raise NotImplementedError

    def _put(self, call: str, identity: str, inputs: Properties) -> Properties:
        self._call(call, identity, inputs)
        self.resources[identity] = copy.deepcopy(inputs)
        return _outputs(inputs)

    def _call(self, call: str, identity: str, inputs: Properties) -> None:
        name = str(inputs["name"])
        self.calls.append((call, name))
        self.before_answer(call, name)
        if inputs.get("fail") == call:
            raise AzureError("TestRefused", f"{name} is refused", status=400)


def _outputs(inputs: Properties) -> Properties:
    outputs = {"name": inputs["name"], "shown": inputs.get("value"), "__inputs": dict(inputs)}
    if "password" in inputs:
        outputs["password"] = inputs["password"]
    return outputs


class Lab:
    """An engine over a program that a test writes, and the events of its last run."""

    def __init__(self, folder: Path, azure: Any) -> None:
        self.project_dir = folder / "project"
        self.state_dir = folder / "state"
        self.project_dir.mkdir()
        self.state_dir.mkdir()
        self.azure = azure
        self.config = {"azure-native:subscriptionId": SUBSCRIPTION, "demo:token": "hush-config"}
        self.policy_pack: Path | None = None
        self.events: list[EngineEvent] = []

    def program(self, source: str) -> None:
        """Write the program, with the test's classes before it."""
        text = PRELUDE + textwrap.dedent(source)
        (self.project_dir / "__main__.py").write_text(text, encoding="utf-8")

    def engine(self) -> EmbeddedEngine:
        """A new engine over the same folders, as another process would have it."""
        workspace = Workspace(
            project="demo",
            stack="dev",
            project_dir=self.project_dir,
            policy_pack=self.policy_pack,
            state_dir=self.state_dir,
            config=self.config,
            secret_keys=frozenset({"demo:token"}),
        )
        return EmbeddedEngine(workspace, self.azure)

    def run(self, action: str) -> bool:
        """Run an action and keep its events."""
        self.events = []
        return bool(getattr(self.engine(), action)(self.events.append))

    def up(self, source: str) -> dict[str, int]:
        """Bring a program up, which must succeed, and return the counted changes."""
        self.program(source)
        assert self.run("up"), self.errors()
        return self.changes()

    def changes(self) -> dict[str, int]:
        """The changes that the summary counts."""
        return dict(self.summary()["resourceChanges"])

    def summary(self) -> dict[str, Any]:
        return next(e["summaryEvent"] for e in self.events if "summaryEvent" in e)

    def steps(self, kind: str = "resourcePreEvent", *, all_of_them: bool = False) -> list[str]:
        """The steps as `op name`, unchanged ones, components and providers left out."""
        found = []
        for event in self.events:
            data = event.get(kind, {}).get("metadata")
            if data and (all_of_them or (data["op"] != "same" and ":test:" in data["type"])):
                found.append(f"{data['op']} {data['urn'].rsplit('::', 1)[1]}")
        return found

    def metadata(self, name: str, op: str, kind: str = "resourcePreEvent") -> dict[str, Any]:
        """The metadata of one step."""
        return next(
            e[kind]["metadata"]
            for e in self.events
            if kind in e
            and e[kind]["metadata"]["op"] == op
            and e[kind]["metadata"]["urn"].endswith(f"::{name}")
        )

    def errors(self) -> list[str]:
        """The error messages."""
        found = [e["diagnosticEvent"] for e in self.events if "diagnosticEvent" in e]
        return [one["message"].strip() for one in found if one["severity"] == "error"]

    def exported(self) -> list[dict[str, Any]]:
        """The resources of the exported deployment."""
        resources: list[dict[str, Any]] = self.engine().export()["deployment"].get("resources", [])
        return resources

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of the exported deployment, by its logical name."""
        return next(one for one in self.exported() if one["urn"].endswith(f"::{name}"))


@pytest.fixture
def azure() -> DictionaryAzure:
    return DictionaryAzure()


@pytest.fixture
def lab(tmp_path: Path, azure: DictionaryAzure) -> Lab:
    return Lab(tmp_path, azure)
