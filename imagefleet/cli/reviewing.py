"""`imagefleet review`: base and head of every stack rehearsed, and the difference reported."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from imagefleet.cli import costing, files, revisions
from imagefleet.cli.cost_changes import costs_of
from imagefleet.cli.review_reports import ReviewReports
from imagefleet.domain.prices import PriceList
from imagefleet.offline.engine import WorkspaceError
from imagefleet.offline.workspace import Project, find_project
from imagefleet.review.changes import CostLine, StackReview, review_of
from imagefleet.review.cost_lines import cost_lines, cost_note
from imagefleet.review.deployments import read_deployment, run_between
from imagefleet.review.run import CUT_OFF, Run, errors_in, read_events, run_of

EXIT_REFUSED = 1
# A rehearsal keeps a core busy; more at once only wait for each other.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a review, as the command line gives them."""

    base: str | None = None
    stacks: Sequence[str] = ()
    events: Sequence[str] = ()
    deployments: Sequence[str] = ()
    report_format: str = "markdown"
    output: Path | None = None
    html: Path | None = None
    sarif: Path | None = None
    junit: Path | None = None
    annotate: bool = False
    policy_config: Path | None = None
    prices: Path | None = None

    @property
    def beside(self) -> dict[str, Path | None]:
        """The files to write beside the output, by their format."""
        return {"html": self.html, "sarif": self.sarif, "junit": self.junit}


def review(options: Options) -> int:
    """Write the review and return the exit code: 1 where a stack must not be merged, else 0.

    Raises `WorkspaceError` or `RunInputError` for unusable input, before anything is run.
    """
    for path in (options.output, *options.beside.values()):
        files.require_writable(path)
    if options.annotate and options.output is None:
        message = "--annotate prints to the terminal; give --output FILE for the review itself"
        raise WorkspaceError(message)
    if options.policy_config is not None and not options.policy_config.is_file():
        message = f"--policy-config {options.policy_config} is no file"
        raise WorkspaceError(message)
    sources = (options.base, options.events or None, options.deployments or None)
    if sum(source is not None for source in sources) != 1:
        message = "name one of --base, --events and --deployments: that is what is reviewed"
        raise WorkspaceError(message)
    _refuse_without_base(options)
    if options.base is not None:
        reviews = between_revisions(options)
    elif options.events:
        reviews = [_from_events(each) for each in options.events]
    else:
        reviews = [_from_deployments(each) for each in options.deployments]
    _write(reviews, options)
    return EXIT_REFUSED if any(each.refused for each in reviews) else 0


def _refuse_without_base(options: Options) -> None:
    """Raise `WorkspaceError` for what has a meaning only where this command runs both sides."""
    given = {
        "--prices": options.prices,
        "--policy-config": options.policy_config,
        "--stack": options.stacks or None,
    }
    useless = [name for name, value in given.items() if value is not None]
    if useless and options.base is None:
        message = f"{useless[0]} needs --base: what was run elsewhere stands as it was run"
        raise WorkspaceError(message)


def _write(reviews: Sequence[StackReview], options: Options) -> None:
    """Write every report that is asked for."""
    read = next((Path(each.partition("=")[2]) for each in options.events), None)
    reports = ReviewReports(reviews, base=options.base or "", input_file=read)
    text = reports.render(options.report_format)
    if options.output is None:
        typer.echo(text, nl=False)
    else:
        files.write(options.output, text)
    for report_format, path in options.beside.items():
        if path is not None:
            files.write(path, reports.render(report_format))
    if options.annotate:
        typer.echo(reports.render("github"), nl=False)


def between_revisions(options: Options) -> list[StackReview]:
    """Return the reviews of the project here against a revision of it, in order of stacks."""
    project = find_project(Path.cwd())
    commit = revisions.commit_of(project, options.base or "")
    with tempfile.TemporaryDirectory(prefix="imagefleet-review-") as folder:
        pair = _Pair.check_out(project, commit, Path(folder), options)
        wanted = pair.stacks(options.stacks)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(pair.review, wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Both sides of a review; `base` is None where the base has no project here.

    `judged` says whether either side has a policy pack: a change must not get rid of it unseen.
    """

    base: Project | None
    head: Project
    folder: Path
    judged: bool
    policy_config: Path | None
    prices: PriceList | None

    @classmethod
    def check_out(cls, head: Project, commit: str, folder: Path, options: Options) -> _Pair:
        """Lay both sides out; the base's below `folder`."""
        found = revisions.check_out(head, commit, folder / "base")
        if found.project is not None:
            revisions.without_pack(found.project)
        config = options.policy_config.resolve() if options.policy_config else None
        return cls(
            base=found.project,
            head=head,
            folder=folder,
            judged=revisions.has_pack(head) or found.judged,
            policy_config=config,
            prices=costing.read_prices(options.prices),
        )

    def stacks(self, wanted: Sequence[str]) -> list[str]:
        """Return the stacks to review; raises `WorkspaceError` for one that no side has."""
        known = sorted({*self.head.stacks(), *(self.base.stacks() if self.base else ())})
        strange = [stack for stack in wanted if stack not in known]
        if strange or not known:
            names = ", ".join(known) or "none"
            what = (
                f"there is no stack '{strange[0]}' here or in the base" if strange else "no stack"
            )
            message = f"{what}; stacks: {names}"
            raise WorkspaceError(message)
        return list(dict.fromkeys(wanted)) or known

    def review(self, stack: str) -> StackReview:
        """Bring the base up, preview the head on it, and return what the head would change."""
        state = self.folder / "state" / stack
        state.mkdir(parents=True)
        notes, export = self._bring_up(stack, state)
        if stack not in self.head.stacks():
            return self._removed(stack, notes, export)
        events = self._file(stack, "head.events")
        told = revisions.imagefleet(
            self.head,
            (
                *("rehearse", "--stack", stack, "--engine", "embedded", "--preview-only"),
                *("--state", str(state.parent), "--events", str(events)),
                *(("--policy-config", str(self.policy_config)) if self.policy_config else ()),
            ),
        )
        text = events.read_text(encoding="utf-8") if events.is_file() else ""
        run = run_of(read_events(text))
        if told.code and (run.succeeded or run.errors == (CUT_OFF,)):
            run = replace(run, errors=(told.complaint or "the preview ended early",))
            run = replace(run, succeeded=False)
        cost, cost_notes = self._costs(stack)
        notes += cost_notes
        return review_of(stack, run, notes=tuple(notes), judging_expected=self.judged, cost=cost)

    def _file(self, stack: str, name: str) -> Path:
        """Return the place of a file of one stack, which no other stack's name can lead to."""
        folder = self.folder / "files" / stack
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def _costs(self, stack: str) -> tuple[tuple[CostLine, ...], list[str]]:
        if self.prices is None:
            return (), []
        today = datetime.now(tz=UTC).date()
        sides = [costs_of(side, stack, self.prices, today) for side in (self.base, self.head)]
        lines = cost_lines(*sides)
        return lines, [cost_note(*sides)] if lines else []

    def _bring_up(self, stack: str, state: Path) -> tuple[list[str], Path | None]:
        if self.base is None or stack not in self.base.stacks():
            return ["The base does not have this stack: everything is new."], None
        export, events = self._file(stack, "base.json"), self._file(stack, "base.events")
        told = revisions.imagefleet(
            self.base,
            (
                *("rehearse", "--stack", stack, "--engine", "embedded", "--yes"),
                *("--state", str(state.parent), "--export", str(export)),
                *("--events", str(events)),
            ),
            # What the base would change is of no interest here, only what it leaves.
            {"IMAGEFLEET_SKIP_PREVIEW": "1"},
        )
        if told.code == 0:
            return [], export
        reasons = errors_in(read_events(_read(events))) if events.is_file() else []
        reason = told.complaint or "; ".join(reasons)
        if not reason and export.is_file():
            return ["The base's pools do not all become steady."], export
        return [f"The base could not be brought up whole, so more is new here: {reason}"], export

    def _removed(self, stack: str, notes: list[str], export: Path | None) -> StackReview:
        gone = "The stack file is gone. Nothing deletes what it made: destroy the stack first."
        run = Run()
        if export is not None and export.is_file():
            run = run_between(read_deployment(export.read_text(encoding="utf-8")), None)
        cost, cost_notes = self._costs(stack)
        notes = [*notes, gone, *cost_notes]
        return review_of(stack, run, notes=tuple(notes), judging_expected=False, cost=cost)


def _from_events(argument: str) -> StackReview:
    """Return the review of a preview that was run elsewhere, `STACK=FILE`."""
    stack, _, file = argument.partition("=")
    if not stack or not file:
        message = f"--events {argument} is not of the form STACK=FILE"
        raise WorkspaceError(message)
    return review_of(stack, run_of(read_events(_read(Path(file)), name=file)))


def _from_deployments(argument: str) -> StackReview:
    """Return the review of the way from one deployment to another; no policy judges it here."""
    stack, _, files_named = argument.partition("=")
    before, _, after = files_named.partition(":")
    if not stack or not before or not after:
        message = f"--deployments {argument} is not of the form STACK=BEFORE:AFTER"
        raise WorkspaceError(message)
    sides = (read_deployment(_read(Path(file)), name=file) for file in (before, after))
    return review_of(stack, run_between(*sides), judging_expected=False)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}"
        raise WorkspaceError(message) from error
