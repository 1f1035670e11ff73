"""What of the real engine's event log is passed on."""

from __future__ import annotations

import pytest

from imagefleet.offline.pulumi_cli.events import Told, mask_secrets
from imagefleet.offline.values import SECRET_SIGNATURE, SIGNATURE_KEY


def diagnostic(severity, message):
    return {"diagnosticEvent": {"severity": severity, "message": message}}


def err(*lines):
    return [diagnostic("info#err", f"{line}\n\n") for line in lines]


STOPPED = err(
    "Traceback (most recent call last):",
    '  File "pulumi-language-python-exec", line 232, in <module>',
    "    loop.run_until_complete(coro)",
    "KeyboardInterrupt",
    "During handling of the above exception, another exception occurred:",
    "Traceback (most recent call last):",
    "    executor.shutdown(wait=True)",
    "KeyboardInterrupt",
)
END = {"cancelEvent": {}}
MANDATORY = {"policyEvent": {"enforcementLevel": "mandatory", "policyName": "x"}}
ADVISORY = {"policyEvent": {"enforcementLevel": "advisory", "policyName": "x"}}


def told(*events):
    seen = []
    filtered = Told(seen.append)
    for event in events:
        filtered.add(event)
    filtered.end()
    return seen, filtered.refused


def test_debug_messages_are_left_out():
    assert told(diagnostic("debug", "registering"), END) == ([END], False)


@pytest.mark.parametrize("last", [[END], []])
def test_the_traceback_of_a_program_that_was_stopped_is_left_out(last):
    interleaved = [*STOPPED[:3], diagnostic("debug", "noise"), *STOPPED[3:]]

    assert told(MANDATORY, *interleaved, *last) == ([MANDATORY, *last], True)


def test_any_other_traceback_is_passed_on_whole_and_in_order():
    own = err("Traceback (most recent call last):", "  File x", "ValueError: no")

    assert told(*own, END) == ([*own, END], False)


def test_what_a_program_writes_to_its_error_stream_is_passed_on_at_once():
    seen = []
    filtered = Told(seen.append)
    warning = err("DeprecationWarning: old")[0]

    filtered.add(warning)

    assert seen == [warning]


def test_the_exit_code_is_left_out_after_an_error_that_explains_it():
    reason = diagnostic("error", "stack configuration is not usable")
    code = diagnostic(
        "error", "an unhandled error occurred: program exited with non-zero exit code: 1\n"
    )

    assert told(reason, code) == ([reason], True)
    assert told(code) == ([code], True)


@pytest.mark.parametrize(
    ("event", "refused"),
    [
        (MANDATORY, True),
        (ADVISORY, False),
        ({"resOpFailedEvent": {}}, True),
        (diagnostic("error", "no"), True),
        (diagnostic("warning", "hm"), False),
        ({"summaryEvent": {"result": "failed"}}, False),
    ],
)
def test_a_run_is_refused_when_an_event_says_why(event, refused):
    assert told(event) == ([event], refused)


def test_encrypted_values_are_masked_at_every_depth():
    hidden = {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "v1:abc"}

    assert mask_secrets({"a": hidden, "b": [{"c": hidden}, 1], "d": None}) == {
        "a": "[secret]",
        "b": [{"c": "[secret]"}, 1],
        "d": None,
    }
