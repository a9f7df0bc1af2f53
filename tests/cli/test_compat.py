"""``hvinspect compat check``: a program against the types of several versions of hvinspect."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

import hvinspect
from hvinspect.cli.private_uses import private_uses, public_modules
from tests.wheels import ROOT, build, written
from tools.api import public as gate

from .running import run

PACKAGE = Path(hvinspect.__file__).parent
SOURCES = {str(file.relative_to(PACKAGE.parent)): file.read_text() for file in PACKAGE.rglob("*.py")}
FINE = """
import hvinspect

def poll(target):
    with hvinspect.connect(target) as hv:
        return [guest.cpu.time_ns for guest in hv.snapshot()]
"""

ASKING = FINE.replace("return", "hv.health(); return")

PROGRAMS = {
    "fine.py": FINE,
    "asking.py": ASKING,
    "importing.py": "import hvinspect.compat\n",
    "wrong_argument.py": "import hvinspect\nhvinspect.connect('fake:', timeout='5')\n",
    "without_annotations.py": FINE.replace("time_ns", "time_s"),
    "wrong_otherwise.py": "import no_such_library\nnumber: int = 'text'\n",
    "package/__init__.py": "",
    "package/within.py": "from hvinspect import conect\n",
}


def of_version(into: Path, version: str, *changes: tuple[str, str, str], without: str = "") -> None:
    """A wheel of this hvinspect as *version*, with (file, text, other text) changed, and *without* a file."""
    files = {name: text for name, text in SOURCES.items() if name != f"hvinspect/{without}"}
    for name, old, new in changes:
        path = f"hvinspect/{name}"
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    written(into, "hvinspect", version=version, files=files)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions before this one: without compat and with nothing called health(), and as it is today."""
    into = tmp_path_factory.mktemp("wheels")
    of_version(into, "0.0.1", ("_connection.py", "def health(", "def condition("), without="compat.py")
    of_version(into, "0.0.2")
    return into


def checked(tmp_path: Path, source: str, *arguments: str | Path) -> Result:
    program = tmp_path / "agent.py"
    program.write_text(source)
    return run("compat", "check", str(program), *map(str, arguments))


def found(tmp_path: Path, source: str, *arguments: str | Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(checked(tmp_path, source, "--json", *arguments).stdout)
    return plain


@pytest.fixture(scope="module")
def errors(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """Of each program below: the messages about it, version by version from the oldest, all found in one go."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "mypy.ini").write_text("[mypy]\nignore_errors = True\n")
    (folder / "package").mkdir()
    for name, source in PROGRAMS.items():
        (folder / name).write_text(source)
    plain = json.loads(run("compat", "check", str(folder), "--wheels", str(wheels), "--json").stdout)
    return {
        name: [
            [
                f"{error['line']}: {error['message']}"
                for error in version["errors"]
                if error["file"].endswith(f"/{name}")
            ]
            for version in plain["versions"]
        ]
        for name in PROGRAMS
    }


def private(tmp_path: Path, source: str) -> list[str]:
    program = tmp_path / "agent.py"
    program.write_text(source)
    return [use.name for use in private_uses(program)]


def test_it_explains_itself_in_80_columns() -> None:
    assert max(map(len, run("compat", "check", "--help").stdout.splitlines())) <= 80


def test_a_program_that_every_version_suits_needs_the_oldest(tmp_path: Path, wheels: Path) -> None:
    result = checked(tmp_path, FINE, "--wheels", wheels)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "needs hvinspect>=0.0.1"


def test_a_name_that_came_later_is_missing_in_the_older_version(errors: dict[str, list[list[str]]]) -> None:
    older, *others = errors["asking.py"]
    assert older == ['6: "Connection" has no attribute "health"']
    assert others == [[], []]


def test_a_module_that_came_later_is_missing_in_the_older_version(errors: dict[str, list[list[str]]]) -> None:
    older, *others = errors["importing.py"]
    assert "compat" in older[0]
    assert others == [[], []]


def test_an_argument_that_does_not_fit_is_told(errors: dict[str, list[list[str]]]) -> None:
    assert all(found[0].startswith('2: Argument "timeout"') for found in errors["wrong_argument.py"])


def test_code_without_annotations_is_looked_into_whatever_the_program_sets(errors: dict[str, list[list[str]]]) -> None:
    assert errors["without_annotations.py"][-1] == ['6: "CpuStats" has no attribute "time_s"; maybe "time_ns"?']


def test_what_is_wrong_for_other_reasons_does_not_matter(errors: dict[str, list[list[str]]]) -> None:
    assert errors["wrong_otherwise.py"] == errors["fine.py"] == [[], [], []]


def test_a_name_that_never_was_is_missing_in_all_versions(errors: dict[str, list[list[str]]]) -> None:
    assert all("conect" in found[0] for found in errors["package/within.py"])


@pytest.mark.once
def test_a_hole_in_the_middle_is_above_what_is_older(tmp_path: Path) -> None:
    of_version(tmp_path, "0.0.1")
    of_version(tmp_path, "0.0.2", ("_connection.py", "def snapshot(", "def reading("))
    of_version(tmp_path, "0.0.3")
    assert found(tmp_path, FINE, "--wheels", tmp_path)["floor"] == "0.0.3"


@pytest.mark.once
def test_a_program_that_no_version_suits_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = checked(tmp_path, "from hvinspect import conect\n")
    assert result.exit_code == 10
    assert '\nagent.py:1: Module "hvinspect" has no attribute "conect"' in result.stdout
    assert result.stdout.splitlines()[-1] == "the program does not pass with the newest version"


@pytest.mark.once
def test_the_use_of_what_is_deprecated_is_listed_and_no_failure(tmp_path: Path) -> None:
    decorated = ("    def health(self)", '    @deprecated("since 9.1; use condition()")\n    def health(self)')
    imported = ("import contextlib\n", "import contextlib\nfrom typing_extensions import deprecated\n")
    of_version(tmp_path, "9.1", ("_connection.py", *decorated), ("_connection.py", *imported))
    plain = found(tmp_path, ASKING, "--wheels", tmp_path)
    assert plain["ok"]
    (use,) = plain["deprecated"]
    assert "use condition()" in use["message"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import hvinspect._model", ["hvinspect._model"]),
        ("from hvinspect import _model", ["hvinspect._model"]),
        ("from hvinspect._model import Snapshot", ["hvinspect._model.Snapshot"]),
        ("import hvinspect\nhvinspect._model.Snapshot", ["hvinspect._model"]),
        ("import hvinspect.driver as d\nd.Driver._live", ["hvinspect.driver.Driver._live"]),
        ("from hvinspect import driver\ndriver.ABC", ["hvinspect.driver.ABC"]),
        ("from hvinspect.testing.fake import stats_of", ["hvinspect.testing.fake.stats_of"]),
        ("from hvinspect.drivers.libvirt import LibvirtDriver", ["hvinspect.drivers.libvirt.LibvirtDriver"]),
        ("from hvinspect.samples import Iterator", ["hvinspect.samples.Iterator"]),
        ("from hvinspect import Connection as C\nC._call", ["hvinspect.Connection._call"]),
        ("def f():\n    return h._model\nimport hvinspect as h", ["hvinspect._model"]),
    ],
)
def test_a_private_use_is_found(tmp_path: Path, source: str, names: list[str]) -> None:
    assert private(tmp_path, source) == names


@pytest.mark.parametrize(
    "source",
    [
        FINE,
        "import hvinspect\nhvinspect.__version__, hvinspect.__file__",
        "import hvinspect.driver\nhvinspect.driver.Driver.__init__",
        "from hvinspect.testing import conformance, faults\nconformance.run, faults.Hang",
        "from hvinspect.samples import *",
        "from ._model import Snapshot",
        "import other._model\nother._model.x",
    ],
)
def test_a_public_use_is_not(tmp_path: Path, source: str) -> None:
    assert private(tmp_path, source) == []


@pytest.mark.once
def test_a_private_use_fails_though_every_version_passes(tmp_path: Path) -> None:
    result = checked(tmp_path, "from hvinspect._model import Snapshot")
    assert result.exit_code == 10
    assert "agent.py:1: hvinspect._model.Snapshot" in result.stdout


def test_what_is_public_is_what_the_gate_of_the_api_takes_for_it() -> None:
    assert public_modules() == set(gate.modules())


@pytest.mark.once
def test_a_floor_above_the_claimed_one_fails(tmp_path: Path, wheels: Path) -> None:
    result = checked(tmp_path, "from hvinspect import compat\n", "--wheels", wheels, "--floor", "0.0.1")
    assert result.exit_code == 10
    assert result.stdout.splitlines()[-1] == "needs hvinspect>=0.0.2, not >=0.0.1"


@pytest.mark.once
def test_a_claimed_floor_that_no_wheel_shows_fails(tmp_path: Path) -> None:
    result = checked(tmp_path, FINE, "--floor", "0.0.1")
    assert result.exit_code == 10
    assert result.stdout.splitlines()[-1] == f"needs hvinspect>={hvinspect.__version__}, not >=0.0.1"


def test_a_program_that_is_none_is_a_wrong_command_line(tmp_path: Path) -> None:
    result = checked(tmp_path, "def f(:")
    assert result.exit_code == 2
    assert "agent.py:1: " in result.stderr


def test_a_damaged_wheel_is_a_wrong_command_line(tmp_path: Path) -> None:
    (tmp_path / "hvinspect-0.0.1-py3-none-any.whl").write_text("no zip")
    result = checked(tmp_path, FINE, "--wheels", tmp_path)
    assert result.exit_code == 2
    assert "hvinspect-0.0.1-py3-none-any.whl cannot be read as a wheel" in result.stderr


def test_without_mypy_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(FINE)
    hidden = "import sys; sys.modules['mypy'] = None; from hvinspect.cli import main; sys.exit(main())"
    ended = subprocess.run(
        [sys.executable, "-c", hidden, "compat", "check", str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 4
    assert "pip install 'hvinspect[compat]'" in ended.stderr


@pytest.mark.once
def test_the_snippet_for_ci_runs_as_it_stands_in_the_docs(tmp_path: Path) -> None:
    # But for the version: that of the docs may not be released yet.
    (snippet,) = re.findall(r"```sh\n(pip download .*?)```", (ROOT / "docs" / "compat.md").read_text(), re.DOTALL)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "agent.py").write_text(FINE)
    (tmp_path / "index").mkdir()
    build(ROOT, tmp_path / "index")
    ended = subprocess.run(
        ["sh", "-ec", snippet.replace("0.1.0", hvinspect.__version__)],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(tmp_path / "index"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"needs hvinspect>={hvinspect.__version__}" in ended.stdout


@pytest.mark.once
def test_the_hook_runs_what_it_says_with_what_it_installs(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert hook["additional_dependencies"] == extras["compat"]
    (tmp_path / "agent.py").write_text("from hvinspect import conect\n")
    command = [*hook["entry"].split(), *hook["args"]]
    ended = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]], cwd=tmp_path, capture_output=True, timeout=300
    )
    assert (ended.returncode, ended.stderr) == (10, b"")


def test_the_docs_show_the_hook_by_its_name() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "compat.md").read_text(), re.DOTALL)
    assert [one["id"] for one in yaml.safe_load(shown)["repos"][0]["hooks"]] == [hook["id"]]
