"""Pools followed to steady over HTTPS, with lists alone, whatever goes wrong on the way."""

from __future__ import annotations

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.crew import Crew
from imagefleet.live.watch.follow import Watcher
from imagefleet.live.watch.state import State
from imagefleet.offline.outside.parse import parse_outside
from tests.live.fleets import Azure, fleet, large, plan, pool


@pytest.fixture
def crew():
    with Crew() as threads:
        yield threads


def last(clients, plan_, crew, *, timeout=0.5, interval=0.05):
    return list(Watcher(clients, plan_, crew).looks(timeout, interval))[-1]


def test_a_pool_is_followed_from_resizing_to_steady(doors, clients, crew):
    made = plan(fleet(pools={"work": pool(scale=f.FixedScale(dedicated=300))}))
    azure = Azure(doors)
    azure.bring_up(made)
    states = []
    for look in Watcher(clients, made, crew).looks(20, 0.05):
        found = look.pools[0]
        states.append((found.state, found.seen.nodes.ready))
        doors.advance(3)
    assert states[0] == (State.WAITING, 0)
    assert states[-1] == (State.STEADY, 300)
    assert [ready for _, ready in states] == sorted(ready for _, ready in states)
    # 300 nodes from a version with a replica more than it needs, by the service's clock
    assert 0 < found.seconds_to_steady <= 15 * 60
    assert found.seconds_to_ready > 0


def test_a_pool_that_was_steady_before_is_timed_by_the_service(doors, clients, crew):
    made = plan(fleet())
    Azure(doors).bring_up(made)
    doors.advance(30)
    found = last(clients, made, crew).pools[0]
    assert (found.state, found.reasons) == (State.STEADY, ())
    assert found.seconds_to_steady > 0
    assert found.seconds_to_ready is None


def test_a_pool_that_was_resized_since_is_not_timed(doors, clients, crew):
    made = plan(fleet())
    azure = Azure(doors)
    azure.bring_up(made)
    doors.advance(30)
    scale = {"fixedScale": {"targetDedicatedNodes": 6, "resizeTimeout": "PT15M"}}
    azure.client.call("PATCH", made.pools[0].id, {"properties": {"scaleSettings": scale}})
    doors.advance(30)
    found = last(clients, made, crew).pools[0]
    assert (found.state, found.seconds_to_steady) == (State.STEADY, None)


def test_a_resize_error_is_translated(azure, doors, clients, crew):
    azure.suppose(parse_outside({"quotas": {"accounts": {"*": {"dedicatedCores": 4}}}}))
    made = plan(fleet())
    Azure(doors).bring_up(made)
    doors.advance(30)
    found = last(clients, made, crew).pools[0]
    assert (found.state, found.seen.nodes.ready) == (State.FAILED, 2)
    assert [reason.code for reason in found.reasons] == ["AccountCoreQuotaReached"]
    assert "quota" in found.reasons[0].meaning.lower()


def test_unusable_nodes_are_named_with_what_they_say(doors, clients, crew):
    made = plan(fleet())
    locked = {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}
    Azure(doors).bring_up(made, definition=locked)
    doors.advance(30)
    found = last(clients, made, crew).pools[0]
    assert found.state is State.FAILED
    assert [reason.code for reason in found.reasons] == ["unusable", "NodePreparationError"]
    assert "4 of 4 nodes are unusable" in found.reasons[0].text


def test_a_pool_that_is_not_there_is_waited_for_then_told(doors, clients, crew):
    made = plan(fleet(pools={"work": pool(), "other": pool()}))
    azure = Azure(doors)
    azure.bring_up(made, pools=False)
    azure.make_pool(made.pools[0])
    doors.advance(30)
    looks = list(Watcher(clients, made, crew).looks(3, 0.05))
    assert len(looks) > 1
    by_key = {each.plan.key: each for each in looks[-1].pools}
    assert by_key[made.pools[0].key].state is State.STEADY
    missing = by_key[made.pools[1].key]
    assert (missing.state, missing.reasons[0].meaning) == (State.MISSING, "Run `pulumi up` first.")


def test_a_pool_that_does_not_come_to_rest_is_told_when_the_time_is_up(doors, clients, crew):
    made = plan(fleet(pools={"work": pool(scale=f.FixedScale(dedicated=300))}))
    Azure(doors).bring_up(made)
    doors.advance(2)
    found = last(clients, made, crew, timeout=0.2).pools[0]
    assert (found.state, found.reasons[0].code) == (State.FAILED, "timeout")
    assert "still resizing" in found.reasons[0].text


@pytest.mark.parametrize("fault", [429, 500, "drop"])
def test_a_fault_that_passes_changes_nothing(doors, clients, crew, around, fault):
    made = plan(fleet())
    Azure(doors).bring_up(made)
    doors.advance(30)
    around.faults, around.times = {"/nodecounts": fault}, {"/nodecounts": 2}
    assert last(clients, made, crew).pools[0].state is State.STEADY


@pytest.mark.parametrize(
    ("fault", "why"), [(500, "failed with 500"), (403, "may not"), ("drop", "could not be read")]
)
def test_an_account_that_cannot_be_read_hides_no_other(doors, clients, crew, around, fault, why):
    accounts = {
        "main": f.Account(name="fleetbatch", location="westeurope"),
        "other": f.Account(name="otherbatch", location="westeurope"),
    }
    pools = {"work": pool(), "more": pool(account="other")}
    made = plan(fleet(accounts=accounts, pools=pools))
    Azure(doors).bring_up(made)
    doors.advance(30)
    around.faults = {"/batch/otherbatch.westeurope/pools": fault}
    look = last(clients, made, crew, timeout=0.05)
    by_account = {each.plan.account_key: each for each in look.pools}
    assert by_account["main"].state is State.STEADY
    assert by_account["other"].state is State.UNSEEN
    assert why in by_account["other"].reasons[0].text
    assert [trouble.what for trouble in look.troubles] == ["Batch account otherbatch"]


def test_a_pool_that_failed_tells_its_nodes_errors_at_once_and_is_asked_once(
    doors, clients, crew, around
):
    """Whoever prints a pool when it has settled has all that there is to say of it."""
    locked = {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}
    stack = fleet(pools={"bad": pool(), "long": pool(scale=f.FixedScale(dedicated=3000))})
    made = plan(stack)
    Azure(doors).bring_up(made, definition=locked)
    doors.advance(12)
    around.paths.clear()
    first, second, *_ = Watcher(clients, made, crew).looks(0.5, 0.05)
    for look in (first, second):
        assert [each.state for each in look.pools] == [State.FAILED, State.WAITING]
        codes = [reason.code for reason in look.pools[0].reasons]
        assert codes == ["unusable", "NodePreparationError"]
    asked = [path for path in around.paths if path.endswith("/pools/bad-1-0-0/nodes")]
    assert len(asked) == 1


def without_endpoint(request, handler):
    answer = handler(request)
    answer.body["properties"].pop("accountEndpoint", None)
    return answer


def test_an_account_that_shows_no_endpoint_is_told_and_is_no_traceback(
    doors, clients, crew, around
):
    made = plan(fleet())
    Azure(doors).bring_up(made)
    around.faults = {"batchaccounts/fleetbatch": without_endpoint}
    look = last(clients, made, crew, timeout=0)
    assert [each.state for each in look.pools] == [State.UNSEEN]
    assert "not understood (KeyError: 'accountEndpoint')" in str(look.troubles[0])


def test_nodes_that_cannot_be_asked_leave_what_is_known(doors, clients, crew, around):
    made = plan(fleet())
    locked = {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}
    Azure(doors).bring_up(made, definition=locked)
    doors.advance(30)
    around.faults = {"/nodes": 403, "/nodecounts": lambda request, handler: handler(request)}
    around.faults = dict(reversed(around.faults.items()))
    found = last(clients, made, crew, timeout=0).pools[0]
    assert [reason.code for reason in found.reasons] == ["unusable", "Injected"]


def test_nodes_that_could_not_be_asked_are_asked_again(doors, clients, crew, around):
    stack = fleet(pools={"bad": pool(), "long": pool(scale=f.FixedScale(dedicated=3000))})
    made = plan(stack)
    locked = {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}
    Azure(doors).bring_up(made, definition=locked)
    doors.advance(12)
    around.faults, around.times = {"/nodes": 403}, {"/nodes": 1}
    around.paths.clear()
    told = [
        [reason.code for reason in look.pools[0].reasons]
        for look in Watcher(clients, made, crew).looks(0.5, 0.05)
    ]
    assert told[0] == ["unusable", "Injected"]
    assert told[1:] == [["unusable", "NodePreparationError"]] * (len(told) - 1)
    asked = [path for path in around.paths if path.endswith("/pools/bad-1-0-0/nodes")]
    assert len(asked) == 2


def test_what_is_read_at_last_takes_the_place_of_the_reason_why_it_was_not(
    doors, clients, crew, around
):
    made = plan(fleet())
    locked = {"features": [{"name": "SecurityType", "value": "TrustedLaunch"}]}
    Azure(doors).bring_up(made, definition=locked)
    doors.advance(30)
    around.faults, around.times = {"/nodes": 403}, {"/nodes": 1}
    found = last(clients, made, crew, timeout=0).pools[0]
    assert [reason.code for reason in found.reasons] == ["unusable", "NodePreparationError"]


@pytest.mark.parametrize("nodes", [1, 900])
def test_calls_of_a_cycle_do_not_grow_with_pools_or_nodes(doors, clients, crew, around, nodes):
    made = plan(large(pools=200, versions=2, nodes=nodes))
    Azure(doors).bring_up(made)
    doors.advance(60)
    around.paths.clear()
    look = last(clients, made, crew, timeout=0)
    assert {each.state for each in look.pools} == {State.STEADY}
    # once the account's endpoint, then two lists; no call for a pool, none for a node
    assert [path.rpartition("/")[2] for path in around.paths] == [
        "fleetbatch",
        "pools",
        "nodecounts",
    ]
    around.paths.clear()
    watcher = Watcher(clients, made, crew)
    next(watcher.looks(0, 1))
    next(watcher.looks(0, 1))
    assert len(around.paths) == 1 + 2 * 2


def test_where_nothing_may_be_looked_at_nobody_waits(doors, clients, crew, around):
    around.faults = {"batchaccounts/fleetbatch": 403}
    looks = list(Watcher(clients, plan(fleet()), crew).looks(3600, 60))
    assert [each.state for each in looks[-1].pools] == [State.UNSEEN]
    assert len(looks) == 1
