"""`imagefleet samples`: the command, and the Python sample run up to its HTTPS requests."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import ipaddress
import json
import ssl
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from imagefleet.domain import durations
from imagefleet.domain.clouds import Cloud, profile
from imagefleet.domain.plan import plan
from imagefleet.domain.samples.body import body
from imagefleet.domain.samples.context import context
from imagefleet.domain.samples.routes import ROUTES, Route
from tests.cli.projects import Project
from tests.domain import fleets, sample_fleets

API_VERSION = "2025-06-01"


@dataclass
class Door:
    """An HTTPS server that takes what a Batch client sends and remembers it."""

    url: str
    certificate: Path
    requests: list[tuple[str, str, dict[str, str], object]] = field(default_factory=list)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    certificate = tmp_path / "door.pem"
    certificate.write_bytes(_certificate())
    requests: list = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing on standard error."""

        def answer(self, status: int, document: object | None) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(size)
            requests.append(
                (self.command, self.path, dict(self.headers), json.loads(sent) if sent else None)
            )
            content = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.answer(201, None)

        def do_GET(self) -> None:
            name = self.path.split("?")[0].rsplit("/", 1)[-1]
            self.answer(200, {"id": name, "state": "active", "allocationState": "resizing"})

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(certificate)
    server.socket = secured.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Door(f"https://127.0.0.1:{server.server_port}", certificate, requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "door")])
    now = dt.datetime.now(tz=dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class Token(NamedTuple):
    """What a credential hands out."""

    token: str
    expires_on: int


class SignIn:
    """Stands for DefaultAzureCredential: remembers what it is asked, and hands out a token."""

    asked: list[tuple[str, tuple[str, ...]]]

    def __init__(self, *, authority: str) -> None:
        self._authority = authority

    def get_token(self, *scopes: str, **_: object) -> Token:
        self.asked.append((self._authority, scopes))
        return Token("token", 2**40)


@pytest.mark.parametrize(
    ("planned", "pool", "cloud"),
    [
        (plan(fleets.china()), "large", Cloud.CHINA),
        (plan(sample_fleets.rich()), "all", Cloud.PUBLIC),
        (plan(sample_fleets.rich()), "grows", Cloud.PUBLIC),
        (plan(sample_fleets.rich()), "plain", Cloud.PUBLIC),
    ],
)
def test_the_python_sample_makes_its_pool_over_https(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys, planned, pool: str, cloud: Cloud
) -> None:
    """The whole of it runs: sign-in, client, models, both requests; only Azure is elsewhere."""
    of = context(planned, pool)
    module = types.ModuleType("sample")
    exec(compile(ROUTES[Route.PYTHON](of).text, "sample.py", "exec"), module.__dict__)  # noqa: S102
    monkeypatch.setattr(SignIn, "asked", [], raising=False)
    monkeypatch.setitem(module.__dict__, "DefaultAzureCredential", SignIn)
    monkeypatch.setitem(module.__dict__, "ENDPOINT", door.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(door.certificate))
    module.main()
    (made, read) = door.requests
    assert made[:2] == ("POST", f"/pools?api-version={API_VERSION}")
    assert made[2]["Authorization"] == "Bearer token"
    assert as_seconds(made[3]) == as_seconds(body(of))
    assert read[:2] == ("GET", f"/pools/{of.pool.pool_id.value}?api-version={API_VERSION}")
    assert set(SignIn.asked) == {(profile(cloud).authority_host, (profile(cloud).batch_scope,))}
    assert of.pool.pool_id.value in capsys.readouterr().out


def as_seconds(value: object) -> object:
    """A body with its durations in seconds: the client writes 15 minutes as PT15M00S."""
    if isinstance(value, dict):
        return {key: as_seconds(item) for key, item in value.items()}
    if isinstance(value, str) and value.startswith("PT"):
        return durations.seconds(value)
    return value


def test_the_python_samples_are_typed_as_azure_batch_is(tmp_path: Path) -> None:
    """mypy, strictly, against the classes of the installed azure-batch."""
    rich = plan(sample_fleets.rich())
    texts = {pool: ROUTES[Route.PYTHON](context(rich, pool)).text for pool in ("all", "grows")}
    assert type_errors(tmp_path, texts) == ""
    wrong = {"wrong": texts["all"].replace("vm_size=", "vm_sise=")}
    assert "No overload variant" in type_errors(tmp_path, wrong)


def type_errors(folder: Path, texts: dict[str, str]) -> str:
    files = [folder / f"{name}.py" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *map(str, files)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return run.stdout


@pytest.mark.parametrize("route", Route)
def test_a_sample_is_all_that_is_printed(project: Project, route: Route) -> None:
    answer = project.run("samples", "--stack", "china", "--pool", "large", "--as", route.value)
    assert (answer.code, answer.err) == (0, "")
    assert "large-1-0-0" in answer.out
    as_json = project.run(
        *("samples", "--stack", "china", "--pool", "large", "--as", route.value, "--json")
    )
    document = json.loads(as_json.out)
    assert document["text"] == answer.out
    assert document["leftOut"] == []


def test_what_a_sample_leaves_out_is_told_beside_it(project: Project) -> None:
    answer = project.run("samples", "--stack", "prod", "--pool", "render")
    assert answer.code == 0
    assert "note: not in this sample: the pool's identities" in answer.err
    with contextlib.suppress(SyntaxError):
        compile(answer.out, "sample.py", "exec")
        return
    pytest.fail("the sample does not compile")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pool", "moon"), "work-1-0-0"),
        (("--stack", "prod", "--pool", "encode"), "encode-1-0-0, encode-1-1-0"),
        (("--pool", "work", "--as", "cobol"), "cobol"),
        ((), "--pool"),
        (("--stack", "nowhere", "--pool", "work"), "stacks: china, dev, prod"),
    ],
)
def test_unusable_input_exits_with_2(
    project: Project, arguments: tuple[str, ...], words: str
) -> None:
    answer = project.run("samples", *arguments)
    assert answer.code == 2
    assert words in answer.err
