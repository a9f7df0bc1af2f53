"""Starts a lab: forks its init into new namespaces, waits for it, and removes its cgroups whatever happens.

Three processes: the starter (the caller), the lab's init (pid 1 inside) and the sweeper. The kernel kills
the starter with its parent, init with the starter, and everything inside with init.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Sequence
from types import FrameType

from tests.lab import cgroups, image, kernel, requirements
from tests.lab.init import Plan, become_init


def run(command: Sequence[str], *, rpc_log: bool = False) -> int:
    """Start a lab, run *command* in it and return its exit status.

    Raises:
        requirements.Missing: the machine lacks a package or the caller a privilege.
    """
    kernel.die_with_parent(os.getppid())
    requirements.check()
    guest_image = image.build()
    cgroups.sweep()
    name = f"{cgroups.PREFIX}{os.getpid()}"
    sweeper, tell_sweeper = _fork_sweeper(name)
    try:
        try:
            cgroups.make(name)
            kernel.unshare(kernel.CLONE_NEWPID)
        except OSError as failure:
            raise requirements.Missing(
                f"the lab needs a full root that may make cgroups and namespaces: {failure}"
            ) from failure
        plan = Plan(
            command=tuple(command),
            cgroup=name,
            hierarchies=cgroups.hierarchies(),
            guest_image=guest_image,
            rpc_log=rpc_log,
        )
        return _run_init(plan, tell_sweeper=tell_sweeper)
    finally:
        os.close(tell_sweeper)
        os.waitpid(sweeper, 0)


def _fork_sweeper(name: str) -> tuple[int, int]:
    """Fork the process that outlives the lab by a moment: told init's pid, it clears away behind it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reading)
        return pid, writing
    status = 1
    try:
        # A session of its own, so that a signal to the starter's group or terminal does not end it.
        os.setsid()
        os.close(writing)
        # Holding the starter's output open would keep whoever reads it waiting.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        said = os.read(reading, 32)
        if said:
            _wait_for_end(int(said))
        cgroups.remove(name)
        status = 0
    finally:
        os._exit(status)


def _wait_for_end(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    # Readable once the process, and for an init its whole pid namespace, has ended.
    select.select([descriptor], [], [])


def _run_init(plan: Plan, *, tell_sweeper: int) -> int:
    starter_lives, held_by_starter = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(held_by_starter)
        os.close(tell_sweeper)
        become_init(plan, starter_lives=starter_lives)
    os.close(starter_lives)
    os.write(tell_sweeper, str(pid).encode())
    return _wait(pid)


def _wait(pid: int) -> int:
    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(pid, number)

    # A terminal's interrupt reaches the command itself, which decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, forward)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
