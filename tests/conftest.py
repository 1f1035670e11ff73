"""What every test stands on: no cloud settings of the caller's, engine tests only with an engine.

Fixtures of one room live in that room's own conftest.py.
"""

from __future__ import annotations

import os
import signal

import hypothesis
import pytest

from imagefleet.offline.pulumi_cli.engine import Reason, find_pulumi

_CALLERS_OWN = ("ARM_", "AZURE_", "PULUMI_")

# Time says nothing here: the cores may be shared, and a first example may import a large SDK.
# On CI the examples are the same on every run, so that a red run is about the change.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure() -> None:
    """Take the caller's cloud, backend and credentials out of reach of the tests.

    And let Ctrl-C end what the tests start: where a shell without job control runs them in the
    background, SIGINT is ignored, and what ignores it hands that down to all that it starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(_CALLERS_OWN)]:
        del os.environ[name]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests marked `engine` where there is no usable Pulumi CLI, and say why."""
    if item.get_closest_marker("engine") and (reason := _why_no_engine()):
        pytest.skip(reason)


def _why_no_engine() -> str | None:
    found = find_pulumi()
    return found.text if isinstance(found, Reason) else None
