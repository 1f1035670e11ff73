"""What policies said, grouped by rule and by sentence; put ever more briefly, always counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from imagefleet.review.budget import Steps
from imagefleet.review.changes import StackReview
from imagefleet.review.markdown_text import LONGEST_SENTENCE, code, escape
from imagefleet.review.policy_words import Kind, PolicyWord
from imagefleet.review.wording import count

# How many sentences of a rule, and names behind each, a form shows; the last form has neither.
_SIZES = (10_000, 200, 50, 20, 8, 3, 1)
_NAME = 80
# After every waiver that ends some day.
_NO_DAY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One word of a policy and the stack that it is about."""

    stack: str
    word: PolicyWord


def findings(
    reviews: Sequence[StackReview],
    kind: Kind,
    heading: str,
    wrap: Callable[[str, str], str],
    least: int,
) -> Steps | None:
    """Return a part about everything of one kind, None where there is nothing.

    `wrap` makes the section of heading and body. Every form counts every finding and names every
    rule; of more rules than there is room for, the last form counts the rest. It takes `least`
    characters where there is no more room.
    """
    said = [_Said(stack=each.stack, word=word) for each in reviews for word in each.of(kind)]
    if not said:
        return None
    title = f"{heading} ({len(said):,})"
    stacks = len(reviews) > 1

    def form(size: int) -> str:
        return wrap(title, "\n".join(_rules(said, size, stacks=stacks)))

    def last(budget: int) -> str:
        return wrap(title, f"{_named(said, budget - len(wrap(title, '')))}\n\n{_cut_note()}")

    return Steps(forms=[partial(form, size) for size in _SIZES], last=last, least=least)


def _named(said: Sequence[_Said], room: int) -> str:
    """Return the rules with their numbers of findings; those without room are counted."""
    groups = _by_rule(said)
    named = [f"{code(rule)} {len(group):,}" for rule, group in groups]
    room -= len(f"\n\n{_cut_note()}")
    if len(", ".join(named)) <= room:
        return ", ".join(named)
    room -= len(f" and {_rest(len(groups), len(said), more=True)}")
    shown = 0
    while shown < len(named) and room >= len(named[shown]) + len(", "):
        room -= len(named[shown]) + len(", ")
        shown += 1
    left = sum(len(group) for _, group in groups[shown:])
    rest = _rest(len(groups) - shown, left, more=shown > 0)
    return f"{', '.join(named[:shown])} and {rest}" if shown else rest


def _rest(rules: int, found: int, *, more: bool) -> str:
    return (
        f"{rules:,}{' more' if more else ''} rule{'' if rules == 1 else 's'},"
        f" {found:,} finding{'' if found == 1 else 's'}"
    )


def _rules(said: Sequence[_Said], size: int, *, stacks: bool) -> Iterator[str]:
    shortened = False
    for rule, group in _by_rule(said):
        first = group[0].word
        facts = ", ".join(filter(None, [first.severity, _sentences(first.sources)]))
        about = f" ({escape(facts)})" if facts else ""
        summary = f": {escape(first.summary)}" if first.summary else ""
        yield f"- **{code(rule)}**{about}{summary}"
        sentences = _by_sentence(group)
        for sentence, same in sentences[:size]:
            yield f"  - {escape(sentence, LONGEST_SENTENCE)} {_names(same, size, stacks=stacks)}"
            shortened |= len(same) > size
        if len(sentences) > size:
            shortened = True
            left = sum(len(same) for _, same in sentences[size:])
            yield f"  - and {count(left, 'more finding')} of this rule"
        if first.remedy:
            yield f"  - _Remedy:_ {escape(first.remedy, LONGEST_SENTENCE)}"
    if shortened:
        yield f"\n{_cut_note()}"


def _sentences(sources: str) -> str:
    """Return the sentences of the document, without the page that is named after the rule."""
    return ", ".join(each for each in sources.split(", ") if not each.startswith("docs/"))


def _names(same: Sequence[_Said], size: int, *, stacks: bool) -> str:
    shown = [
        f"{code(each.stack)} {code(each.word.resource, _NAME)}"
        if stacks
        else code(each.word.resource, _NAME)
        for each in same[:size]
    ]
    more = f" and {len(same) - size:,} more" if len(same) > size else ""
    return f"({', '.join(shown)}{more})"


def _by_rule(said: Sequence[_Said]) -> list[tuple[str, list[_Said]]]:
    groups: dict[str, list[_Said]] = {}
    for each in said:
        groups.setdefault(each.word.rule, []).append(each)
    return list(groups.items())


def _by_sentence(group: Sequence[_Said]) -> list[tuple[str, list[_Said]]]:
    groups: dict[tuple[int, str], list[_Said]] = {}
    for each in group:
        days = each.word.days_left
        soonest = days if days is not None else _NO_DAY
        groups.setdefault((soonest, each.word.sentence), []).append(each)
    return [(sentence, groups[days, sentence]) for days, sentence in sorted(groups)]


def _cut_note() -> str:
    return "_Put briefly to fit: `imagefleet policy check` on the deployment names every resource._"
