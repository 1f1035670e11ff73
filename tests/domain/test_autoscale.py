"""The ceiling of an autoscale formula is read where it is shown, and never invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefleet.domain import autoscale

USUAL = """
// scale with the queue
startingNumberOfVMs = 1;
maxNumberofVMs = 25;
pendingTaskSamplePercent = $PendingTasks.GetSamplePercent(180 * TimeInterval_Second);
pendingTaskSamples = pendingTaskSamplePercent < 70 ? startingNumberOfVMs :
    avg($PendingTasks.GetSample(180 * TimeInterval_Second));
$TargetDedicatedNodes = min(maxNumberofVMs, pendingTaskSamples);
$NodeDeallocationOption = taskcompletion;
"""


@pytest.mark.parametrize(
    ("formula", "ceiling"),
    [
        (USUAL, 25),
        ("$TargetDedicatedNodes=10;", 10),
        ("$TargetDedicatedNodes = 10; $TargetLowPriorityNodes = 5;", 15),
        ("$TargetLowPriorityNodes = min(40, $PendingTasks.GetSample(1));", 40),
        ("$TargetDedicatedNodes = max(0, min($PendingTasks.GetSample(1), 8));", 8),
        ("$TargetDedicatedNodes = $Tasks.GetSample(1) > 3 ? 20 : 2;", 20),
        ("busy = time().hour > 8; $TargetDedicatedNodes = busy ? 20 : 2;", 20),
        ("$TargetDedicatedNodes = (a > b ? min(7, x) : 3) + 2;", 9),
        ("$TargetDedicatedNodes = min(1, 2, 3);", 1),
        ("/* $TargetDedicatedNodes = 99; */ $targetdedicatednodes = 4.7;", 4),
        ("$TargetDedicatedNodes = min(x * 2, (y), 6);", 6),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bound_that_is_shown(formula, ceiling):
    assert autoscale.ceiling(formula) == ceiling


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "$TargetDedicatedNodes = $PendingTasks.GetSample(1);",
        "$TargetDedicatedNodes = max(5, $PendingTasks.GetSample(1));",
        "$TargetDedicatedNodes = 10 * 2;",
        "$TargetDedicatedNodes = 10; $TargetLowPriorityNodes = lots;",
        "$TargetDedicatedNodes = min(",
        "$TargetDedicatedNodes = min(5",
        "$TargetDedicatedNodes = min(a, b);",
        "$TargetDedicatedNodes = x ? 1 : y;",
        "$TargetDedicatedNodes = 10 - 2;",
        "nodes = 3;",
        "$TargetDedicatedNodes = " + "(" * 500 + "1" + ")" * 500 + ";",
    ],
    ids=lambda value: value[:40],
)
def test_no_bound_is_invented(formula):
    assert autoscale.ceiling(formula) is None


@given(st.text(alphabet="$TargetDdicNos=min(max)?:;,+ 0123456789.ab", max_size=60))
def test_any_text_is_read_without_failing(text):
    for formula in (text, f"$TargetDedicatedNodes = {text}"):
        ceiling = autoscale.ceiling(formula)
        assert ceiling is None or ceiling >= 0


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_min_and_max_of_two_numbers(one, other):
    for name, function in (("min", min), ("max", max)):
        formula = f"$TargetDedicatedNodes = {name}({one}, {other});"
        assert autoscale.ceiling(formula) == function(one, other)


def test_a_formula_that_sets_no_target_is_told_from_one_that_does():
    assert autoscale.sets_target("$TargetDedicatedNodes = 1;")
    assert not autoscale.sets_target("// $TargetDedicatedNodes = 1;")


@pytest.mark.parametrize(
    ("formula", "kinds"),
    [
        (USUAL, (True, False)),
        ("$TargetLowPriorityNodes = 3;", (False, True)),
        ("$TargetDedicated=1; $targetlowprioritynodes=2;", (True, True)),
        ("/* $TargetDedicatedNodes = 9; */ $TargetLowPriorityNodes = 3;", (False, True)),
        ("// $TargetLowPriorityNodes\n$TargetDedicatedNodes = 3;", (True, False)),
        ("nodes = 3;", (False, False)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_kinds_of_nodes_that_a_formula_sets(formula, kinds):
    assert autoscale.kinds(formula) == kinds
    assert autoscale.sets_target(formula) is any(kinds)
