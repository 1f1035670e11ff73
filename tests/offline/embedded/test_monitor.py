"""The monitor as the SDK uses it: from several threads, and after the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2

from imagefleet.offline.embedded.deployment import Deployment
from imagefleet.offline.embedded.errors import MonitorError
from imagefleet.offline.embedded.events import Emitter
from imagefleet.offline.embedded.judge import Judge
from imagefleet.offline.embedded.monitor import Monitor
from imagefleet.offline.embedded.provider import AzureNative
from imagefleet.offline.embedded.registrar import Registrar
from imagefleet.offline.embedded.run import Run
from imagefleet.offline.values import to_struct


@pytest.fixture
def events():
    return []


@pytest.fixture
def run(lab, azure, events):
    """A run over an empty state whose events go to a list."""
    emitter = Emitter(events.append, planning=False)
    deployment = Deployment.load(lab.state_dir / "embedded")
    deployment.record()
    yield Run(
        workspace=lab.engine()._workspace,
        dry_run=False,
        provider=AzureNative(azure, preview=False),
        deployment=deployment,
        events=emitter,
        judge=Judge(None, emitter),
    )
    deployment.close()


@pytest.fixture
def monitor(run):
    return Monitor(run, Registrar(run))


def request(name, **fields):
    return resource_pb2.RegisterResourceRequest(
        type="azure-native:test:Thing",
        name=name,
        custom=True,
        version="3.29.0",
        object=to_struct({"value": name, **fields}),
    )


def test_many_threads_register_at_once_and_each_gets_its_own(monitor, azure, events):
    names = [f"t{i}" for i in range(60)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda name: monitor.RegisterResource(request(name)), names))
    assert [answer.id for answer in answers] == [f"/things/{name}/" for name in names]
    assert len(azure.resources) == 60
    assert [event["sequence"] for event in events] == list(range(len(events)))
    made = [e["resourcePreEvent"]["metadata"]["urn"] for e in events if "resourcePreEvent" in e]
    assert len([urn for urn in made if "default_3_29_0" in urn]) == 1


def test_nothing_is_registered_after_a_refusal(monitor, azure):
    with pytest.raises(MonitorError):
        monitor.RegisterResource(request("a", fail="create"))
    with pytest.raises(MonitorError) as refused:
        monitor.RegisterResource(request("b"))
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert azure.resources == {}


def test_fault_of_the_engine_is_kept_to_be_raised_as_itself(monitor, run, azure, monkeypatch):
    def broken(*_args, **_options):
        text = "a fault"
        raise LookupError(text)

    monkeypatch.setattr(type(azure), "check", broken)
    with pytest.raises(MonitorError):
        monitor.RegisterResource(request("a"))
    assert isinstance(run.crash, LookupError)


def test_fault_in_the_sink_reaches_the_caller(lab):
    lab.program('Thing("a")')

    def sink(event):
        if "resOutputsEvent" in event:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        lab.engine().preview(sink)


def test_parent_that_is_not_registered_is_refused(monitor, events):
    child = request("a")
    child.parent = "urn:pulumi:dev::demo::my:index:Group::nobody"
    with pytest.raises(MonitorError):
        monitor.RegisterResource(child)
    assert "could not find parent resource" in events[-1]["diagnosticEvent"]["message"]


def test_monitor_says_which_stack_it_is_and_what_it_can_do(monitor):
    info = monitor.GetDeploymentInfo(empty_pb2.Empty())
    assert (info.project, info.stack, info.dryRun) == ("demo", "dev", False)
    assert list(info.configSecretKeys) == ["demo:token"]
    assert resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS in info.supportedFeatures
    known, unknown = (
        monitor.SupportsFeature(resource_pb2.SupportsFeatureRequest(id=name))
        for name in ("secrets", "time-travel")
    )
    assert (known.hasSupport, unknown.hasSupport) == (True, False)
