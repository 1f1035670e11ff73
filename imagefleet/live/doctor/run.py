"""Run checks side by side; each gets its thread, all share the reader and its few callers."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence

from imagefleet.live.doctor.model import Check, Found, Outcome, unsure
from imagefleet.live.doctor.view import View
from imagefleet.live.failures import Unreadable, clean


def outcomes(checks: Sequence[Check], view: View) -> Iterator[Outcome]:
    """Yield each check's outcome as soon as it is known."""
    done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    for check in checks:
        threading.Thread(target=_run, args=(check, view, done), daemon=True).start()
    for _ in checks:
        yield done.get()


def run_one(check: Check, view: View) -> Outcome:
    """Run one check; whatever goes wrong in it is that it cannot tell."""
    found: list[Found] = []
    try:
        found.extend(check.run(view))
    except Unreadable as trouble:
        found.append(unsure(trouble.what, str(trouble)))
    except Exception as error:  # noqa: BLE001 an answer of an unknown shape hides no other check
        words = clean(f"{type(error).__name__}: {error}")
        found.append(unsure(check.id, f"the answer of Azure was not understood ({words})"))
    return Outcome(check=check, found=tuple(found))


def _run(check: Check, view: View, done: queue.SimpleQueue[Outcome]) -> None:
    done.put(run_one(check, view))
