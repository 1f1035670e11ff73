"""The answers of a check as workflow commands of GitHub Actions: annotations beside the lines.

Errors refuse, warnings are undecided, notices are advice and waivers: GitHub shows ten of each in
a step, so that no kind crowds out another. What several findings of a rule say of one line is one
annotation. A command is one line whatever is in it: `%`, line ends, and in properties `:` and `,`
are written as GitHub documents ("Workflow commands for GitHub Actions").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from imagefleet.domain.judgements import Result, Review, SourcePlace, Verdict
from imagefleet.review.wording import ECHOES, local_name, safe, sentence

_ERROR, _WARNING, _NOTICE = "error", "warning", "notice"
_ORDER = (_ERROR, _WARNING, _NOTICE)
_MOST_SENTENCES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """One thing to say at one place; `hint` is the same for all of a title."""

    command: str
    title: str
    place: SourcePlace | None
    text: str
    hint: str = ""

    @property
    def key(self) -> tuple[int, str, int, str]:
        """What sorts annotations, and makes one of several."""
        file, line = (self.place.uri, self.place.line or 0) if self.place else ("", 0)
        return _ORDER.index(self.command), file, line, self.title


def render(review: Review) -> str:
    """Return the commands, one a line, errors first; nothing at all where nothing is to say."""
    grouped: dict[tuple[int, str, int, str], list[_Note]] = {}
    for note in _notes(review):
        grouped.setdefault(note.key, []).append(note)
    return "".join(f"{_command(notes)}\n" for _, notes in sorted(grouped.items()))


def _notes(review: Review) -> Iterator[_Note]:
    for fault in review.faults:
        yield _Note(
            command=_ERROR,
            title=f"{review.checker}: {fault.subject}",
            place=fault.place,
            text=fault.text,
        )
    for result in review.results:
        if command := _command_of(result):
            yield _Note(
                command=command,
                title=result.rule.id,
                place=result.place,
                text=": ".join(filter(None, [local_name(result), sentence(result)])),
                hint="" if result.verdict is Verdict.WAIVED else result.rule.remedy,
            )


def _command_of(result: Result) -> str:
    """Return the command for a result, none where no line of a change could answer it."""
    if result.stops:
        return _ERROR
    if result.verdict is Verdict.UNDECIDED:
        return "" if result.cause == "external" else _WARNING
    if result.verdict is Verdict.FAIL:
        return "" if result.rule.id in ECHOES else _NOTICE
    return _NOTICE if result.verdict is Verdict.WAIVED else ""


def _command(notes: Sequence[_Note]) -> str:
    first = notes[0]
    texts = list(dict.fromkeys(safe(note.text) for note in notes))
    lines = texts[:_MOST_SENTENCES]
    if len(texts) > len(lines):
        lines.append(f"and {len(texts) - len(lines):,} more")
    if first.hint:
        lines.append(f"Remedy: {safe(first.hint)}")
    properties = [*_place(first.place), ("title", safe(first.title))]
    written = ",".join(f"{name}={_property(value)}" for name, value in properties)
    return f"::{first.command} {written}::{_data(chr(10).join(lines))}"


def _place(place: SourcePlace | None) -> Iterator[tuple[str, str]]:
    """Yield file, line and column; a file outside of the repository is none that GitHub knows."""
    if place is None or urlsplit(place.uri).scheme:
        return
    yield "file", unquote(place.uri)
    if place.line is not None:
        yield "line", str(place.line)
        if place.column is not None:
            yield "col", str(place.column)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
