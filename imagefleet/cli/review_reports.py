"""A review in every form that it is asked for, written from one run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from imagefleet.cli.finding_places import FindingPlaces, uri_of
from imagefleet.domain.judgements import Review
from imagefleet.review import (
    change_json,
    github_report,
    html_report,
    junit_report,
    markdown_report,
    sarif_report,
)
from imagefleet.review.answers import answers
from imagefleet.review.changes import StackReview


class ReviewReports:
    """The reports about some stacks; `base` names what they are compared with.

    `input_file` is what was read instead of a project, for findings that have no better place.
    """

    def __init__(
        self, reviews: Sequence[StackReview], *, base: str = "", input_file: Path | None = None
    ) -> None:
        self._reviews, self._base = reviews, base
        self._input = input_file

    def render(self, report_format: str) -> str:
        """Return the report: markdown, html, json, sarif, junit or github."""
        return {
            "markdown": self._markdown,
            "html": self._html,
            "json": self._json,
            "sarif": self._sarif,
            "junit": self._junit,
            "github": self._github,
        }[report_format]()

    @cached_property
    def _places(self) -> FindingPlaces:
        return FindingPlaces.here()

    @cached_property
    def _found(self) -> Review:
        return answers(self._reviews, self._places, version=version("imagefleet"))

    def _markdown(self) -> str:
        return markdown_report.render(self._reviews, base=self._base)

    def _html(self) -> str:
        return html_report.render(self._reviews, base=self._base)

    def _json(self) -> str:
        found = answers(self._reviews, self._places, version=version("imagefleet"), noted=True)
        return change_json.render(self._reviews, found, base=self._base)

    def _sarif(self) -> str:
        file = self._input or Path("Pulumi.yaml")
        return sarif_report.render(
            self._found,
            tool_version=version("imagefleet"),
            artifact=uri_of(file),
        )

    def _junit(self) -> str:
        return junit_report.render(self._found)

    def _github(self) -> str:
        return github_report.render(self._found)
