"""Keep a pack from outliving whoever started it: an engine that is killed cannot say goodbye."""

from __future__ import annotations

import os
import threading
import time

_LOOK_SECONDS = 0.5


def end_with_parent() -> None:
    """End this process when the one that started it is gone; does nothing where that is unknown.

    A process whose parent dies is given another parent at once, on every system but Windows, so
    a changed number is enough to know.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)
