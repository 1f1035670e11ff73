"""The one comment of a review on a pull request, made or brought up to date over GitHub's API.

PyGithub does the talking: paging, retries after a rate limit or a server's error. Here is only
which comment is ours and what a refusal means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from github import Auth, Github, GithubException, GithubRetry
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest

from imagefleet.offline.engine import WorkspaceError
from imagefleet.review.markdown_report import MARKER

DEFAULT_API = "https://api.github.com"
_SECONDS = 30
_RETRIES = 5
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.]|-(?!-)){0,59}")
_FORBIDDEN = 403
_MEANINGS: Mapping[int, str] = {
    401: "the token is not valid; give the job GITHUB_TOKEN",
    403: "the token may not comment; the job needs `permissions: pull-requests: write`, and a "
    "pull request of a fork gets no such token: write a job summary there",
    404: "there is no such pull request, or the token cannot see the repository",
    422: "the comment is not accepted; its text may be too long (65,536 characters at most)",
    429: "too many requests; run the job again later",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a comment goes: `repository` is OWNER/NAME, `api` the root of GitHub's API.

    `key` tells apart the comments of several projects on one pull request.
    """

    repository: str
    number: int
    token: str = field(repr=False)
    api: str = DEFAULT_API
    key: str = ""
    retry_wait_seconds: float = 1


def put_comment(place: Place, body: str) -> str:
    """Make the review's comment or bring it up to date; return `made`, `updated` or `unchanged`.

    The comment is found by the marker in its first line and by who wrote it, on every page of
    comments. Raises `WorkspaceError` with what a refusal means and what to do.
    """
    if not _REPOSITORY.fullmatch(place.repository):
        message = f"'{place.repository}' is no repository; expected OWNER/NAME"
        raise WorkspaceError(message)
    if place.key and not _KEY.fullmatch(place.key):
        message = f"'{place.key}' is no key; letters, digits, dots and dashes, at most 60"
        raise WorkspaceError(message)
    marker = MARKER if not place.key else MARKER.replace(" -->", f" {place.key} -->")
    marked = f"{marker}\n{body.removeprefix(MARKER).lstrip()}"
    client = Github(
        auth=Auth.Token(place.token),
        base_url=place.api,
        lazy=True,
        timeout=_SECONDS,
        per_page=100,
        retry=GithubRetry(total=_RETRIES, secondary_rate_wait=place.retry_wait_seconds),
        # GitHub asks for no more; a comment is two or three requests.
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    try:
        pull = client.get_repo(place.repository).get_pull(place.number)
        return _put(pull, marked, marker)
    except GithubException as error:
        raise WorkspaceError(_said(error, place)) from error
    except OSError as error:
        message = f"{place.api} cannot be reached: {type(error).__name__}"
        raise WorkspaceError(message) from error
    finally:
        client.close()


def _put(pull: PullRequest, body: str, marker: str) -> str:
    ours = _ours(pull, marker)
    if ours is None:
        pull.create_issue_comment(body)
        return "made"
    if ours.body.replace("\r\n", "\n").strip() == body.strip():
        return "unchanged"
    ours.edit(body)
    return "updated"


def _ours(pull: PullRequest, marker: str) -> IssueComment | None:
    """Return our comment; a person's that quotes the marker is not ours: bots alone write it."""
    for comment in pull.get_issue_comments():
        # The user of a comment is null where its account is gone.
        bot = getattr(comment.user, "type", "") == "Bot"
        if bot and (comment.body or "").startswith(marker):
            return comment
    return None


def _said(error: GithubException, place: Place) -> str:
    told = error.data.get("message", "") if isinstance(error.data, Mapping) else ""
    meaning = _MEANINGS.get(error.status, "try again; GitHub's status page may say more")
    if error.status == _FORBIDDEN and "rate limit" in str(told).lower():
        meaning = _MEANINGS[429]
    where = f"pull request {place.number} of {place.repository}"
    return f"GitHub refuses the comment on {where} ({error.status} {told}): {meaning}"
