"""Doors over an empty simulated Azure, and Microsoft's own clients in front of them."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request

import pytest

from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
API_VERSION = "2024-07-01"


class Client:
    """The doors, spoken to with nothing but the standard library."""

    def __init__(self, doors):
        self.doors = doors
        self._context = ssl.create_default_context(cafile=str(doors.ca_file))

    def token(self, scope=None):
        return self.doors.credential().get_token(scope or self.doors.arm_scope).token

    def call(self, method, path, body=None, *, headers=None, version=API_VERSION, url=None):
        """Return status, JSON body and headers of an answer; `path` is below the ARM address."""
        address = (url or self.doors.arm_url) + path
        if version is not None:
            address += f"{'&' if '?' in path else '?'}api-version={version}"
        scope = self.doors.batch_scope if "/batch/" in address else self.doors.arm_scope
        sent = {"Authorization": f"Bearer {self.token(scope)}", "Content-Type": "application/json"}
        sent |= headers or {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 https, to loopback
            address, data, {k: v for k, v in sent.items() if v is not None}, method=method
        )
        try:
            answer = urllib.request.urlopen(request, context=self._context)  # noqa: S310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
        return answer.status, json.loads(text) if text else None, answer.headers


@pytest.fixture
def azure(tmp_path):
    model = SimulatedAzure(tmp_path / "azure.sqlite")
    yield model
    model.close()


@pytest.fixture
def doors(azure):
    """Doors whose clock stands, so that an operation has ended when it is asked about."""
    with running(azure) as opened:
        yield opened


@pytest.fixture
def client(doors):
    return Client(doors)
