"""The modules of the pack import one another in one direction, types included."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "policy" / "rules"


def imported(module: Path) -> set[str]:
    """The pack's modules that one of them imports, under `TYPE_CHECKING` too."""
    there = {path.stem for path in RULES.glob("*.py")}
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "rules":
            # what is no module of the package is the package's own
            found |= {name.name if name.name in there else "__init__" for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rules."):
            found.add((node.module or "").removeprefix("rules."))
        elif isinstance(node, ast.Import):
            assert not any(name.name.startswith("rules") for name in node.names), module.name
    return found


def test_no_module_of_the_pack_imports_itself_in_a_circle():
    graph = {module.stem: imported(module) for module in sorted(RULES.glob("*.py"))}
    assert graph["verdicts"] >= {"canonical", "stack"}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))
    assert set(order) == set(graph)
