"""What each kind of fault does to a request, and that the next one goes on from there."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.offline.faults import (
    Call,
    Fault,
    FaultLog,
    FaultyAzure,
    change_behind,
    fired,
    parse_plan,
)
from imagefleet.offline.model import AnswerLostError, AzureError, PartialFailureError
from imagefleet.offline.services.gallery_versions import replicas_in, replication_status
from imagefleet.offline.store import StoreError
from tests.offline.azure.world import GALLERY, GROUP, POOL, SETTINGS, TOKENS, VERSION


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("conflict", 409, "Conflict"),
        ("preconditionFailed", 412, "PreconditionFailed"),
        ("throttled", 429, "TooManyRequests"),
        ("serverError", 500, "InternalServerError"),
        ("unavailable", 503, "ServiceUnavailable"),
    ],
)
def test_a_refusal_leaves_nothing_and_passes(world, kind, status, code):
    world.plan({"kind": kind})
    error = world.refused(lambda: world.create("ResourceGroup"), code)
    assert (error.status, GROUP in error.message) == (status, True)
    assert world.read("ResourceGroup", GROUP) is None
    assert world.create("ResourceGroup").id == GROUP


def test_throttling_says_when_to_ask_again_and_the_provider_does(world):
    faulty = world.plan({"kind": "throttled", "retryAfterSeconds": 30, "times": 2}, attempts=4)
    world.create("ResourceGroup")
    assert world.now() == pytest.approx(1.0)
    assert faulty.log.by_kind() == {"throttled": 2}


def test_a_provider_gives_up_after_its_attempts(world):
    world.plan({"kind": "unavailable", "times": 0}, attempts=4)
    world.refused(lambda: world.create("ResourceGroup"), "ServiceUnavailable")
    assert world.faulty.log.by_kind() == {"unavailable": 4}


def test_what_no_client_asks_again_is_not_asked_again(world):
    world.plan({"kind": "conflict", "times": 3}, attempts=4)
    world.refused(lambda: world.create("ResourceGroup"), "Conflict")
    assert world.faulty.log.by_kind() == {"conflict": 1}


def test_a_connection_dropped_on_the_way_back_has_made_the_resource(world):
    world.plan({"kind": "dropped", "served": True})
    with pytest.raises(AnswerLostError):
        world.create("ResourceGroup")
    assert world.read("ResourceGroup", GROUP) is not None


def test_the_second_attempt_finds_what_the_first_has_made(world):
    world.plan({"kind": "dropped", "served": True, "times": 2}, attempts=4)
    assert world.create("ResourceGroup").id == GROUP


def test_a_slow_answer_takes_simulated_minutes(world):
    world.plan({"kind": "slow", "minutes": 7})
    world.create("ResourceGroup")
    assert world.now() == 7


def test_a_create_that_ends_failed_leaves_the_resource_which_the_next_put_mends(world):
    world.path("ResourceGroup")
    world.plan({"kind": "operationFailed", "code": "Boom"})
    with pytest.raises(PartialFailureError) as caught:
        world.create("Gallery")
    assert (caught.value.code, caught.value.resource_id) == ("Boom", GALLERY)
    assert world.read("Gallery", GALLERY)["provisioningState"] == "Failed"
    assert world.put_again("Gallery", GALLERY)["provisioningState"] == "Succeeded"


def test_a_deletion_that_ends_failed_leaves_the_resource(world):
    world.path("ResourceGroup", "Gallery")
    world.plan({"kind": "operationFailed"}, attempts=4)
    with pytest.raises(AzureError, match="OperationFailed"):
        world.faulty.delete(TOKENS["Gallery"], GALLERY, SETTINGS)
    assert world.read("Gallery", GALLERY) is not None
    world.faulty.delete(TOKENS["Gallery"], GALLERY, SETTINGS)
    assert world.read("Gallery", GALLERY) is None


def test_replication_fails_in_one_region_and_is_repeated_by_the_next_put(account):
    account.azure.delete(TOKENS["GalleryImageVersion"], VERSION, SETTINGS)
    account.plan({"kind": "replicationFailed", "region": "North Europe"})
    with pytest.raises(PartialFailureError, match="northeurope"):
        account.create("GalleryImageVersion")

    def regions():
        with account.azure.store.read() as transaction:
            record, now = transaction.get(VERSION), transaction.now
        status = replication_status(record, now)
        return status["aggregatedState"], [
            (each["region"], each["state"], replicas_in(record, each["region"], now))
            for each in status["summary"]
        ]

    assert regions() == (
        "Failed",
        [("West Europe", "Completed", 4), ("northeurope", "Failed", 0)],
    )
    assert account.read("GalleryImageVersion", VERSION)["provisioningState"] == "Failed"
    account.put_again("GalleryImageVersion", VERSION)
    assert regions()[0] == "Completed"
    assert account.read("GalleryImageVersion", VERSION)["provisioningState"] == "Succeeded"


def test_a_region_that_is_no_target_cannot_fail(account):
    account.azure.delete(TOKENS["GalleryImageVersion"], VERSION, SETTINGS)
    account.plan({"kind": "replicationFailed", "region": "japaneast"})
    account.create("GalleryImageVersion")
    assert account.faulty.log.fired() == ()


def test_an_allocation_failure_is_a_resize_error_of_a_pool_that_exists(account):
    account.plan({"kind": "allocationFailed", "code": "AllocationFailed", "message": "no room"})
    account.create("Pool")
    account.azure.advance(60)
    (pool,) = account.azure.pools()
    assert (pool.allocated, pool.errors) == (0, ("AllocationFailed: no room",))
    account.put_again("Pool", POOL)
    account.azure.advance(60)
    assert account.azure.pools()[0].idle == 900


def test_a_put_that_begins_no_resize_leaves_a_steady_pool_its_nodes(account):
    account.path("Pool")
    account.azure.advance(60)
    faulty = account.plan({"kind": "allocationFailed"})
    account.put_again("Pool", POOL, {"metadata": [{"name": "owner", "value": "studio"}]})
    (pool,) = account.azure.pools()
    assert (pool.idle, pool.errors, faulty.log.fired()) == (900, (), ())
    scale = {"scaleSettings.fixedScale.targetDedicatedNodes": 1000}
    account.put_again("Pool", POOL, scale)
    account.azure.advance(60)
    (pool,) = account.azure.pools()
    assert (pool.idle, faulty.log.by_kind()) == (900, {"allocationFailed": 1})
    assert pool.errors[0].startswith("AllocationFailed")


def test_a_resize_that_wants_no_node_uses_up_no_allocation_failure(account):
    """A pool of 0 and one that shrinks have no node to be refused; the next that grows has."""
    faulty = account.plan({"kind": "allocationFailed"})
    target = "scaleSettings.fixedScale.targetDedicatedNodes"
    account.create("Pool", {target: 0})
    assert faulty.log.fired() == ()
    account.azure.advance(60)
    account.put_again("Pool", POOL, {target: 10})
    account.azure.advance(60)
    (pool,) = account.azure.pools()
    assert (pool.idle, faulty.log.by_kind()) == (0, {"allocationFailed": 1})
    account.put_again("Pool", POOL, {target: 11})
    account.azure.advance(60)
    faulty = account.plan({"kind": "allocationFailed"})
    account.put_again("Pool", POOL, {target: 5})
    account.azure.advance(60)
    (pool,) = account.azure.pools()
    assert (pool.idle, pool.errors, faulty.log.fired()) == (5, (), ())


def test_a_put_that_begins_no_replication_leaves_the_replicas_that_are_there(account):
    faulty = account.plan({"kind": "replicationFailed", "region": "northeurope"})
    account.put_again("GalleryImageVersion", VERSION, {"tags": {"owner": "studio"}})
    assert account.read("GalleryImageVersion", VERSION)["provisioningState"] == "Succeeded"
    assert faulty.log.fired() == ()
    more = {"publishingProfile.targetRegions.1.regionalReplicaCount": 2}
    with pytest.raises(PartialFailureError, match="northeurope"):
        account.put_again("GalleryImageVersion", VERSION, more)
    with account.azure.store.read() as transaction:
        assert replicas_in(transaction.get(VERSION), "northeurope", transaction.now) == 1


def test_a_principal_is_not_found_in_its_first_minutes(account):
    account.plan({"kind": "principalNotFound", "minutes": 2})
    for _ in range(2):
        account.refused(lambda: account.create("RoleAssignment"), "PrincipalNotFound")
    account.create("RoleAssignment")


def test_a_role_assignment_is_not_effective_at_once(account):
    account.plan({"kind": "roleNotEffective", "minutes": 3})
    account.create("RoleAssignment")
    error = account.refused(lambda: account.create("Pool"), "LinkedAuthorizationFailed")
    assert (error.status, "3 minutes" in error.message) == (403, True)
    account.azure.advance(3)
    account.create("Pool")


def test_the_name_of_a_deleted_resource_stays_taken(world):
    world.path("ResourceGroup", "Gallery")
    world.plan({"kind": "softDeleted", "minutes": 10, "type": "compute:Gallery"})
    world.faulty.delete(TOKENS["Gallery"], GALLERY, SETTINGS)
    world.refused(lambda: world.create("Gallery"), "Conflict")
    world.azure.advance(10)
    assert world.create("Gallery").id == GALLERY


def test_somebody_changes_the_resource_afterwards(world):
    world.path("ResourceGroup")
    world.plan({"kind": "changedBehind", "set": {"tags.owner": "portal", "description": "theirs"}})
    made = world.create("Gallery", {"description": "ours"})
    assert made.outputs["description"] == "ours"
    found = world.read("Gallery", GALLERY)
    assert (found["tags"], found["description"]) == ({"owner": "portal"}, "theirs")


def test_somebody_deletes_the_resource_afterwards(world):
    world.path("ResourceGroup")
    world.plan({"kind": "changedBehind", "remove": True})
    world.create("Gallery")
    assert world.read("Gallery", GALLERY) is None


def test_nobody_changes_a_property_that_there_is_not(world):
    world.path("ResourceGroup", "Gallery")
    with pytest.raises(AzureError, match="colour"):
        change_behind(world.azure, TOKENS["Gallery"], GALLERY, {"colour": "red"})


def test_faults_wait_count_and_end(world):
    world.path("ResourceGroup")
    world.plan({"kind": "serverError", "after": 1, "times": 2, "operation": "read"})
    answers = []
    for _ in range(5):
        try:
            answers.append(world.faulty.read(TOKENS["ResourceGroup"], GROUP) is not None)
        except AzureError:
            answers.append("refused")
    assert answers == [True, "refused", "refused", True, True]


CALL = Call(operation="create", type="batch:Pool", id="/pools/a")


@given(st.integers(), st.floats(0, 1), st.integers(0, 5), st.integers(0, 5))
def test_a_seed_decides_once_and_for_all(seed, chance, times, after):
    fault = Fault(kind="conflict", chance=chance, times=times, after=after)
    runs = []
    for _ in range(2):
        log = FaultLog()
        runs.append([log.fires(0, fault, CALL, seed) for _ in range(20)])
        log.close()
    assert runs[0] == runs[1]
    assert not any(runs[0][:after])
    assert not times or sum(runs[0]) <= times


def test_processes_share_what_has_happened(tmp_path):
    fault = Fault(kind="conflict")
    logs = [FaultLog(tmp_path / "faults.sqlite") for _ in range(2)]
    assert [log.fires(0, fault, CALL, 0) for log in logs] == [True, False]
    logs[0].forget()
    assert logs[1].fires(0, fault, CALL, 0)
    for log in logs:
        log.close()


def test_a_log_that_is_damaged_names_itself_and_the_way_back(tmp_path):
    (tmp_path / "faults.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"faults\.sqlite cannot be used: .* remove it"):
        FaultLog(tmp_path / "faults.sqlite")


def test_a_log_that_cannot_be_written_is_one_error_and_goes_on_afterwards(tmp_path, monkeypatch):
    """Another process holds it all the time; a full disk ends a transaction the same way."""
    monkeypatch.setattr(fired, "BUSY_SECONDS", 0)
    path = tmp_path / "faults.sqlite"
    log, fault = FaultLog(path), Fault(kind="conflict")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for call in (lambda: log.fires(0, fault, CALL, 0), log.fired, lambda: log.noted(0, "a")):
            with pytest.raises(StoreError, match=r"faults\.sqlite cannot be kept: .*locked"):
                call()
    assert log.fires(0, fault, CALL, 0)
    log.close()


def test_a_disk_that_is_full_loses_no_more_than_what_was_being_counted(tmp_path):
    log, fault = FaultLog(tmp_path / "faults.sqlite"), Fault(kind="conflict", times=0)
    assert log.fires(0, fault, CALL, 0)
    pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    long = Call(operation="create", type="batch:Pool", id="/pools/" + "a" * 100_000)
    with pytest.raises(StoreError, match="free space on its disk"):
        log.fires(0, fault, long, 0)
    assert log.fires(0, fault, CALL, 0)
    assert len(log.fired()) == 2
    log.close()


def test_what_stands_around_the_model_tells_it(world):
    assert world.plan({"kind": "conflict"}).model is world.azure
    assert world.azure.model is world.azure


@pytest.mark.parametrize("served", [False, True])
def test_the_engine_is_killed_before_or_after_the_service_has_done_it(world, served):
    engine = subprocess.Popen(["sleep", "60"])
    try:
        plan = parse_plan({"faults": [{"kind": "killed", "served": served, "after": 1}]})
        world.faulty = FaultyAzure(world.azure, plan, engine=engine.pid)
        world.create("ResourceGroup")
        assert engine.poll() is None
        world.refused(lambda: world.create("Gallery"), "ClientClosedRequest")
        assert engine.wait(10) == -signal.SIGKILL
    finally:
        engine.kill()
        engine.wait()
    with world.azure.store.read() as transaction:
        assert len(transaction.of_type("Microsoft.Compute/galleries")) == served


def test_where_no_engine_is_named_nobody_is_killed(world):
    """The doors for other clients have none."""
    world.plan({"kind": "killed", "times": 0})
    world.create("ResourceGroup")
    assert world.faulty.log.fired() == ()
