"""One fleet before the doctor: what stands on Azure, what lies outside, what the caller has."""

from __future__ import annotations

from datetime import date

import pytest

from imagefleet.domain.plan import plan
from imagefleet.live.crew import Crew
from imagefleet.live.doctor.checks.catalogue import CHECKS
from imagefleet.live.doctor.reader import Reader
from imagefleet.live.doctor.run import run_one
from imagefleet.live.doctor.view import View
from imagefleet.offline.outside.parse import parse_outside
from tests.live.fleets import Azure

BY_ID = {check.id: check for check in CHECKS}
TODAY = date(2026, 9, 1)


class World:
    """A simulated Azure, and the doctor in front of it."""

    def __init__(self, azure, doors, clients, around):
        self.azure, self.doors, self.clients, self.around = azure, doors, clients, around
        self.site = Azure(doors)

    def suppose(self, **document):
        self.azure.suppose(parse_outside(document))

    def bring_up(self, fleet, **changes):
        """Make the fleet, and let its nodes come up."""
        self.site.bring_up(plan(fleet), **changes)
        self.doors.advance(60)
        self.around.paths.clear()

    def view(self, fleet, crew, environment=None, today=TODAY):
        return View(
            fleet=fleet,
            plan=plan(fleet),
            reader=Reader(self.clients, crew),
            environment=environment or {},
            caller=self.clients.caller(),
            today=today,
        )

    def examine(self, check_id, fleet, *, nothing=False, **settings):
        """The outcome of one check, which has something to look at unless `nothing` is said.

        A check that looks at nothing passes, so a test of a pass would else test nothing.
        """
        with Crew() as crew:
            found = run_one(BY_ID[check_id], self.view(fleet, crew, **settings))
        assert bool(found.found) is not nothing
        return found


@pytest.fixture
def world(azure, doors, clients, around):
    return World(azure, doors, clients, around)


def words(outcome):
    return "; ".join(f"{each.subject}: {each.message}" for each in outcome.found)
