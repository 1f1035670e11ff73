"""Workflow commands: one line each, whatever is in them, errors first."""

from __future__ import annotations

import dataclasses

import pytest

from imagefleet.domain.judgements import RunFault, SourcePlace, Verdict
from imagefleet.review import github_report
from tests.review.samples import (
    DOUBTED,
    FAILED,
    OTHER,
    PASSED,
    STOPS,
    WAIVED,
    WARNED,
    result,
    review,
)


def commands(*results, faults=()) -> list[str]:
    text = github_report.render(dataclasses.replace(review(*results), faults=tuple(faults)))
    assert text == "" or text.endswith("\n")
    return text.splitlines()


def test_a_finding_is_an_error_at_its_line() -> None:
    (command,) = commands(FAILED)
    assert command == (
        "::error file=__main__.py,line=12,col=3,title=image-generalized::"
        "azure-native:compute:GalleryImage ubuntu: osState is Specialized; needed: Generalized."
        "%0ARemedy: Make a new definition with osState Generalized."
    )


def test_what_refuses_comes_before_what_is_open_and_what_is_told() -> None:
    fault = RunFault(subject="stack dev", text="the preview failed")
    found = commands(PASSED, WAIVED, WARNED, OTHER, DOUBTED, FAILED, faults=[fault])
    assert [each.partition(" ")[0] for each in found] == [
        "::error",
        "::error",
        "::warning",
        "::notice",
        "::notice",
    ]
    assert "::error title=imagefleet%3A stack dev::the preview failed" in found


def test_nothing_to_say_is_nothing() -> None:
    assert commands(PASSED, OTHER) == []


@pytest.mark.parametrize("text", ["%0A::add-mask::x", "a\n::stop-commands::t", "a\r\n::error::b"])
def test_no_text_can_begin_another_command(text: str) -> None:
    hostile = result(
        rule=dataclasses.replace(STOPS, id=f"rule{text}", remedy=text),
        name=text,
        actual=text,
        place=SourcePlace(uri="a%2Cb%3A.py", line=1),
    )
    found = commands(hostile, faults=[RunFault(subject=text, text=text)])
    assert len(found) == 2
    assert all(each.startswith("::error ") for each in found)
    # Of all that came in only what is escaped is left: line ends none, percents doubled.
    assert "%0A::add-mask" not in "\n".join(found)


def test_properties_and_messages_are_escaped_as_documented() -> None:
    odd = result(
        rule=dataclasses.replace(STOPS, id="a:b,c%d", remedy=""),
        actual="50%, or: more",
        place=SourcePlace(uri="with%20blank%2C%3A%25.py", line=3),
    )
    (command,) = commands(odd)
    assert command == (
        "::error file=with blank%2C%3A%25.py,line=3,title=a%3Ab%2Cc%25d::"
        "azure-native:compute:GalleryImage ubuntu: osState is 50%25, or: more; needed: Generalized."
    )


def test_what_a_rule_says_of_one_line_is_one_annotation() -> None:
    place = SourcePlace(uri="Pulumi.dev.yaml", line=7)
    many = [result(name=f"image-{number:02}", place=place) for number in range(30)]
    elsewhere = dataclasses.replace(FAILED, place=dataclasses.replace(place, line=6))
    first, second = commands(*many, elsewhere)
    assert ",line=6," in first
    assert second.count("%0A") == 9
    assert "%0Aand 22 more%0ARemedy: " in second


@pytest.mark.parametrize("uri", ["file:///elsewhere/x.json", "https://host/x"])
def test_a_file_outside_of_the_repository_is_not_named(uri: str) -> None:
    (command,) = commands(result(place=SourcePlace(uri=uri, line=1)))
    assert command.startswith("::error title=image-generalized::")


def test_what_only_azure_can_answer_is_no_annotation() -> None:
    external = dataclasses.replace(DOUBTED, cause="external")
    echo = result(
        rule=dataclasses.replace(STOPS, id="undecided-noted", level="advisory"),
        verdict=Verdict.FAIL,
    )
    assert commands(external, echo) == []
