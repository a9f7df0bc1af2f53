"""``python -m benchmarks.qemu_monitors [--guests N] [--rounds N]``, in a lab: what it costs to read QEMU's monitors.

Ways are: upstream's client (the package qemu.qmp), hvinspect's own client with the same commands, a whole snapshot
through ``qemu:/run/vms/*.qmp``, and one of ``qemu:``, which asks no monitor. They take turns. Wall time and this
process's CPU time, each for one guest, as medians and as the least of all rounds, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import hvinspect
from hvinspect.driver import DEFAULT_GROUPS, Deadline
from hvinspect.drivers._qemu.monitor import Question, ask
from hvinspect.drivers._qemu.operations import Command, commands_for
from tests.lab import entry
from tests.lab.qemu.command import FOLDER, monitor_of
from tests.lab.qemu.lone import LoneGuest, many
from tools.measured import record

_BALLOON: Final = "/machine/peripheral/balloon0"
_GOALS: Final = {"wall": 1.5, "cpu": 0.4}


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.qemu_monitors", description=__doc__)
    parser.add_argument("--guests", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args(arguments)
    if not entry.inside():
        print("in a lab: python -m tests.lab python -m benchmarks.qemu_monitors", file=sys.stderr)
        return 2
    with many(chosen.guests) as guests:
        figures = _measure(guests, chosen.rounds)
    print(f"{'ms for each guest':24}" + "".join(f"{name:>12}" for name in ("wall", "least wall", "cpu", "least cpu")))
    for name, figure in figures.items():
        print(f"{name:24}" + "".join(f"{one:12.3f}" for one in figure.values()))
    print(f"{'goal of a snapshot':24}{_GOALS['wall']:12.3f}{_GOALS['cpu']:24.3f}")
    rows = [
        {"way": name, "guests": chosen.guests, **{f"{key.replace(' ', '_')}_ms": one for key, one in figure.items()}}
        for name, figure in figures.items()
    ]
    record("qemu_cost", rows)
    return 0


def _measure(guests: Sequence[LoneGuest], rounds: int) -> dict[str, dict[str, float]]:
    paths = [str(monitor_of(guest.spec)) for guest in guests]
    commands = commands_for(DEFAULT_GROUPS, balloon=_BALLOON, describes=False, is_polled=False, has_kvm=False)
    with (
        hvinspect.connect(f"qemu:{FOLDER}/*.qmp") as by_monitor,
        hvinspect.connect("qemu:") as by_proc,
        asyncio.Runner() as runner,
    ):
        ways: dict[str, Callable[[], int]] = {
            "qemu.qmp": lambda: len(runner.run(_upstream(paths, commands))),
            "own client": lambda: _own(paths, commands),
            "snapshot, monitors": lambda: _whole(by_monitor),
            "snapshot, /proc alone": lambda: _whole(by_proc),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for number in range(rounds + 2):
            for name, way in ways.items():
                wall, cpu = time.perf_counter(), time.process_time()
                count = way()
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                assert count == len(guests), f"{name} read {count} of {len(guests)}"
                if number >= 2:  # the first find everything new
                    taken[name].append((1e3 * wall / count, 1e3 * cpu / count))
    return {name: _figures(both) for name, both in taken.items()}


def _figures(both: Sequence[tuple[float, float]]) -> dict[str, float]:
    walls, cpus = zip(*both, strict=True)
    return {
        "wall": round(statistics.median(walls), 3),
        "least wall": round(min(walls), 3),
        "cpu": round(statistics.median(cpus), 3),
        "least cpu": round(min(cpus), 3),
    }


async def _upstream(paths: Sequence[str], commands: Sequence[Command]) -> list[Any]:
    from qemu.qmp import QMPClient

    async def one(path: str) -> Any:
        client = QMPClient(path)
        await client.connect(path)
        try:
            return [
                await client.execute(command.execute, json.loads(command.line).get("arguments")) for command in commands
            ]
        finally:
            await client.disconnect()

    return await asyncio.gather(*map(one, paths))


def _own(paths: Sequence[str], commands: tuple[Command, ...]) -> int:
    questions = [Question(path, path, commands, 5.0) for path in paths]
    return sum(len(answer.values) == len(commands) + 1 for answer in ask(questions, Deadline.after(10.0)))


def _whole(connection: hvinspect.Connection) -> int:
    return sum(guest.cpu.time_ns is not None for guest in connection.snapshot())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
