"""What a review found, as the answers of a check: one form for all reports that machines read.

The same findings as in the comment: mandatory and advisory ones, what is undecided, waivers. A
preview that failed, and one that no policy pack judged, are faults of the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from imagefleet.domain.judgements import (
    Result,
    Review,
    RuleFacts,
    RunFault,
    SourcePlace,
    Verdict,
)
from imagefleet.review import redaction
from imagefleet.review.change_words import verdict
from imagefleet.review.changes import StackReview
from imagefleet.review.policy_words import Kind, PolicyWord
from imagefleet.review.wording import safe

_SENTENCE = re.compile(r"D\d+")
_STRICTEST = ("mandatory", "advisory")
_FAULTS = {
    "failed": "the preview failed",
    "not judged": "no policy pack judged this",
}


class Places(Protocol):
    """Who knows where things stand in the files of the project."""

    def of(
        self, urn: str, prop: str, position: SourcePlace | None
    ) -> tuple[SourcePlace | None, tuple[SourcePlace, ...]]:
        """Return where a resource's property is set, and where else to look."""

    def of_stack(self, stack: str) -> SourcePlace | None:
        """Return the stack's own file."""

    def of_error(self, stack: str, text: str) -> Sequence[tuple[str, SourcePlace | None]]:
        """Return the parts of an error that each have a place."""


def answers(
    reviews: Sequence[StackReview], places: Places, *, version: str, noted: bool = False
) -> Review:
    """Return what was found in all stacks, in their order, the weightiest first.

    A rule that judged a stack and found nothing there has passed. With `noted`, what only Azure can
    answer is among the undecided.
    """
    rules: dict[str, RuleFacts] = {}
    results: list[Result] = []
    for review in reviews:
        found = list(_results(review, places, noted=noted))
        results += found
        named = {result.rule.id for result in found}
        for result in found:
            rules[result.rule.id] = _stricter(result.rule, rules.get(result.rule.id))
        for rule in review.asked:
            facts = rules.setdefault(rule, _only_named(rule))
            if rule not in named:
                results.append(_passed(facts, review.stack))
    return Review(
        subject=", ".join(review.stack for review in reviews),
        checker="imagefleet review",
        version=version,
        rules=tuple(facts for _, facts in sorted(rules.items())),
        results=tuple(_with_known_rule(result, rules) for result in results),
        faults=tuple(fault for review in reviews for fault in _faults(review, places)),
    )


def _results(review: StackReview, places: Places, *, noted: bool) -> Iterator[Result]:
    positions = {safe(step.urn): step.place for step in review.steps}
    for word in review.words:
        if noted or word.kind is not Kind.NOTED:
            yield _result(word, review.stack, places, positions.get(word.urn))


def _result(word: PolicyWord, stack: str, places: Places, position: SourcePlace | None) -> Result:
    prop = word.path.rpartition(": ")[2]
    place, related = places.of(word.urn, prop, position) if word.urn else (None, ())
    result = Result(
        rule=_facts(word),
        resource=word.urn or f"stack {safe(stack)}",
        urn=word.urn,
        verdict=Verdict.FAIL,
        path=word.path or None,
        actual=word.actual or None,
        needed=word.needed or None,
        place=place or places.of_stack(stack),
        related=related,
    )
    return _OF_KIND.get(word.kind, _as_it_is)(result, word)


def _as_it_is(result: Result, _: PolicyWord) -> Result:
    return result


def _undecided(result: Result, word: PolicyWord) -> Result:
    """A doubt is worded as a predicate; the needed answer names the rule that is undecided."""
    return replace(
        result,
        verdict=Verdict.UNDECIDED,
        actual=f"is {word.actual}; needed: {word.needed}" if word.path else word.actual,
        needed=None,
        cause="external" if word.kind is Kind.NOTED else None,
    )


def _waiver(result: Result, word: PolicyWord) -> Result:
    """A waiver in force accepts findings of its rule; one that is not is a finding itself."""
    if not word.waives:
        return result
    return replace(
        result,
        rule=_only_named(word.waives),
        verdict=Verdict.WAIVED,
        path=None,
        actual=None,
        needed=None,
        cause=word.actual.replace("waiving ", "", 1),
    )


_OF_KIND: Mapping[Kind, Callable[[Result, PolicyWord], Result]] = {
    Kind.UNDECIDED: _undecided,
    Kind.NOTED: _undecided,
    Kind.WAIVER: _waiver,
}


def _facts(word: PolicyWord) -> RuleFacts:
    sources = [source for source in word.sources.split(", ") if source]
    return RuleFacts(
        id=word.rule,
        summary=word.summary or word.rule,
        kind="",
        level=word.level,
        severity=word.severity,
        sentences=tuple(source for source in sources if _SENTENCE.fullmatch(source)),
        remedy=word.remedy,
        url=next((source for source in sources if source.startswith("docs/")), ""),
    )


def _only_named(rule: str) -> RuleFacts:
    """Return what the events of a preview tell of a rule that found nothing."""
    return RuleFacts(id=rule, summary=rule, kind="", level="", severity="", sentences=(), remedy="")


def _stricter(one: RuleFacts, other: RuleFacts | None) -> RuleFacts:
    """Return the facts of the level that refuses; a rule that is only named has none."""
    return min([one, *([other] if other else [])], key=lambda facts: _rank(facts.level))


def _rank(level: str) -> int:
    return _STRICTEST.index(level) if level in _STRICTEST else len(_STRICTEST)


def _with_known_rule(result: Result, rules: Mapping[str, RuleFacts]) -> Result:
    """Let a waiver and a pass say what is known of their rule from elsewhere."""
    return result if result.rule.level else replace(result, rule=rules[result.rule.id])


def _passed(rule: RuleFacts, stack: str) -> Result:
    return Result(rule=rule, resource=f"stack {safe(stack)}", urn="", verdict=Verdict.PASS)


def _faults(review: StackReview, places: Places) -> Iterator[RunFault]:
    subject = f"stack {safe(review.stack)}"
    for error in review.errors:
        for text, place in places.of_error(review.stack, redaction.text(error)):
            yield RunFault(
                subject=subject,
                text=safe(text),
                place=place or places.of_stack(review.stack),
            )
    reason = _FAULTS.get(verdict(review))
    if reason is not None and not review.errors:
        yield RunFault(subject=subject, text=reason, place=places.of_stack(review.stack))
