"""Debug messages in bundles, against a real engine service over gRPC."""

from __future__ import annotations

import asyncio
from concurrent import futures

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc
from pulumi.runtime.settings import SETTINGS

from components import debug_messages
from components.debug_messages import gather_debug_messages

DEBUG, INFO = engine_pb2.DEBUG, engine_pb2.INFO


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what it was told as (severity, text)."""

    def __init__(self):
        self.told = []

    def Log(self, request, context):  # noqa: N802 - the protocol's own name
        self.told.append((request.severity, request.message))
        return empty_pb2.Empty()

    def debug_lines(self):
        return [line for severity, text in self.told if severity == DEBUG for line in lines(text)]


def lines(text):
    return text.split("\n")


@pytest.fixture
def at_exit(monkeypatch):
    """What would be called when the program ends."""
    calls = []
    monkeypatch.setattr(debug_messages.atexit, "register", calls.append)
    return calls


@pytest.fixture
def engine():
    """An engine service on loopback, in use by the SDK for one test."""
    servicer, before = Engine(), SETTINGS.engine
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        SETTINGS.engine = engine_pb2_grpc.EngineStub(channel)
        yield servicer
        SETTINGS.engine = before
    server.stop(None).wait()


def run(program):
    asyncio.run(program())


def test_many_messages_arrive_whole_and_in_order_in_few_bundles(engine, at_exit):
    async def program():
        for number in range(1000):
            pulumi.log.debug(f"message {number}")
            if number % 100 == 0:
                await asyncio.sleep(0)

    gather_debug_messages()
    run(program)
    [at_the_end] = at_exit
    at_the_end()
    assert engine.debug_lines() == [f"message {number}" for number in range(1000)]
    assert len(engine.told) < 20


def test_another_severity_comes_after_what_was_said_before_it(engine, at_exit):
    async def program():
        pulumi.log.debug("before")
        pulumi.log.info("now")
        pulumi.log.debug("after")

    gather_debug_messages()
    run(program)
    at_exit[0]()
    assert engine.told == [(DEBUG, "before"), (INFO, "now"), (DEBUG, "after")]


def test_a_message_does_not_wait_for_the_end_of_the_program(engine, at_exit):
    """A program that hangs is when its debug messages are read."""

    async def program():
        pulumi.log.debug("first")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if engine.told:
                return
        pytest.fail("the message was still held back after five seconds")

    gather_debug_messages()
    run(program)
    assert engine.told == [(DEBUG, "first")]


def test_without_an_event_loop_a_message_goes_at_once(engine, at_exit):
    gather_debug_messages()
    pulumi.log.debug("early")
    assert engine.told == [(DEBUG, "early")]


def test_messages_of_several_threads_all_arrive(engine, at_exit):
    """Callbacks of the SDK run on threads of their own, without the program's event loop."""

    def tell(name):
        for number in range(200):
            pulumi.log.debug(f"{name} {number}")

    async def program():
        loop = asyncio.get_running_loop()
        others = [loop.run_in_executor(None, tell, name) for name in ("a", "b")]
        for number in range(200):
            pulumi.log.debug(f"main {number}")
            await asyncio.sleep(0)
        await asyncio.gather(*others)

    gather_debug_messages()
    run(program)
    at_exit[0]()
    expected = [f"{name} {number}" for name in ("a", "b", "main") for number in range(200)]
    assert sorted(engine.debug_lines()) == sorted(expected)


def test_an_engine_that_has_gone_breaks_nothing(at_exit):
    before = SETTINGS.engine

    async def program():
        pulumi.log.debug("to nobody")

    with grpc.insecure_channel("127.0.0.1:1") as channel:
        SETTINGS.engine = engine_pb2_grpc.EngineStub(channel)
        try:
            gather_debug_messages()
            run(program)
            at_exit[0]()
        finally:
            SETTINGS.engine = before


def test_an_engine_in_this_process_is_left_as_it_is(at_exit):
    class InProcess:
        def Log(self, request):  # noqa: N802 - the protocol's own name
            pass

    before, SETTINGS.engine = SETTINGS.engine, InProcess()
    try:
        gather_debug_messages()
        assert "Log" not in vars(SETTINGS.engine)
    finally:
        SETTINGS.engine = before
    assert at_exit == []
