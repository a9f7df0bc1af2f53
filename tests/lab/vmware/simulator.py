"""Simulated servers, each a process of its own on loopback."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from hvinspect import Secret
from tests.lab.certificates import Authority
from tests.lab.vmware.program import build
from tests.lab.vmware.seed import SEED

__all__ = ["LAB_AGENT", "PASSWORD", "USER", "Simulator", "simulated"]

USER: Final = "reader"
PASSWORD: Final = "mellon"
#: What the lab's own clients call themselves. Everybody else is held to be hvinspect.
LAB_AGENT: Final = "lab"


@final
@dataclass(frozen=True, slots=True)
class Simulator:
    """One server that runs."""

    host: str
    port: int
    folder: Path
    authority: Authority

    @property
    def target(self) -> str:
        """For connect()."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"vmware://{USER}@{host}:{self.port}/"

    @property
    def options(self) -> dict[str, str | Secret]:
        """For connect(), too."""
        return {"password": Secret(PASSWORD), "ca": str(self.authority.certificate)}

    @property
    def context(self) -> ssl.SSLContext:
        """For the lab's own clients."""
        return ssl.create_default_context(cafile=str(self.authority.certificate))

    def calls(self) -> Counter[tuple[str, str]]:
        """Who called what, and how often, since it was started."""
        lines = (self.folder / "calls").read_text(encoding="utf-8").splitlines()
        return Counter((agent, method) for agent, _, method in (line.partition("\t") for line in lines))

    @contextmanager
    def misbehaving(self, method: str, how: str, *, seconds: float = 0.0) -> Iterator[None]:
        """Do something to every call of *method*: delay, truncate, garbage, unavailable, denied or fault."""
        self._tell("misbehave", method=method, how=how, seconds=str(seconds))
        try:
            yield
        finally:
            self._tell("misbehave", method=method, how="")

    def end_sessions(self) -> None:
        """Know no session any more, as after a restart or half an hour of silence."""
        self._tell("end-sessions")

    def _tell(self, what: str, **values: str) -> None:
        host = f"[{self.host}]" if ":" in self.host else self.host
        url = f"https://{host}:{self.port}/lab/{what}?{urllib.parse.urlencode(values)}"
        with urllib.request.urlopen(url, data=b"", context=self.context, timeout=30):
            pass


@contextmanager
def simulated(
    folder: Path,
    *,
    esx: bool = False,
    machines: int = 4,
    host: str = "127.0.0.1",
    named: str | None = None,
    days: int = 2,
    page: int = 0,
) -> Iterator[Simulator]:
    """A server with so many *machines*, the last of which is a template; it is gone with the context.

    Its certificate names *named*, which is its own address if nothing is said, and is good for so many *days*. Lists of
    more than *page* objects come in pages, unless that is 0.
    """
    authority = Authority(folder)
    pair = authority.server("server", hosts=[named or f"IP:{host}"], days=days)
    (folder / "seed").write_text(json.dumps(SEED), encoding="utf-8")
    files = {"certificate": pair / "servercert.pem", "key": pair / "serverkey.pem", "seed": folder / "seed"}
    options = [f"-{name}={path}" for name, path in {**files, "calls": folder / "calls"}.items()]
    listen = f"[{host}]:0" if ":" in host else f"{host}:0"
    what = [f"-esx={str(esx).lower()}", f"-machines={machines}", f"-page={page}"]
    command = [str(build()), *what, f"-listen={listen}", f"-user={USER}"]
    environment = {**os.environ, "VCENTER_PASSWORD": PASSWORD}
    with (
        (folder / "stderr").open("wb") as told,
        subprocess.Popen(
            [*command, *options], env=environment, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the simulator did not start: {(folder / 'stderr').read_text(encoding='utf-8')}")
            yield Simulator(host, int(line), folder, authority)
        finally:
            process.kill()
