"""Drivers of other distributions, installed as wheels beside hvinspect: good ones work, broken ones harm nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import hvinspect
from hvinspect.driver import DRIVER_API
from tests.wheels import ROOT, Environment, build, written

DISTRIBUTION = Path(__file__).parent / "distribution"
DRIVER = """
from hvinspect.driver import Driver
class TheDriver(Driver):
    @classmethod
    def open(cls, request): return cls()
    def inventory(self, request): return ()
    def read(self, request): yield from ()
    def close(self): pass
"""


class Foreign(NamedTuple):
    """A distribution that should not have been installed."""

    distribution: str
    driver: str
    source: str
    api: int = DRIVER_API


NEWER = Foreign("of-tomorrow", "tomorrow", "raise SystemExit('imported')", api=DRIVER_API + 1)
OLDER = Foreign("of-yesterday", "yesterday", "raise SystemExit('imported')", api=DRIVER_API - 1)
LACKING = Foreign("lacks-a-name", "lacking", "from hvinspect.driver import NameOfTomorrow")
RIVAL = Foreign("rival", "nspawn2", DRIVER)
OTHER_RIVAL = Foreign("other-rival", "nspawn2", DRIVER)
IMPOSTOR = Foreign("impostor", "replay", DRIVER)
IMPORTING = Foreign("imports-nothing", "importing", "import no_such_vendor")
NO_CLASS = Foreign("no-class", "classless", "TheDriver = 5")
RAISING = Foreign("raises", "raising", "raise RuntimeError('out of luck')")
EXITING = Foreign("exits", "exiting", "raise SystemExit('the end')")
PRINTING = Foreign("prints", "printing", f"print('hello')\n{DRIVER}")
FOREIGN = (
    NEWER, OLDER, LACKING, RIVAL, OTHER_RIVAL, IMPOSTOR, IMPORTING, NO_CLASS, RAISING, EXITING, PRINTING,
)  # fmt: skip


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    into = tmp_path_factory.mktemp("wheels")
    return build(ROOT, into), build(DISTRIBUTION, into)


@pytest.fixture(scope="module")
def alone(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """hvinspect and the example distribution, as a user installs them."""
    return Environment(tmp_path_factory.mktemp("alone"), wheels)


@pytest.fixture(scope="module")
def crowd(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The same, the command, and every distribution that should not have been installed."""
    into = tmp_path_factory.mktemp("foreign")
    foreign: list[Path] = []
    for one in FOREIGN:
        module = one.distribution.replace("-", "_")
        point = f"[hvinspect.drivers.v{one.api}]\n{one.driver} = {module}:TheDriver\n"
        foreign.append(written(into, module, files={f"{module}.py": one.source}, entry_points=point))
    return Environment(tmp_path_factory.mktemp("crowd"), [*wheels, *foreign], extras=("cli",))


@pytest.fixture(scope="module")
def listed(crowd: Environment) -> dict[str, Any]:
    """What ``hvinspect drivers --json`` says there, by driver."""
    ended = crowd.run("-m", "hvinspect", "drivers", "--json")
    assert ended.returncode == 0, ended.stderr
    return {one["name"]: one for one in json.loads(ended.stdout)["drivers"]}


def connecting(crowd: Environment, target: str) -> str:
    """The last line that connecting to *target* writes: an error's, or what was read."""
    program = f"import hvinspect\nwith hvinspect.connect({target!r}) as hv: print('read', len(hv.snapshot().instances))"
    ended = crowd.run("-c", program)
    return (ended.stderr or ended.stdout).splitlines()[-1]


def test_the_driver_and_its_test_are_less_than_150_lines() -> None:
    assert sum(len(file.read_text().splitlines()) for file in DISTRIBUTION.glob("*.py")) < 150


def test_the_driver_is_found_by_its_entry_point(alone: Environment) -> None:
    program = "import hvinspect; print(*[one for one in hvinspect.available_drivers() if one.name == 'nspawn'])"
    ended = alone.run("-c", program)
    assert "distribution='hvinspect-nspawn 1.0'" in ended.stdout, ended
    assert "usable=True" in ended.stdout


def test_the_driver_passes_the_conformance_suite_where_it_is_installed(alone: Environment) -> None:
    ended = alone.run(DISTRIBUTION / "check_conformance.py")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "conforms: 21 passed, 1 skipped" in ended.stdout


def test_what_is_tested_is_what_is_installed(alone: Environment) -> None:
    ended = alone.run("-c", "import hvinspect, hvinspect_nspawn; print(hvinspect.__file__, hvinspect_nspawn.__file__)")
    assert all(Path(one).is_relative_to(alone.folder) for one in ended.stdout.split()), ended


def test_its_machines_are_read(alone: Environment, tmp_path: Path) -> None:
    machine = tmp_path / r"machine-build\x2d1.scope"
    machine.mkdir()
    (machine / "cpu.stat").write_text("usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\n")
    program = (
        "import hvinspect, sys\n"
        "with hvinspect.connect('nspawn:' + sys.argv[1]) as hv:\n"
        "    (one,) = hv.snapshot(groups={hvinspect.Group.CPU})\n"
        "    print(one.instance.name, one.cpu.time_ns, one.cpu.why('vcpus_online').reason.value)\n"
    )
    assert alone.run("-c", program, tmp_path).stdout.split() == ["build-1", "5000000", "unsupported"]


@pytest.mark.parametrize(
    ("foreign", "says"),
    [
        (NEWER, f"'tomorrow' of of_tomorrow 1.0 is made for version {DRIVER_API + 1} of the driver API"),
        (NEWER, f"hvinspect {hvinspect.__version__} has version {DRIVER_API}: install a newer version of hvinspect"),
        (OLDER, f"has version {DRIVER_API}: install a newer version of of_yesterday 1.0"),
        (
            LACKING,
            "'lacking' of lacks_a_name 1.0 cannot be imported: ImportError(\"cannot import name 'NameOfTomorrow'",
        ),
        (RIVAL, "is claimed by other_rival 1.0 and by rival 1.0: uninstall one"),
        (IMPOSTOR, "'replay' is claimed by impostor 1.0 and by hvinspect itself: uninstall one"),
        (IMPORTING, "'importing' of imports_nothing 1.0 cannot be imported: ModuleNotFoundError"),
        (NO_CLASS, "'classless' is 5, not a subclass of hvinspect.driver.Driver"),
        (RAISING, "'raising' of raises 1.0 cannot be imported: RuntimeError('out of luck')"),
        (EXITING, "'exiting' of exits 1.0 cannot be imported: SystemExit('the end')"),
    ],
    ids=lambda one: one.distribution if isinstance(one, Foreign) else "",
)
def test_a_driver_that_cannot_be_used_says_why(
    listed: dict[str, Any], crowd: Environment, foreign: Foreign, says: str
) -> None:
    assert not listed[foreign.driver]["usable"]
    assert says in listed[foreign.driver]["remedy"]
    assert foreign.distribution.replace("-", "_") in listed[foreign.driver]["distribution"]


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("tomorrow:", "hvinspect.DriverUnavailable: "),
        ("nspawn2:", "hvinspect.DriverNotFound: "),
        ("exiting:", "hvinspect.DriverUnavailable: "),
    ],
)
def test_connecting_to_it_is_an_error_of_ours(crowd: Environment, target: str, error: str) -> None:
    assert connecting(crowd, target).startswith(error)


@pytest.mark.parametrize("target", ["fake:", "printing:"])
def test_the_others_connect_all_the_same(crowd: Environment, target: str) -> None:
    assert connecting(crowd, target).startswith("read ")


def test_the_good_driver_is_listed_among_the_broken(listed: dict[str, Any]) -> None:
    assert listed["nspawn"] == {
        "name": "nspawn",
        "usable": True,
        "distribution": "hvinspect-nspawn 1.0",
        "remedy": "",
    }


def test_what_a_driver_prints_when_it_is_imported_is_not_in_the_output(crowd: Environment) -> None:
    ended = crowd.run("-m", "hvinspect", "list", "printing:", "--json")
    assert json.loads(ended.stdout)["driver"] == "printing"
    assert ended.stderr == "hello\n"
