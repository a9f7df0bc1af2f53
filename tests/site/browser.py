"""A browser's one page, driven by the DevTools protocol over a pipe: no WebSocket, and no package that speaks it."""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

from tests.site import chromium

__all__ = ["Page", "browser"]

_PATIENCE_S: Final = 60
_OPTIONS: Final = (
    "--remote-debugging-pipe",
    # It is shown nothing but this project's own pages, and root may not have a sandbox.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--hide-scrollbars",
)


@contextmanager
def browser() -> Iterator[Page]:
    """An open page of a Chromium that ends with the block."""
    program, environment = chromium.command_and_environment()
    profile = tempfile.mkdtemp(prefix="hvinspect-chromium-")
    # It reads from descriptor 3 and writes to 4.
    command = ["sh", "-c", 'exec "$@" 3<&0 4>&1 1>&2', "sh", program, *_OPTIONS, f"--user-data-dir={profile}"]
    pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=quiet)
    try:
        yield Page(process)
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(profile, ignore_errors=True)


@final
class Page:
    """What is open in the browser, and what it complained of."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Open an empty one in *process*."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._write, self._read = process.stdin.fileno(), process.stdout.fileno()
        self._buffer = b""
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def size(self, width: int, height: int, *, is_phone: bool) -> None:
        """Be of this size in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def prefer(self, scheme: str) -> None:
        """Belong to someone who likes it ``light`` or ``dark``."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url: str) -> None:
        """Go to *url* and wait until it is there."""
        self._arrive("Page.navigate", url=url)

    def follow(self, script: str) -> None:
        """Run what leads to another page, and wait until that is there."""
        self._arrive("Runtime.evaluate", expression=script)

    def _arrive(self, method: str, **parameters: Any) -> None:
        self._events.clear()
        self.call(method, **parameters)
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._next(time.monotonic() + _PATIENCE_S)

    def complaints(self) -> list[str]:
        """What went wrong since the page was opened: scripts that failed, files that were not there."""
        self.run("0")
        said = []
        for event in self._events:
            what = event["params"]
            if event["method"] == "Log.entryAdded" and what["entry"]["level"] == "error":
                said.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")
            elif event["method"] == "Runtime.exceptionThrown":
                said.append(str(what["exceptionDetails"]))
        return said

    def requested(self) -> list[str]:
        """The addresses of everything that the page asked for."""
        sent = [event["params"] for event in self._events if event["method"] == "Network.requestWillBeSent"]
        return [what["request"]["url"] for what in sent]

    def run(self, script: str) -> Any:
        """What an expression of JavaScript gives, awaited if it has to be."""
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply["exceptionDetails"]
        return reply["result"].get("value")

    def wait(self, script: str) -> Any:
        """What the expression gives as soon as that is true of anything."""
        end = time.monotonic() + _PATIENCE_S
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.05)
        return value

    def picture(self, file: Path, *, is_whole: bool = True) -> None:
        """Take a screenshot of the page, or of what fits."""
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)
        file.write_bytes(base64.b64decode(taken["data"]))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its answer."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        unsent = json.dumps(message).encode() + b"\0"
        while unsent:
            unsent = unsent[os.write(self._write, unsent) :]
        end = time.monotonic() + _PATIENCE_S
        while (answer := self._next(end)).get("id") != number:
            pass
        assert "error" not in answer, (method, answer)
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "Chromium says nothing"
            got = os.read(self._read, 1 << 20)
            assert got, "Chromium has ended"
            self._buffer += got
        first, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        if "method" in message:
            self._events.append(message)
        return message
