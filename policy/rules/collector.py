"""When Python's garbage collector may run: between calls, not in them.

The SDK builds the whole stack for each stack policy: millions of objects of which none is garbage
until all are, and then reference counts free them. A collector that runs by itself goes over them
again and again, the more the larger the stack.
"""

from __future__ import annotations

import gc

# Calls after which what was made since is looked through. A call about one resource leaves little
# behind; this keeps a run of any length in bounds.
_CALLS = 500


class Collector:
    """Collects garbage at the start of calls, once `switch_on` has put it in Python's place."""

    def __init__(self) -> None:
        self._calls = 0

    @staticmethod
    def switch_on() -> None:
        """Leave out what the start has made, and stop the collector's own runs."""
        gc.freeze()
        gc.disable()

    def resource_call(self) -> None:
        """Say that a call about one resource begins."""
        self._calls += 1
        if self._calls % _CALLS == 0 and not gc.isenabled():
            gc.collect(1)

    def stack_call(self) -> None:
        """Say that a call about a whole stack begins; where Python collects by itself, it does."""
        if not gc.isenabled():
            gc.collect()
