"""What every test stands on: no cloud settings of the caller's, engine tests only with an engine.

Fixtures of one room live in that room's own conftest.py.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess

import hypothesis
import pytest

_CALLERS_OWN = ("ARM_", "AZURE_", "PULUMI_")
_OLDEST_ENGINE = (3, 222)

# Time says nothing here: the cores may be shared, and a first example may import a large SDK.
# On CI the examples are the same on every run, so that a red run is about the change.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure() -> None:
    """Take the caller's cloud, backend and credentials out of reach of the tests."""
    for name in [name for name in os.environ if name.startswith(_CALLERS_OWN)]:
        del os.environ[name]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests marked `engine` where there is no usable Pulumi CLI, and say why."""
    if item.get_closest_marker("engine") and (reason := _why_no_engine()):
        pytest.skip(reason)


@functools.cache
def _why_no_engine() -> str | None:
    command = shutil.which("pulumi")
    wanted = ".".join(map(str, _OLDEST_ENGINE))
    if command is None:
        return f"the pulumi command ({wanted} or newer) is not on PATH"
    answer = subprocess.run([command, "version"], capture_output=True, text=True, check=False)
    found = re.match(r"v?(\d+)\.(\d+)", answer.stdout.strip())
    if found is None or tuple(map(int, found.groups())) < _OLDEST_ENGINE:
        return f"pulumi {answer.stdout.strip() or '(no version)'} is older than {wanted}"
    return None
