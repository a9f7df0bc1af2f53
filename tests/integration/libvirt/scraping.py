"""The real Prometheus beside the real exporter: both started, both ended, and the server asked in its own language."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, final

import yaml

from tests.lab import requirements
from tests.lab.daemons import wait_until
from tests.lab.settings import PROJECT_ROOT

__all__ = ["INTERVAL_S", "Prometheus", "exporting", "page", "prometheus", "running", "serving"]

#: Between two scrapes.
INTERVAL_S = 2


@contextlib.contextmanager
def exporting(target: str, *arguments: str) -> Iterator[str]:
    """``hvinspect export prometheus`` of *target* while the context lasts; its address, as it tells it."""
    with serving([sys.executable, "-m", "hvinspect", "export", "prometheus", target, *arguments]) as (url, _):
        yield url


@contextlib.contextmanager
def serving(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """An exporter that *command* starts, while the context lasts: its address, as it tells it, and its process."""
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = process.stdout.readline().split()
            assert told[:1] == ["serving"], told
            yield told[1], process.pid
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def page(url: str, *, login: tuple[str, str] | None = None) -> str:
    """What the exporter at *url* gives, in the text format."""
    request = urllib.request.Request(url)
    if login is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(login).encode()).decode())
    with urllib.request.urlopen(request, timeout=30) as reply:
        text: str = reply.read().decode()
    return text


@final
class Prometheus:
    """A server that runs, and what it answers."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        """Does it answer?"""
        try:
            with urllib.request.urlopen(f"{self._address}/-/ready", timeout=5) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def query(self, expression: str) -> dict[tuple[str, ...], float]:
        """The present value of each series of *expression*, by the values of its labels in the order of their names."""
        words = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self._address}/api/v1/query?{words}", timeout=30) as reply:
            answer: dict[str, Any] = json.load(reply)
        assert answer["status"] == "success", answer
        return {
            tuple(series["metric"][name] for name in sorted(series["metric"])): float(series["value"][1])
            for series in answer["data"]["result"]
        }

    def value(self, expression: str) -> float:
        """Of an expression that has one series."""
        ((_, value),) = self.query(expression).items()
        return value

    def scraped_after(self, moment: float) -> bool:
        """Has every target been scraped by a read that began after *moment*?"""
        taken = self.query("hvinspect_read_timestamp_seconds")
        return bool(taken) and min(taken.values()) > moment

    def next_scrape(self) -> None:
        """Wait until what is known now has been scraped."""
        now = time.time()
        wait_until(lambda: self.scraped_after(now), what="Prometheus scrapes", timeout=60)


@contextlib.contextmanager
def prometheus(folder: Path, jobs: Sequence[dict[str, Any]]) -> Iterator[Prometheus]:
    """The distribution's server, scraping *jobs*, while the context lasts."""
    every = {"scrape_interval": f"{INTERVAL_S}s", "scrape_timeout": f"{INTERVAL_S}s"}
    configuration = folder / "prometheus.yml"
    configuration.write_text(yaml.safe_dump({"global": every, "scrape_configs": list(jobs)}))
    with running(configuration) as server:
        yield server


@contextlib.contextmanager
def running(configuration: Path) -> Iterator[Prometheus]:
    """The distribution's server with a configuration of one's own, beside which it keeps its data."""
    folder = configuration.parent
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port: int = chosen.getsockname()[1]
    subprocess.run([requirements.program("promtool"), "check", "config", str(configuration)], check=True, timeout=60)
    command = [
        requirements.program("prometheus"),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    log = folder / "prometheus.log"
    with log.open("wb") as file, subprocess.Popen(command, cwd=folder, stdout=file, stderr=file) as process:
        try:
            server = Prometheus(port)
            wait_until(server.ready, what="Prometheus is ready", timeout=60, log=log)
            yield server
        finally:
            process.terminate()
            process.wait(60)
