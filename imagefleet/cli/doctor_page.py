"""What `doctor` shows: a line for each check, what is wrong under it, or a script that mends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from imagefleet.cli.terminal import plural
from imagefleet.cli.wrapping import print_hanging
from imagefleet.domain.clouds import Cloud, profile

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
    console.print()
    summed = f"{plural(len(found), 'check')}, {plural(calls, 'call')}: {sums or 'none'}"
    print_hanging(console, summed, 0)
    if any(each.commands or each.by_hand for outcome in found for each in outcome.found):
        console.print("`imagefleet doctor --fix-script` prints commands that would mend it.")


def print_checks(console: Console, checks: Sequence[Check]) -> None:
    """Print what is checked."""
    for check in checks:
        console.print(f"[bold]{check.id}[/]{_source(check)}", soft_wrap=True)
        print_hanging(console, escape(check.title), 4, hanging=0)


def script(stack: str, cloud: Cloud, found: Sequence[Outcome], *, complete: bool) -> str:
    """A shell script of the commands that would mend what fails; it says what each is for.

    What takes something away stands in it as a comment, with the reason.
    """
    lines = [
        "#!/bin/sh",
        _comment(f"What would mend stack {stack}, as `imagefleet doctor` has seen it."),
        "# Read it before you run it: nothing of it has been run.",
        *([] if complete else ["# Not complete: the doctor was stopped."]),
    ]
    body = [line for outcome in found for each in outcome.found for line in _mends(outcome, each)]
    if any(each.commands for outcome in found for each in outcome.found):
        lines += ["set -eu", *_in_cloud(profile(cloud).cli_name)]
    by_hand = [
        _comment(f"by hand: {outcome.check.id}: {outcome.check.remedy}")
        for outcome in found
        if outcome.status.value == _FAIL
        and not any(each.commands or each.by_hand for each in outcome.found)
    ]
    lines += [*dict.fromkeys(body)] + (["", *by_hand] if by_hand else [])
    return "\n".join(lines) + "\n"


def _mends(outcome: Outcome, each: Found) -> Iterator[str]:
    if each.commands or each.by_hand:
        said = f"{outcome.check.id}: {each.subject}: {each.message}"
        yield f"\n{_comment(said)}"
    yield from each.commands
    for by_hand in each.by_hand:
        yield _comment(f"Not run by this script: {by_hand.why}.")
        # A quoted word may hold the end of a line, which would end the comment too.
        yield from (f"#   {line}" for line in by_hand.command.splitlines())


def _in_cloud(name: str) -> Sequence[str]:
    """Lines that end the script where Azure CLI is turned to another cloud."""
    chosen = "$(az cloud show --query name --output tsv)"
    return (
        f'if [ "{chosen}" != {shlex.quote(name)} ]; then',
        f"  echo {shlex.quote(f'choose the cloud first: az cloud set --name {name}')} >&2",
        "  exit 2",
        "fi",
    )


def _comment(words: str) -> str:
    return f"# {' '.join(words.split())}"


def _print_outcome(console: Console, outcome: Outcome) -> None:
    mark, colour = _MARKS[outcome.status.value] if outcome.found else _NOTHING
    advice = " (advice)" if outcome.check.advice and outcome.status.value == _FAIL else ""
    title = escape(outcome.check.title)
    print_hanging(console, f"[{colour}]{mark}[/] {title}{advice}", 2)
    if outcome.status.value == _PASS:
        return
    wrong = [each for each in outcome.found if each.status.value != _PASS]
    for each in wrong[:MOST_SHOWN]:
        _print_found(console, each)
    if len(wrong) > MOST_SHOWN:
        console.print(f"      and {len(wrong) - MOST_SHOWN} more; --json has all")
    if outcome.status.value == _FAIL:
        source = escape(_source(outcome.check))
        print_hanging(console, f"→ {escape(outcome.check.remedy)}{source}", 6)


def _print_found(console: Console, found: Found) -> None:
    mark, colour = _MARKS[found.status.value]
    said = found.message
    if found.subject not in said:
        said = f"{found.subject}: {said}"
    print_hanging(console, f"[{colour}]{mark}[/] {escape(said)}", 6)


def _source(check: Check) -> str:
    said = ", ".join((*check.sentences, *([check.source] if check.source else ())))
    return f" ({said})" if said else ""
