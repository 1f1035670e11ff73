"""What `doctor` shows: a line for each check, what is wrong under it, or a script that mends it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from imagefleet.cli.terminal import plural

if TYPE_CHECKING:
    from imagefleet.live.doctor.model import Check, Found, Outcome

MOST_SHOWN = 5
_MARKS = {"pass": ("✓", "green"), "fail": ("✗", "red"), "cannot tell": ("?", "yellow")}
_SUMS = {
    "pass": "passed",
    "fail": "failed",
    "cannot tell": "cannot be told",
    "": "(·) with nothing to look at",
}
_NOTHING = ("·", "bright_black")
_PASS, _FAIL = "pass", "fail"


def print_all(
    console: Console, stack: str, found: Sequence[Outcome], calls: int, *, missing: int
) -> None:
    """Print every outcome, then the sums."""
    console.print(f"[bold]Stack {escape(stack)}[/]")
    for outcome in found:
        _print_outcome(console, outcome)
    if missing:
        console.print(f"stopped; {plural(missing, 'check')} had not ended")
    counts = dict.fromkeys(_SUMS, 0)
    for outcome in found:
        counts[outcome.status.value if outcome.found else ""] += 1
    sums = ", ".join(f"{count} {_SUMS[status]}" for status, count in counts.items() if count)
    console.print(f"\n{plural(len(found), 'check')}, {plural(calls, 'call')}: {sums or 'none'}")
    if any(each.commands for outcome in found for each in outcome.found):
        console.print("`imagefleet doctor --fix-script` prints commands that would mend it.")


def print_checks(console: Console, checks: Sequence[Check]) -> None:
    """Print what is checked."""
    for check in checks:
        console.print(f"[bold]{check.id}[/]{_source(check)}", soft_wrap=True)
        _print(console, escape(check.title), 4)


def script(stack: str, found: Sequence[Outcome]) -> str:
    """A shell script of the commands that would mend what fails; it says what each is for."""
    lines = [
        "#!/bin/sh",
        f"# What would mend stack {shlex.quote(stack)}, as `imagefleet doctor` has seen it.",
        "# Read it before you run it: nothing of it has been run.",
        "set -eu",
    ]
    told: set[str] = set()
    for outcome in found:
        for each in outcome.found:
            fresh = [command for command in each.commands if command not in told]
            told.update(fresh)
            if fresh:
                said = " ".join(f"{outcome.check.id}: {each.subject}: {each.message}".split())
                lines += ["", f"# {said}", *fresh]
    by_hand = [
        outcome
        for outcome in found
        if outcome.status.value == _FAIL and not any(each.commands for each in outcome.found)
    ]
    lines += [""] if by_hand else []
    for outcome in by_hand:
        lines.append(f"# by hand: {outcome.check.id}: {outcome.check.remedy}")
    return "\n".join(lines) + "\n"


def _print_outcome(console: Console, outcome: Outcome) -> None:
    mark, colour = _MARKS[outcome.status.value] if outcome.found else _NOTHING
    advice = " (advice)" if outcome.check.advice and outcome.status.value == _FAIL else ""
    title = escape(outcome.check.title)
    _print(console, f"[{colour}]{mark}[/] {title}{advice}", 2)
    if outcome.status.value == _PASS:
        return
    wrong = [each for each in outcome.found if each.status.value != _PASS]
    for each in wrong[:MOST_SHOWN]:
        _print_found(console, each)
    if len(wrong) > MOST_SHOWN:
        console.print(f"      and {len(wrong) - MOST_SHOWN} more; --json has all")
    if outcome.status.value == _FAIL:
        source = escape(_source(outcome.check))
        _print(console, f"→ {escape(outcome.check.remedy)}{source}", 6)


def _print_found(console: Console, found: Found) -> None:
    mark, colour = _MARKS[found.status.value]
    said = found.message
    if found.subject not in said:
        said = f"{found.subject}: {said}"
    _print(console, f"[{colour}]{mark}[/] {escape(said)}", 6)


def _print(console: Console, words: str, indent: int) -> None:
    # Not expanded: nothing is filled up with blanks, which a log would keep.
    console.print(Padding(words, (0, 0, 0, indent), expand=False))


def _source(check: Check) -> str:
    said = ", ".join((*check.sentences, *([check.source] if check.source else ())))
    return f" ({said})" if said else ""
