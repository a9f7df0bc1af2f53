"""Runs one of Xen's own programs."""

from __future__ import annotations

import subprocess


def output(*command: str) -> str:
    """What *command* printed.

    Raises:
        AssertionError: it failed; with what it said.
    """
    # Under emulation a guest takes seconds to be made.
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
