"""`imagefleet simulate` as a person runs it, over the state of a rehearsal."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from azure.batch import BatchClient

from imagefleet.cli.simulating import Options, simulate
from imagefleet.domain.clouds import Cloud
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.model import AzureError
from imagefleet.simulate import running
from imagefleet.simulate.tokens import LocalCredential
from tests.cli.projects import project
from tests.simulate.conftest import SUBSCRIPTION, Client
from tests.simulate.path import ACCOUNT_ID, POOL_ID, Clients

__all__ = ["project"]
START_SECONDS = 60


def options(**changes):
    return Options(
        **{"stack": "dev", "port": 0, "data": None, "latency": 0, "faults": None, **changes}
    )


@pytest.fixture
def state(tmp_path):
    """A folder with a fleet in it, as a rehearsal leaves one."""
    azure = SimulatedAzure(tmp_path / "azure.sqlite")
    with running(azure) as doors:
        clients = Clients(doors)
        clients.whole_path()
        clients.close()
    azure.close()
    return tmp_path


def test_a_fleet_that_is_there_is_seen_by_the_batch_client_at_once(state):
    outside = state / "outside.yaml"
    outside.write_text("quotas: {accounts: {fleetbatch: {pools: 7}}}")
    command = [sys.executable, "-m", "imagefleet.cli", "simulate", "--data", str(state)]
    command += ["--outside", str(outside)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        about = described(server, state / "doors" / "doors.json")
        endpoint = f"{about['armUrl']}/batch/fleetbatch.westeurope"
        with BatchClient(
            endpoint,
            LocalCredential(about["tenantId"]),
            credential_scopes=[about["batchScope"]],
            connection_verify=about["caFile"],
        ) as client:
            assert [pool.id for pool in client.list_pools()] == ["render"]
    finally:
        server.send_signal(signal.SIGINT)
        printed, complaints = server.communicate(timeout=START_SECONDS)
    assert (server.returncode, complaints) == (0, "")
    assert endpoint in printed
    assert "The clock stands" in printed
    assert "outside facts hold: quotas (--outside)" in printed
    assert (state / "doors" / "ca.key").stat().st_mode & 0o077 == 0


def described(server, file):
    deadline = time.monotonic() + START_SECONDS
    while not file.is_file():
        assert server.poll() is None, server.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return json.loads(file.read_text())


def test_the_authority_is_kept_so_that_clients_go_on_trusting_it(azure, tmp_path):
    with running(azure, folder=tmp_path / "doors") as doors:
        first = doors.ca_file.read_bytes()
    with running(azure, folder=tmp_path / "doors") as doors:
        assert doors.ca_file.read_bytes() == first
        assert Client(doors).call("GET", f"/subscriptions/{SUBSCRIPTION}")[0] == 200


@contextlib.contextmanager
def standing(**changes):
    """Doors held open by the command in a thread; what `doors.json` says of them."""
    given, stop = options(**changes), threading.Event()
    file = given.data / "doors" / "doors.json"
    ended = []
    thread = threading.Thread(target=lambda: ended.append(simulate(given, stop)))
    thread.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not file.is_file():
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield json.loads(file.read_text())
    finally:
        stop.set()
        thread.join()
    assert ended == [0]
    assert not file.exists()


def test_a_second_run_on_the_same_folder_is_refused_and_disturbs_nobody(tmp_path):
    with standing(data=tmp_path) as about:
        with pytest.raises(WorkspaceError, match=r"stand open over .* already \(process \d+\)"):
            simulate(options(data=tmp_path))
        assert json.loads((tmp_path / "doors" / "doors.json").read_text()) == about
    with standing(data=tmp_path):
        pass


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({"cloud": Cloud.CHINA}, "management.chinacloudapi.cn"),
        ({"stack": "china"}, "management.chinacloudapi.cn"),
        ({"stack": "china", "cloud": Cloud.PUBLIC}, "management.azure.com"),
        ({"stack": "nowhere"}, "management.azure.com"),
    ],
)
def test_a_folder_is_of_the_cloud_that_is_named_or_of_the_stacks(
    project, tmp_path, capsys, given, host
):
    with standing(data=tmp_path / "data", **given) as about:
        assert about["armScope"] == f"https://{host}/.default"
    assert ("  cloud " in (said := capsys.readouterr().out), "china" in said) == (
        True,
        "china" in host,
    )


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.dev.yaml"])
def test_a_folder_of_ones_own_asks_nothing_of_a_file_that_cannot_be_read(project, tmp_path, name):
    (project.folder / name).write_text("a: [\n", encoding="utf-8")
    with standing(data=tmp_path / "data") as about:
        assert about["armScope"].startswith("https://management.azure.com")


def test_what_scripts_wait_for_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    written = []
    for name in ("write_text", "write_bytes"):
        write = getattr(Path, name)

        def noted(self, *args, _write=write, **more):
            written.append(self.name)
            return _write(self, *args, **more)

        monkeypatch.setattr(Path, name, noted)
    with standing(data=tmp_path) as about:
        assert about["tenantId"]
    assert any("doors.json" in name for name in written)
    assert "doors.json" not in written


def test_a_stack_is_of_its_own_cloud(project):
    with pytest.raises(WorkspaceError, match="the stack 'china' is of azure-native:environment"):
        simulate(options(stack="china", cloud=Cloud.PUBLIC))
    assert not (project.folder / ".imagefleet").exists()


def test_a_certificate_that_cannot_be_read_is_named_with_the_way_back(tmp_path):
    with standing(data=tmp_path):
        pass
    (tmp_path / "doors" / "ca.pem").write_text("no certificate")
    with pytest.raises(WorkspaceError, match=r"certificates in .*doors cannot be used .* remove"):
        simulate(options(data=tmp_path))


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match=r"file.* cannot be written .* --data"):
        simulate(options(data=tmp_path / "file"))
    (tmp_path / "doors").write_text("")
    with pytest.raises(WorkspaceError, match=r"doors.* cannot be written .* --data"):
        simulate(options(data=tmp_path))


def test_a_plan_of_faults_with_a_mistake_leaves_the_outside_as_it_was(tmp_path):
    outside, faults = tmp_path / "outside.yaml", tmp_path / "faults.yaml"
    outside.write_text("quotas: {}")
    faults.write_text("faults: [{kind: throtled}]")
    with pytest.raises(WorkspaceError, match="did you mean 'throttled'"):
        simulate(options(data=tmp_path / "state", outside=outside, faults=faults))
    assert not (tmp_path / "state").exists()


def test_a_port_that_is_taken_is_named(azure, tmp_path):
    with running(azure) as doors:
        port = int(doors.arm_url.rsplit(":", 1)[1])
        with pytest.raises(WorkspaceError, match=f"port {port} .* choose another with --port"):
            simulate(options(port=port, data=tmp_path / "other"))


def test_a_file_of_outside_facts_with_a_mistake_opens_no_door(tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("quota: {}")
    with pytest.raises(WorkspaceError, match="did you mean 'quotas'"):
        simulate(options(data=tmp_path / "state", outside=outside))
    assert not (tmp_path / "state").exists()


def test_a_negative_latency_is_refused(tmp_path):
    with pytest.raises(WorkspaceError, match="--latency is in seconds"):
        simulate(options(latency=-1, data=tmp_path))


def test_outside_a_project_a_folder_must_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match="--data"):
        simulate(options())


def test_the_clock_is_read_and_moved_over_http(client):
    status, before, _ = client.call("GET", "/simulated/clock")
    assert (status, before["minutes"]) == (200, 0)
    _, after, _ = client.call("POST", "/simulated/clock", {"minutes": 15})
    assert after == {"minutes": 15, "time": "2026-09-01T08:15:00.000Z"}
    status, refused, _ = client.call("POST", "/simulated/clock", {"minutes": -1})
    assert (status, refused["error"]["target"]) == (400, "minutes")


def test_the_account_id_must_be_one_of_an_account_that_is_there(doors):
    clients = Clients(doors)
    clients.whole_path()
    clients.close()
    assert doors.batch_url(ACCOUNT_ID) == f"{doors.arm_url}/batch/fleetbatch.westeurope"
    for wrong in (f"{ACCOUNT_ID}x", POOL_ID):
        with pytest.raises(AzureError) as refused:
            doors.batch_url(wrong)
        assert (refused.value.code, refused.value.target) == ("ResourceNotFound", wrong)
