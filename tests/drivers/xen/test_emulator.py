"""The lab's emulator, played by a little program: begun once more only if it did not boot, and in bounded time."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.lab import requirements
from tests.lab.xen import machine
from tests.lab.xen.bounded import TookTooLong, within
from tests.lab.xen.images import Images

NOTHING = "exit 1"
DOM0 = "echo dom0 is up; echo all passed"
HANGS = "exec sleep 600"


class Emulator:
    """A program by the emulator's name, which plays one of *acts* each time that it is started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._starts = folder / "starts"
        monkeypatch.setattr(requirements, "SYSTEM_PATH", f"{folder}:{requirements.SYSTEM_PATH}")

    def plays(self, *acts: str) -> None:
        lines = [f"{number}) {act} ;;" for number, act in enumerate(acts, start=1)]
        program = self._folder / "qemu-system-x86_64"
        begins = f"echo started >>{self._starts}; case $(wc -l <{self._starts}) in"
        program.write_text("\n".join(["#!/bin/sh", begins, *lines, "esac", ""]), encoding="utf-8")
        program.chmod(0o755)

    @property
    def starts(self) -> int:
        return len(self._starts.read_text(encoding="utf-8").splitlines())

    def run(self) -> machine.Emulated:
        return machine.emulate(Images(self._folder), self._folder)


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    return Emulator(tmp_path, monkeypatch)


def test_one_that_boots_is_begun_once(emulator: Emulator, capfd: pytest.CaptureFixture[str]) -> None:
    emulator.plays(DOM0, DOM0)
    assert emulator.run().attempts == 1
    assert emulator.starts == 1
    assert capfd.readouterr() == ("all passed\n", "")


def test_one_that_does_not_boot_is_begun_once_more(emulator: Emulator, capfd: pytest.CaptureFixture[str]) -> None:
    emulator.plays(NOTHING, DOM0)
    assert emulator.run().attempts == 2
    said = capfd.readouterr()
    assert said.out == "all passed\n"
    assert "no dom0 after" in said.err
    assert "once more" in said.err


def test_one_that_does_not_boot_twice_is_not_begun_again(emulator: Emulator) -> None:
    emulator.plays(NOTHING, "echo the disk is gone; exit 1", DOM0)
    with pytest.raises(machine.NotBooted, match="the disk is gone"):
        emulator.run()
    assert emulator.starts == 2


def test_one_that_booted_and_broke_is_not_begun_again(emulator: Emulator) -> None:
    emulator.plays("echo dom0 is up; exit 3", DOM0)
    with pytest.raises(machine.Broken, match="status 3"):
        emulator.run()
    assert emulator.starts == 1


def test_one_that_says_nothing_has_the_time_of_a_boot(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BOOT", 0.5)
    emulator.plays(HANGS, HANGS)
    with pytest.raises(machine.NotBooted, match="nothing was said"):
        emulator.run()
    assert emulator.starts == 2


def test_one_that_booted_has_the_time_of_a_run(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ALL", 1.0)
    emulator.plays(f"echo dom0 is up; {HANGS}")
    with pytest.raises(machine.Broken):
        emulator.run()
    assert emulator.starts == 1


def test_a_program_that_does_not_end_is_killed_in_its_time() -> None:
    began = time.monotonic()
    with pytest.raises(TookTooLong, match="sleeping took longer than"), within(0.2, "sleeping"):
        subprocess.run(["sleep", "600"], check=True)
    assert time.monotonic() - began < 60


def test_what_ends_in_time_is_left_alone() -> None:
    with within(0.2, "nothing"):
        pass
    time.sleep(0.4)
