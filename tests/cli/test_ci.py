"""`imagefleet ci` against a server that behaves like GitHub's API, over HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from imagefleet.review.markdown_report import MARKER
from tests.cli.projects import Project

TOKEN = "ghs_local"  # noqa: S105 of no server but the one below
BODY = f"{MARKER}\n## imagefleet review\n"
MOST = 65_536


class FakeGitHub(ThreadingHTTPServer):
    """Keeps the comments of pull request 7 of o/r; `answers` are refusals to give first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.comments: list[dict] = []
        self.answers: list[tuple[int, dict, dict]] = []
        self.requests: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, body: str, kind: str = "Bot") -> dict:
        number = len(self.comments) + 1
        url = f"{self.url}/repos/o/r/issues/comments/{number}"
        user = {"login": "github-actions[bot]", "type": kind, "url": f"{self.url}/users/x"}
        self.comments.append({"id": number, "url": url, "body": body, "user": user})
        return self.comments[-1]


class Handler(BaseHTTPRequestHandler):
    server: FakeGitHub

    def _answer(self, status: int, document, headers=None) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = json.loads(self.rfile.read(length)) if length else {}
        server, parts = self.server, urlsplit(self.path)
        server.requests.append((self.command, parts.path))
        if self.headers.get("Authorization") != f"token {TOKEN}":
            self._answer(401, {"message": "Bad credentials"})
        elif server.answers:
            self._answer(*server.answers.pop(0))
        elif len(sent.get("body", "")) > MOST:
            self._answer(422, {"message": "Validation Failed", "errors": [{"code": "custom"}]})
        elif (self.command, parts.path) == ("GET", "/repos/o/r/pulls/7"):
            root = f"{server.url}/repos/o/r"
            self._answer(
                200,
                {"number": 7, "url": f"{root}/pulls/7", "issue_url": f"{root}/issues/7"},
            )
        elif (self.command, parts.path) == ("GET", "/repos/o/r/issues/7/comments"):
            self._page(parse_qs(parts.query))
        elif (self.command, parts.path) == ("POST", "/repos/o/r/issues/7/comments"):
            self._answer(201, server.add(sent["body"]))
        elif self.command == "PATCH" and parts.path.startswith("/repos/o/r/issues/comments/"):
            comment = server.comments[int(parts.path.rsplit("/", 1)[1]) - 1]
            comment["body"] = sent["body"]
            self._answer(200, comment)
        else:
            self._answer(404, {"message": "Not Found"})

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815 the names that http.server looks for

    def _page(self, query) -> None:
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        shown = self.server.comments[(page - 1) * size : page * size]
        more = len(self.server.comments) > page * size
        url = f"{self.server.url}/repos/o/r/issues/7/comments?per_page={size}&page={page + 1}"
        self._answer(200, shown, {"Link": f'<{url}>; rel="next"'} if more else {})

    def log_message(self, *_) -> None:
        """A test's output is its own."""


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch):
    server = FakeGitHub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_API_URL", server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def comment(project: Project, body: str = BODY, *more: str):
    (project.folder / "review.md").write_text(body, encoding="utf-8")
    return project.run("ci", "comment", "review.md", *(more or ("--pull-request", "7")))


def test_a_comment_is_made_then_brought_up_to_date_in_place(project: Project, github) -> None:
    github.add("thanks!", "User")
    assert comment(project).out == "comment made\n"
    assert comment(project).out == "comment unchanged\n"
    assert comment(project, f"{BODY}\nmore\n").out == "comment updated\n"
    assert [each["body"] for each in github.comments] == ["thanks!", f"{BODY}\nmore\n"]


def test_our_comment_is_found_on_a_later_page(project: Project, github) -> None:
    for number in range(230):
        github.add(f"comment {number}", "User")
    github.add(f"{MARKER}\nold")
    assert comment(project).out == "comment updated\n"
    assert github.comments[230]["body"] == BODY
    assert len(github.comments) == 231


def test_a_person_who_quotes_the_marker_keeps_their_words(project: Project, github) -> None:
    github.add(f"{MARKER}\nlook at this", "User")
    assert comment(project).out == "comment made\n"
    assert github.comments[0]["body"] == f"{MARKER}\nlook at this"


def test_projects_of_one_repository_have_comments_of_their_own(project: Project, github) -> None:
    keyed = ("--pull-request", "7", "--key", "render")
    assert comment(project).out == "comment made\n"
    assert comment(project, BODY, *keyed).out == "comment made\n"
    assert comment(project, f"{BODY}more\n", *keyed).out == "comment updated\n"
    assert comment(project).out == "comment unchanged\n"
    assert [each["body"].splitlines()[0] for each in github.comments] == [
        MARKER,
        "<!-- imagefleet-review render -->",
    ]
    answer = comment(project, BODY, "--pull-request", "7", "--key", "a --> b")
    assert (answer.code, "is no key" in answer.err) == (2, True)


def test_a_comment_whose_account_is_gone_is_passed_by(project: Project, github) -> None:
    github.add(BODY)["user"] = None
    assert comment(project).out == "comment made\n"


def test_the_number_comes_from_the_workflows_event(
    project: Project, github, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = project.folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}), encoding="utf-8")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    (project.folder / "review.md").write_text(BODY, encoding="utf-8")
    assert project.run("ci", "comment", "review.md").out == "comment made\n"
    event.write_text("{}", encoding="utf-8")
    answer = project.run("ci", "comment", "review.md")
    assert (answer.code, "--pull-request" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (403, "Resource not accessible by integration", "pull-requests: write"),
        (404, "Not Found", "no such pull request"),
        (401, "Bad credentials", "GITHUB_TOKEN"),
    ],
)
def test_a_refusal_says_what_to_do(project: Project, github, status, message, said) -> None:
    github.answers = [(status, {"message": message}, {})]
    answer = comment(project)
    assert answer.code == 2
    assert said in answer.err
    assert message in answer.err
    assert TOKEN not in answer.err + answer.out


def test_a_rate_limit_is_waited_out(project: Project, github) -> None:
    limit = {"message": "You have exceeded a secondary rate limit."}
    github.answers = [(403, limit, {"Retry-After": "0"})]
    assert comment(project).out == "comment made\n"
    assert len(github.requests) > 3


def test_a_server_error_is_tried_again(project: Project, github) -> None:
    github.answers = [(502, {"message": "Server Error"}, {})]
    assert comment(project).out == "comment made\n"


def test_a_text_over_githubs_limit_is_named(project: Project, github) -> None:
    answer = comment(project, "x" * (MOST + 1))
    assert answer.code == 2
    assert "65,536" in answer.err


def test_without_a_token_nothing_is_sent(
    project: Project, github, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    answer = comment(project)
    assert (answer.code, github.requests) == (2, [])
    assert "GITHUB_TOKEN" in answer.err


def test_a_repository_of_another_form_is_refused(project: Project, github) -> None:
    answer = comment(project, BODY, "--pull-request", "7", "--repository", "not a repository")
    assert (answer.code, "OWNER/NAME" in answer.err) == (2, True)


def test_a_summary_is_appended(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project.folder / "summary.md"
    file.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    (project.folder / "review.md").write_text(BODY, encoding="utf-8")
    assert project.run("ci", "summary", "review.md").code == 0
    assert file.read_text(encoding="utf-8") == f"before\n{BODY}"
