"""Threads that make calls: what has not begun when they are left is let go."""

from __future__ import annotations

import contextlib
import threading

import pytest

from imagefleet.live.crew import Crew
from imagefleet.live.failures import Unreadable


def test_calls_that_have_not_begun_are_let_go_when_the_crew_is_left():
    began, go_on = threading.Event(), threading.Event()

    def first():
        began.set()
        return go_on.wait(20)

    made = []
    with Crew(1) as crew:
        running = crew.submit(first)
        waiting = [crew.submit(lambda: made.append("made")) for _ in range(3)]
        assert began.wait(20)
    assert [future.cancelled() for future in waiting] == [True] * 3
    go_on.set()
    assert running.result(20) is True
    assert made == []


def test_what_a_call_raises_is_met_by_whoever_asks_and_ends_no_thread():
    def broken():
        raise KeyError("no")

    with Crew(1) as crew:
        assert isinstance(crew.submit(broken).exception(20), KeyError)
        assert crew.submit(lambda: 7).result(20) == 7


def test_what_cannot_be_read_passes_a_context_manager():
    """Python writes the traceback of an exception there, which a frozen one would refuse."""

    @contextlib.contextmanager
    def around():
        yield

    with pytest.raises(Unreadable, match="the list could not be read: no"), around():
        raise Unreadable("the list", "no")
