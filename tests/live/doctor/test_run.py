"""All checks together: how many calls, how many at a time, and nobody hidden by anybody."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

from imagefleet.domain import fleet as f
from imagefleet.live.clients import Clients
from imagefleet.live.credentials import credential
from imagefleet.live.crew import WORKERS, Crew
from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.live.doctor.model import Check, Outcome, Status, bad, good, unsure
from imagefleet.live.doctor.run import outcomes, run_one
from imagefleet.live.patience import Patience
from tests.live.fleets import PRINCIPAL, fleet, large

PAGE = (Path(__file__).parents[3] / "docs" / "guide.md").read_text(encoding="utf-8")
# Checks that ask nobody, or nobody before something is there.
_ASKS_NOBODY = {"no-account-keys"}


def all_of(world, stack, workers=WORKERS):
    with Crew(workers) as crew:
        view = world.view(stack, crew)
        return {outcome.check.id: outcome for outcome in outcomes(CHECKS, view)}


def calls(world, stack):
    world.around.paths.clear()
    all_of(world, stack)
    return list(world.around.paths)


def test_a_fleet_that_is_up_passes_everything(world):
    world.bring_up(fleet())
    found = all_of(world, fleet())
    wrong = {name: each.found for name, each in found.items() if each.status is not Status.PASS}
    assert wrong == {}
    looked = {name for name, each in found.items() if each.found}
    # versions that are there need no source, accounts that are there no name and no room
    assert {check.id for check in CHECKS} - looked == {
        *(check.id for check in CHECKS if check.id.startswith("source-")),
        *("account-name-free", "account-quota", "creator-image-access", "subnet-addresses"),
    }


def test_calls_are_bounded_by_versions_and_never_by_pools_or_nodes(world):
    stack = large(pools=200, versions=50, nodes=1)
    world.bring_up(stack)
    asked = calls(world, stack)
    single = [path for path in asked if "/versions/" in path]
    # one for each version, whose replication no list shows; everything else is a list or shared
    assert len(single) == 50
    # pools and sizes come in pages
    assert len(asked) - len(single) <= 25, "\n".join(asked)
    assert len(set(asked)) >= len(asked) - 3
    assert not [path for path in asked if re.search(r"/pools/|/nodes", path)]


def test_the_first_calls_before_up_are_few(world):
    stack = large(pools=200, versions=50)
    asked = calls(world, stack)
    # the 50 versions name one managed image; nothing is there that could be looked into
    assert len(asked) <= 25, "\n".join(asked)


def test_checks_run_side_by_side_and_no_more_calls_than_workers(world):
    stack = large(pools=20, versions=30)
    world.bring_up(stack)
    lock, now, most = threading.Lock(), 0, 0

    def slow(request, handler):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        try:
            return handler(request)
        finally:
            with lock:
                now -= 1

    world.around.faults = {"/": slow}
    found = all_of(world, stack)
    assert all(each.status is Status.PASS for each in found.values())
    assert WORKERS - 2 <= most <= WORKERS


@pytest.mark.parametrize("fault", [429, 500, 503, "drop"])
def test_where_nothing_answers_nothing_is_called_good(world, fault):
    world.around.faults = {"/": fault}
    stack = fleet(access={"app": f.Grant(principal_id=PRINCIPAL)})
    found = all_of(world, stack)
    assert set(found) == {check.id for check in CHECKS}
    told = {
        name for name, each in found.items() if each.found and each.status is not Status.UNKNOWN
    }
    # a name that nobody could look up is not free, an account that nobody saw has no quota;
    # one subscription is of its own tenant, whoever answers
    assert told == {"no-account-keys", "same-tenant"}
    silent = {name for name, each in found.items() if not each.found}
    assert silent == {"subnet-addresses"}


@pytest.mark.parametrize("fault", [429, 500, 503, "drop"])
def test_what_passes_by_changes_no_answer(world, fault):
    world.bring_up(fleet())
    world.around.faults = {"/": fault}
    world.around.times = {"/": 2}
    found = all_of(world, fleet())
    assert {each.status for each in found.values()} == {Status.PASS}


def test_a_slow_call_costs_itself_alone(world):
    world.bring_up(fleet())
    endpoints = world.clients.endpoints
    hasty = Patience(retries=1, backoff=0.01, connect=20, read=4, whole=30)
    world.clients = Clients(endpoints, credential(endpoints), patience=hasty)
    world.around.faults = {"microsoft.compute/skus": lambda *_: time.sleep(6)}
    found = all_of(world, fleet())
    world.clients.close()
    wrong = {name for name, each in found.items() if each.status is not Status.PASS}
    assert wrong == {"size-offered"}
    assert found["size-offered"].status is Status.UNKNOWN


def test_an_answer_of_an_unknown_shape_is_not_understood_and_hides_nothing(world):
    def broken(view):
        yield good("first", "was looked at")
        raise KeyError("properties")

    check = Check(id="broken", title="Is not", run=broken, remedy="None.", calls="none")
    outcome = run_one(check, None)
    assert outcome.status is Status.UNKNOWN
    assert "was not understood (KeyError: 'properties')" in outcome.found[-1].message


def test_the_worst_of_a_check_is_its_outcome():
    check = CHECKS[0]
    fail, unknown, fine = bad("a", "x"), unsure("b", "y"), good("c", "z")
    assert Outcome(check=check, found=(fine, unknown, fail)).status is Status.FAIL
    assert Outcome(check=check, found=(fine, unknown)).status is Status.UNKNOWN
    assert Outcome(check=check, found=()).status is Status.PASS


def test_every_check_says_what_it_rests_on():
    for check in CHECKS:
        assert check.sentences or check.source, check.id
        assert check.title[0].isupper(), check.id
        assert not check.title.endswith("."), check.id
        assert len(check.title) <= 76, check.id
        assert check.remedy.endswith("."), check.id
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_the_guide_lists_every_check_with_its_calls():
    rows = dict(re.findall(r"(?m)^\| `([a-z-]+)` \| .* \| ([^|]+) \|$", PAGE))
    assert rows == {check.id: check.calls for check in CHECKS}
