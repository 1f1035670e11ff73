"""A simulated Azure behind HTTPS doors, and the live clients in front of it."""

from __future__ import annotations

import json

import pytest

from imagefleet.domain.clouds import Cloud
from imagefleet.live.clients import Clients
from imagefleet.live.credentials import credential
from imagefleet.live.endpoints import at_doors
from imagefleet.live.patience import Patience
from imagefleet.offline.azure import SimulatedAzure
from imagefleet.simulate import running
from imagefleet.simulate.messages import Answer, DroppedConnectionError

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
# Waits that a test can stand; what is retried and how often is as in earnest.
QUICK = Patience(backoff=0.01, longest_wait=2, connect=20, read=20, whole=60)
# For tests of slow answers: a busy machine must not make others slow too.
HASTY = Patience(backoff=0.01, longest_wait=2, connect=5, read=0.5, whole=10)


class Around:
    """Stands around every request: counts those for anything but tokens, and lets some go wrong.

    `faults` maps a piece of the path to what happens: a status, "drop", or a callable.
    """

    def __init__(self):
        self.paths = []
        self.faults = {}
        self.times = {}

    def __call__(self, request, handler):
        if "openid-configuration" in request.path or "/oauth2/" in request.path:
            return handler(request)
        self.paths.append(f"{request.method} {request.path}")
        for piece, fault in self.faults.items():
            if piece.casefold() in request.path.casefold() and self.times.get(piece, 1) != 0:
                if piece in self.times:
                    self.times[piece] -= 1
                if callable(fault):
                    return fault(request, handler)
                if fault == "drop":
                    raise DroppedConnectionError
                return refusal(fault)
        return handler(request)


def refusal(status, code="Injected", retry_after=None):
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {"error": {"code": code, "message": f"a fault of the test ({status})"}}
    return Answer(status=status, body=body, headers=headers)


def described(doors, folder):
    """Write the doors.json that `imagefleet simulate` writes, and return its path."""
    path = folder / "doors.json"
    path.write_text(json.dumps(doors.description()), encoding="utf-8")
    return path


@pytest.fixture
def around():
    return Around()


@pytest.fixture
def azure(tmp_path):
    model = SimulatedAzure(tmp_path / "azure.sqlite")
    yield model
    model.close()


@pytest.fixture
def doors(azure, around):
    with running(azure, around=around) as opened:
        yield opened


@pytest.fixture
def clients(doors, tmp_path):
    endpoints = at_doors(described(doors, tmp_path), Cloud.PUBLIC)
    made = Clients(endpoints, credential(endpoints), patience=QUICK)
    yield made
    made.close()
