"""The real ``ceilometer-polling``, configured by files as an operator does it; no keystone, no message bus."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points, version
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Self, final

import yaml

from tests.integration.ceilometer import journal
from tests.lab import requirements, settings
from tests.lab.daemons import wait_until

RELEASE: Final = int(version("ceilometer").partition(".")[0])
#: Since then no inspector but ceilometer's own may be chosen.
HAS_POLLSTERS: Final = RELEASE >= 24
#: The meters that this release has, of those that the bridge knows.
METERS: Final = {
    one.name
    for one in entry_points(group="ceilometer.poll.compute")
    if entry_points(group="ceilometer.poll.compute", name=f"hvinspect.{one.name}")
}
HOST: Final = "lab"
#: Seconds that anything may take on a machine that is busy with something else.
PATIENCE: Final = 90.0

_CONFIGURATION = """
[DEFAULT]
transport_url = fake://
host = {host}
log_file = {folder}/agent.log
debug = {debug}
{defaults}
[compute]
instance_discovery_method = libvirt_metadata
[publisher_notifier]
telemetry_driver = {driver}
[polling]
cfg_file = {folder}/polling.yaml
pollsters_definitions_dirs = {folder}
# So that what one pollster gave in one cycle is one message.
batch_size = 100000
[hvinspect]
{options}
"""
#: In its log. The last two are there with ``debug`` alone, and not in 23.0.0's.
_TURN = re.compile(r"^(\S+ \S+) (\d+) INFO .* Polling pollster (\S+) in")
_BEGUN = re.compile(r"^(\S+ \S+) .* Processing pollsters for \[")
_ENDED = re.compile(r"^(\S+ \S+) .* Finished processing pollster \[")


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """A sample, as it was published."""

    meter: str
    volume: float
    resource: str
    #: Everything else, but for what is never the same twice.
    rest: Mapping[str, Any]
    guest: str
    #: Unix seconds.
    taken: float
    published: float


@final
@dataclass(frozen=True, slots=True)
class Cycle:
    """What one process published in one cycle."""

    pid: int
    samples: tuple[Sample, ...]

    @property
    def began(self) -> float:
        """The time of the earliest sample."""
        return min(sample.taken for sample in self.samples)

    @property
    def ended(self) -> float:
        """When the last sample was published."""
        return max(sample.published for sample in self.samples)

    def of(self, guest: str) -> dict[tuple[str, str], Sample]:
        """A guest's samples by meter and resource."""
        return {(one.meter, one.resource): one for one in self.samples if one.guest == guest}

    def meters_of(self, guest: str) -> set[str]:
        """The names of a guest's meters."""
        return {meter for meter, _ in self.of(guest)}


@final
class Agent:
    """A ``ceilometer-polling`` in a folder of its own, until the context ends."""

    def __init__(
        self,
        folder: Path,
        *,
        meters: Sequence[str],
        interval: int,
        discovery: str = "hvinspect",
        defaults: Mapping[str, str] | None = None,
        options: Mapping[str, object] | None = None,
        variables: Mapping[str, str] | None = None,
        publishes: bool = True,
        debug: bool = False,
        program: Path | None = None,
    ) -> None:
        """With *defaults* in [DEFAULT], *options* in [hvinspect], and *variables* in its environment.

        *program* is what pip makes of its entry point, by default beside this Python.
        """
        self.folder = folder
        self.interval = interval
        self._wrapper: tuple[str, ...] = ()
        self._program = program or Path(sys.executable).with_name("ceilometer-polling")
        self._variables = variables or {}
        folder.mkdir(parents=True)
        # Agents of other users write here too.
        folder.chmod(0o777)
        journal.install(folder)
        (folder / "ceilometer.conf").write_text(
            _CONFIGURATION.format(
                host=HOST,
                folder=folder,
                debug=debug,
                driver=journal.NAME if publishes else "noop",
                defaults=_lines(defaults or {}),
                options=_lines(options or {}),
            )
        )
        source = {"name": "all", "interval": interval, "meters": list(meters), "discovery": [discovery]}
        (folder / "polling.yaml").write_text(yaml.safe_dump({"sources": [source]}))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def wrap(self, command: tuple[str, ...]) -> None:
        """Have it run by *command*."""
        self._wrapper = command

    def start(self) -> None:
        """Start it; what is in its folder can be imported."""
        files = ("--config-file", str(self.folder / "ceilometer.conf"))
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                # Its script names its Python by a path that no kernel may find: the first line of a script is short.
                [*self._wrapper, sys.executable, str(self._program), "--polling-namespaces", "compute", *files],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=self.environment,
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send it one, as an operator does to the first of its processes."""
        self._process.send_signal(number)

    def wait_for_end(self, timeout: float) -> None:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not in time.
        """
        self._process.wait(timeout)

    def end(self) -> None:
        """End all its processes, whatever they wait for."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    @property
    def environment(self) -> dict[str, str]:
        """Of its process."""
        return {
            "PATH": requirements.SYSTEM_PATH,
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(settings.PROJECT_ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
            journal.VARIABLE: str(self._journal),
            **self._variables,
        }

    @property
    def log(self) -> str:
        """What it logged."""
        path = self.folder / "agent.log"
        return path.read_text() if path.exists() else ""

    @property
    def cycles(self) -> list[Cycle]:
        """What was published so far, the last cycle as far as it has come."""
        # The messages first: a cycle is logged before it has any.
        messages = self._messages()
        return list(_cycles(messages, _starts(self.log.splitlines())))

    def wait_for_cycles(
        self,
        count: int,
        *,
        since: float = 0.0,
        of: Callable[[Cycle], bool] = lambda _: True,
        timeout: float = PATIENCE,
    ) -> list[Cycle]:
        """The first *count* whole cycles that began after *since*, of those that *of* holds for."""
        found: list[Cycle] = []

        def enough() -> bool:
            # The last one may be under way.
            found[:] = [one for one in self.cycles[:-1] if one.began > since and of(one)]
            return len(found) >= count

        wait_until(enough, what=f"{count} cycles of the agent", timeout=timeout, log=self.folder / "agent.log")
        return found[:count]

    def durations(self, *, since: float = 0.0) -> list[float]:
        """The seconds that each cycle took which began after *since*, by its log: with ``debug`` alone."""
        return [ended - begun for begun, ended in self.spans(since=since)]

    def spans(self, *, since: float = 0.0) -> list[tuple[float, float]]:
        """When each of these cycles began, and when it ended."""
        found: list[tuple[float, float]] = []
        for line in self.log.splitlines():
            if begun := _BEGUN.match(line):
                moment = _logged_at(begun[1])
                found.append((moment, moment))
            elif (ended := _ENDED.match(line)) and found:
                found[-1] = found[-1][0], _logged_at(ended[1])
        return [(begun, ended) for begun, ended in found if begun > since]

    @property
    def _journal(self) -> Path:
        return self.folder / "journal"

    def _messages(self) -> list[dict[str, Any]]:
        if not self._journal.exists():
            return []
        # The last line may be half written.
        return [json.loads(line) for line in self._journal.read_bytes().split(b"\n")[:-1]]


def _lines(values: Mapping[str, object]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in values.items())


def _logged_at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _starts(log: Iterable[str]) -> dict[int, list[float]]:
    """When each cycle began, by process: a pollster's turn comes once in each, whether it then has samples or not."""
    found: dict[int, list[float]] = {}
    done: dict[int, set[str]] = {}
    for line in log:
        if turn := _TURN.match(line):
            pid, name = int(turn[2]), turn[3]
            if pid not in done or name in done[pid]:
                done[pid] = set()
                found.setdefault(pid, []).append(_logged_at(turn[1]))
            done[pid].add(name)
    return found


def _cycles(messages: Iterable[Mapping[str, Any]], starts: Mapping[int, Sequence[float]]) -> Iterator[Cycle]:
    def cycle_of(message: Mapping[str, Any]) -> tuple[int, int]:
        return message["pid"], bisect(starts[message["pid"]], message["published"])

    for (pid, _), group in groupby(messages, key=cycle_of):
        yield Cycle(pid, tuple(_sample(one, message["published"]) for message in group for one in message["samples"]))


def _sample(message: Mapping[str, Any], published: float) -> Sample:
    never_twice = {"counter_volume", "timestamp", "message_id", "message_signature", "monotonic_time", "id"}
    return Sample(
        meter=message["counter_name"],
        volume=message["counter_volume"],
        resource=message["resource_id"],
        rest={name: value for name, value in message.items() if name not in never_twice},
        guest=message["resource_metadata"]["instance_id"],
        taken=datetime.fromisoformat(message["timestamp"]).replace(tzinfo=UTC).timestamp(),
        published=published,
    )


@final
@dataclass(frozen=True, slots=True)
class Agents:
    """Makes agents of both kinds, each in a folder below *folder*."""

    folder: Path

    def ours(self, name: str, *, interval: int = 3, meters: Sequence[str] = ("*",), **more: Any) -> Agent:
        """One that polls through hvinspect, in the way that this release leaves."""
        defaults = dict(more.pop("defaults", {}))
        if HAS_POLLSTERS:
            meters = [f"hvinspect.{meter}" for meter in meters]
        else:
            # Ceilometer's own discovery is asked as well, of a host on which ours finds nobody.
            defaults |= {"hypervisor_inspector": "hvinspect", "libvirt_uri": settings.OWN_QEMU_URI}
            more["options"] = {"target": "libvirt:qemu:///system", **more.get("options", {})}
            meters = [*meters, "!hvinspect.*"] if "*" in meters else meters
        return Agent(self.folder / name, meters=meters, interval=interval, defaults=defaults, **more)

    def stock(self, name: str, *, interval: int = 3, meters: Sequence[str] = ("*",), **more: Any) -> Agent:
        """One that polls on its own; of ours it has at most the discovery, where its own asks nova for each guest."""
        defaults = {"libvirt_uri": settings.OWN_QEMU_URI}
        meters = ["!hvinspect.*"] if "*" in meters else meters
        discovery = "local_instances" if HAS_POLLSTERS else "hvinspect"
        options = {} if HAS_POLLSTERS else {"target": "libvirt:qemu:///system"}
        return Agent(
            self.folder / name,
            meters=meters,
            interval=interval,
            defaults=defaults,
            options=options,
            discovery=discovery,
            **more,
        )
