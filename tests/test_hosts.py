"""An address of a cloud stands once, in its profile."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from imagefleet.domain.clouds import PROFILES
from tests.test_architecture import PRODUCT, ROOT, python_files, shown, tree

PROFILE = ROOT / "imagefleet/domain/clouds.py"
# Samples of rules are pieces of other people's programs, which write hosts out.
SAMPLES = frozenset(
    {
        "policy/rules/account.py",
        "policy/rules/snapshot.py",
        "policy/rules/version_source.py",
    }
)
HOST = re.compile(
    r"azure\.(?:com|cn|us|net)|windows\.net|microsoftonline\.|chinacloudapi|usgovcloudapi"
)


def hosts(path: Path) -> list[str]:
    """Every piece of text of a file, f-strings included, that holds a cloud's host."""
    return [
        f"{shown(path)}:{node.lineno} {node.value}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HOST.search(node.value)
    ]


def test_no_host_of_a_cloud_outside_the_profile():
    found = [
        host
        for path in [*python_files(*PRODUCT), ROOT / "__main__.py"]
        if path != PROFILE and shown(path) not in SAMPLES
        for host in hosts(path)
    ]
    assert found == []


def test_every_host_of_the_profiles_would_be_found():
    missed = [
        endpoint.value
        for profile in PROFILES.values()
        for name, endpoint in profile.endpoints.items()
        if name != "environment" and not HOST.search(endpoint.value)
    ]
    assert missed == []
