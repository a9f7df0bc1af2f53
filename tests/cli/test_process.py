"""The command as a process: pipes, signals, what it imports, and what it needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .running import ROOT, argv, environment, process


def test_a_pipe_gets_plain_columns() -> None:
    result = process("stats", "fake:", "--option", "instances=50", env={"FORCE_COLOR": "1", "COLUMNS": "40"})
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert result.stdout.isascii()
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())
    assert sum(line.startswith("instance-") for line in result.stdout.splitlines()) == 50


def test_the_exit_code_is_that_of_the_process() -> None:
    result = process("stats", "scripted:denied", scripted_too=True)
    assert result.returncode == 6
    assert result.stderr.startswith("hvinspect: the policy forbids it")


@pytest.mark.parametrize(
    "arguments", [("fields",), ("stats", "fake:", "--watch", "0.01"), ("stats", "fake:", "--watch", "0.01", "--json")]
)
def test_a_reader_that_goes_away_ends_it_quietly(arguments: tuple[str, ...]) -> None:
    with subprocess.Popen(
        argv(*arguments), env=environment(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        if "--watch" in arguments:
            child.stdout.readline()
        child.stdout.close()
        errors = child.stderr.read()
        assert child.wait(timeout=30) == 141
    assert errors == b""


def test_help_into_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        argv("--help"), env=environment(), cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, timeout=30
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize("arguments", [("fields",), ("list", "fake:"), ("--version",)])
def test_a_full_disk_is_an_error(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            argv(*arguments), env=environment(), cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert result.returncode == 9
    assert result.stderr == "hvinspect: the output cannot be written: [Errno 28] No space left on device\n"


def test_ctrl_c_ends_it_with_130_and_no_traceback() -> None:
    with subprocess.Popen(
        argv("stats", "fake:", "--watch", "60"),
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10) == 130
        assert child.stderr.read() == b""


def test_an_encoding_that_lacks_a_character_is_no_error() -> None:
    result = process("list", "scripted:foreign-name", scripted_too=True, env={"PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stderr) == (0, "")
    assert r"gr\xf6\xdfe" in result.stdout


def test_it_needs_no_installed_script() -> None:
    result = process("--version")
    assert result.stdout.startswith("hvinspect ")


def test_the_script_is_the_entry_point() -> None:
    script = Path(sys.executable).with_name("hvinspect")
    if not script.exists():
        pytest.skip("hvinspect's script is not installed beside this python")
    result = subprocess.run([script, "list", "fake:"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0
    assert result.stdout.startswith("KEY")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_click_or_rich_one_line_says_what_to_install(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from hvinspect.cli import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", program, "list", "fake:"], env=environment(), capture_output=True, text=True
    )
    assert result.returncode == 4
    assert result.stdout == ""
    assert result.stderr == f"hvinspect: the command needs {missing}: pip install 'hvinspect[cli]'\n"


def test_no_vendor_library_is_imported_for_another_driver() -> None:
    program = (
        "import json, sys; from hvinspect.cli import main; code = main(['list', 'fake:']); "
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    modules = json.loads(result.stderr)
    assert "hvinspect.testing.fake" in modules
    assert not [name for name in modules if name.partition(".")[0] in ("libvirt", "libvirtmod", "lxml")]
    assert not [name for name in modules if name.startswith("hvinspect.drivers.")]
