"""The answers of a check for people: what has to change first, sums last, 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from imagefleet.domain.judgements import Result, Review, RuleFacts, Verdict
from imagefleet.review.wording import ECHOES, count, local_name, safe, sentence

WIDTH = 80


def render(review: Review) -> str:
    """Return the report; findings of mandatory rules come before those of advisory ones."""
    failed = _findings(review)
    blocks = [
        *_section("FAIL", [each for each in failed if each.stops], remedy=True),
        *_section("WARN", [each for each in failed if not each.stops], remedy=True),
        *_section("UNDECIDED", review.having(Verdict.UNDECIDED), remedy=False),
        *_section("WAIVED", review.having(Verdict.WAIVED), remedy=False),
        "\n".join(_sums(review)),
    ]
    return "\n\n".join(blocks) + "\n"


def _findings(review: Review) -> list[Result]:
    failed = review.having(Verdict.FAIL)
    return [each for each in failed if each.stops or each.rule.id not in ECHOES]


def _section(heading: str, results: Iterable[Result], *, remedy: bool) -> Iterator[str]:
    by_rule: dict[str, list[Result]] = {}
    for result in results:
        by_rule.setdefault(result.rule.id, []).append(result)
    for group in by_rule.values():
        yield "\n".join(_rule_block(heading, group[0].rule, group, remedy=remedy))


def _rule_block(
    heading: str, rule: RuleFacts, group: Iterable[Result], *, remedy: bool
) -> Iterator[str]:
    facts = ", ".join(filter(None, [rule.level, rule.severity]))
    sources = f" [{', '.join(rule.sentences)}]" if rule.sentences else ""
    yield from _wrapped(f"{heading} {rule.id} ({facts}){sources}", 0)
    yield from _wrapped(safe(rule.summary), 2)
    for result in group:
        yield from _wrapped(f"- {local_name(result)}", 2)
        yield from _wrapped(sentence(result), 6)
    if remedy and rule.remedy:
        yield from _wrapped(f"Remedy: {safe(rule.remedy)}", 2)


def _sums(review: Review) -> Iterator[str]:
    failed = _findings(review)
    mandatory = sum(1 for each in failed if each.stops)
    sums = [
        count(mandatory, "mandatory failure"),
        count(len(failed) - mandatory, "advisory finding"),
        f"{len(review.having(Verdict.UNDECIDED))} undecided",
        f"{len(review.having(Verdict.WAIVED))} waived",
        f"{len(review.having(Verdict.PASS))} passed",
    ]
    of_program = all(rule.kind == "program" for rule in review.rules)
    judged = {
        result.place.uri if of_program and result.place else result.urn or result.resource
        for result in review.results
    }
    noun = "file" if of_program else "resource"
    looked = f"{count(len(judged), noun)} under {count(len(review.rules), 'rule')}"
    yield from _wrapped(f"{safe(review.subject)}: {looked}", 0)
    yield from _wrapped(f"{', '.join(sums)}.", 0)


def _wrapped(text: str, indent: int) -> list[str]:
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
    )
    return [line.rstrip() for line in lines]
