"""A real Chromium without a window, spoken to over its debugging pipe with the standard library.

Nothing listens on a port, and no driver of a browser is needed: two pipes, JSON between NULs.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, NARROW = 1400, 390
_PATIENCE_SECONDS = 60
# The browser reads from 3 and writes to 4; only the child itself can put its pipes there.
_PLACED = "import os, sys; r, w, *c = sys.argv[1:]; os.dup2(int(r), 10); os.dup2(int(w), 11); "
_PLACED += "os.dup2(10, 3); os.dup2(11, 4); os.closerange(5, 64); os.execv(c[0], c)"
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    # The only page it sees is ours, and a container seldom lets it make its sandbox.
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def command() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of one browser; `events` are what it told since the page was opened."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._left, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer; what happens meanwhile goes to `events`."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._writing, rest) :]
        while (answer := self._receive()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, f"{method}: {answer.get('error')}"
        return dict(answer["result"])

    def open(self, file: Path, *, width: int = WIDE, height: int = 900, dark: bool = False) -> None:
        """Show a file in a window of this size, and wait until it is laid out."""
        self.events.clear()
        self.size(width, height)
        self.media(dark=dark)
        self.send("Page.navigate", url=file.as_uri())
        while not self.told("Page.loadEventFired"):
            self.events.append(self._receive())

    def size(self, width: int, height: int) -> None:
        """Give the window a size."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, *, dark: bool = False, printed: bool = False) -> None:
        """Choose the colour scheme that the reader prefers, and screen or paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme])

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression is on the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, *, code: int, text: str = "") -> None:
        """Press a key."""
        parameters = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        kind = "keyDown" if text else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=kind, **parameters, **_if(text))
        self.send("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def picture(self) -> bytes:
        """Return the whole page as PNG, as tall as it is."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        answer = self.send(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
        )
        return base64.b64decode(answer["data"])

    def paper(self) -> bytes:
        """Return the page as PDF, backgrounds left out as browsers do."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=False)["data"])

    def told(self, method: str) -> list[Mapping[str, Any]]:
        """Return the parameters of the events of one kind."""
        return [each["params"] for each in self.events if each.get("method") == method]

    def _receive(self) -> dict[str, Any]:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._reading], [], [], max(0, ends - time.monotonic()))
            assert ready, "the browser does not answer"
            got = os.read(self._reading, 1 << 16)
            assert got, "the browser has gone"
            self._left += got
        message, _, self._left = self._left.partition(b"\0")
        return dict(json.loads(message))


def _if(text: str) -> dict[str, str]:
    return {"text": text} if text else {}


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Run a browser with its profile in a folder of its own."""
    found = command()
    assert found is not None
    (reads, to_browser), (from_browser, writes) = os.pipe(), os.pipe()
    try:
        options = (*_OPTIONS, f"--user-data-dir={profile}", "about:blank")
        process = subprocess.Popen(
            [sys.executable, "-c", _PLACED, str(reads), str(writes), found, *options],
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        try:
            opened = Browser(from_browser, to_browser)
            yield opened
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(to_browser)
        os.close(from_browser)
