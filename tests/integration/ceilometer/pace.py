"""Agents that run a cycle when they are told to, and say what it cost."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from tests.integration.ceilometer.agent import Agent
from tests.lab import settings


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """Of one cycle: what it took, how long a call of libvirt's was under way in it, and how many there were."""

    seconds: float
    #: Of CPU time.
    cpu: float
    in_flight: float
    calls: int


@final
class Paced:
    """An agent that runs a cycle when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def cycle(self) -> Cost:
        """Run one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Cost(**json.loads(self._process.stdout.readline()))


@contextlib.contextmanager
def paced(agent: Agent) -> Iterator[Paced]:
    """The agent of these files."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.ceilometer.paced", str(agent.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=settings.PROJECT_ROOT,
        env=agent.environment,
    ) as process:
        yield Paced(process)
        assert process.stdin is not None
        process.stdin.close()
