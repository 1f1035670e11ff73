"""The command at a terminal: bars that move, a question that waits for an answer, Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from fcntl import ioctl

import pytest

from tests.cli.projects import Project

ROWS, COLUMNS = 40, 80
PATIENCE = 120.0
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """`imagefleet` behind a pseudo-terminal of 80 columns, as a person has it."""

    def __init__(self, project: Project, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONFAULTHANDLER": "1"}
        environment.pop("COLUMNS", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "imagefleet.cli", *arguments],
            cwd=project.folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def wait_for(self, words: str) -> None:
        """Read on until `words` are on the screen."""
        self._read(lambda: words in self.text)
        assert words in self.text, self.text

    def end(self) -> int:
        """Read to the end and return the exit code."""
        self._read(lambda: False)
        if self.process.poll() is None:
            # every thread says where it is, so that a process that hangs tells why
            self.process.send_signal(signal.SIGABRT)
            self._read(lambda: False)
        code = self.process.wait(timeout=PATIENCE)
        os.close(self._ours)
        return code

    def press_ctrl_c(self) -> None:
        """Interrupt what runs in the terminal, as its driver does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def _read(self, enough: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not enough() and time.monotonic() < until:
            ready, _, _ = select.select([self._ours], [], [], 1.0)
            if not ready:
                continue
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:  # the other side is closed: the process has ended
                return
            self.text += _COLOURS.sub("", chunk.decode(errors="replace"))


def test_bars_move_and_the_pools_become_steady(project: Project) -> None:
    terminal = Terminal(project, "rehearse", "--engine", "embedded", "--yes")
    assert terminal.end() == 0, terminal.text
    assert "━" in terminal.text
    assert "✓ work-1-0-0" in terminal.text
    assert "Traceback" not in terminal.text, terminal.text


@pytest.mark.parametrize(("answer", "word"), [("y\n", "17 created"), ("n\n", "left as it is")])
def test_a_person_is_asked_before_anything_is_made(
    project: Project, answer: str, word: str
) -> None:
    terminal = Terminal(project, "rehearse", "--engine", "embedded")
    terminal.wait_for("[y/N]")
    terminal.type(answer)
    assert terminal.end() == 0, terminal.text
    assert word in terminal.text


def test_ctrl_c_says_how_to_go_on_and_the_next_run_does(project: Project) -> None:
    terminal = Terminal(project, "rehearse", "--engine", "embedded")
    terminal.wait_for("[y/N]")
    time.sleep(0.5)
    terminal.press_ctrl_c()
    assert terminal.end() == 1, terminal.text
    assert "Traceback" not in terminal.text, terminal.text
    answer, made = project.rehearse("dev")
    assert answer.code == 0
    assert len(made) == 8


def test_a_polite_kill_leaves_no_policy_process_behind(project: Project) -> None:
    terminal = Terminal(project, "rehearse", "--engine", "embedded", "--yes", "--stack", "china")
    terminal.wait_for("Preview")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM, terminal.text
    until = time.monotonic() + 10
    while left := _processes_of(terminal.process.pid):
        assert time.monotonic() < until, left
        time.sleep(0.2)


def _processes_of(session: int) -> list[str]:
    listed = subprocess.run(
        ["ps", "-eo", "sid,stat,args"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    mine = [line.split(maxsplit=2) for line in listed]
    return [args for sid, state, args in mine if sid == str(session) and state[0] != "Z"]
