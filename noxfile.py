"""The project's sessions. ``./dev NAME`` runs one, ``./dev test`` CI's set, ``./dev full`` adds what is slow.

Sessions that need one Python run in ``.venv``, which ``./dev`` makes; ``unit`` and ``core`` make an
environment for every Python found.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nox

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

# E402, because they are found by that alone.
from tests.lab import requirements  # noqa: E402
from tools import pythons, ranges  # noqa: E402
from tools.measured import RECORD  # noqa: E402
from tools.run import MAY_SKIP  # noqa: E402

FAULTS = "tests/integration/libvirt/faults"
SOAK = "tests/integration/libvirt/soak"
IN_DOM0 = ("python3", "-m", "pytest", "-p", "no:cacheprovider", "-v", "tests/integration/xen")
# At the end of such a run the daemon's log is compared with what the driver may call.
CALLS_LOGGED = ("--rpc-log",)
PYTHONS = pythons.put_on_path()
PYTHON = str(ROOT / ".venv" / "bin" / "python")
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")

nox.options.sessions = ["lint", "types", "unit"]
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Style, format, and which module may import which."""
    session.run(PYTHON, "-m", "ruff", "check", ".")
    session.run(PYTHON, "-m", "ruff", "format", "--check", ".")
    session.run(str(ROOT / ".venv" / "bin" / "lint-imports"), env={"PYTHONPATH": str(ROOT)})
    for script in ("dev", ".ci/run"):
        session.run("bash" if script == ".ci/run" else "sh", "-n", script, external=True)


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """What a type checker can prove, and that every public name has a type."""
    session.run(PYTHON, "-m", "mypy")
    session.run(PYTHON, "-m", "pyright", "--warnings")
    # It looks for the package in the environment of the first "python" on PATH.
    path = os.pathsep.join([str(Path(PYTHON).parent), os.environ.get("PATH", os.defpath)])
    complete = ("--verifytypes", "hvinspect", "--ignoreexternal")
    session.run(PYTHON, "-m", "pyright", *complete, env={"PATH": path})


@nox.session(venv_backend="none")
def api(session: nox.Session) -> None:
    """Is every promise kept to callers, driver authors and readers of data? ``-- --accept`` after a meant change."""
    if not session.posargs:
        session.run(PYTHON, "-m", "pytest", "tests/api")
    session.run(PYTHON, "-m", "tools.api", *session.posargs)


@nox.session(venv_backend="none")
def api_mutations(session: nox.Session) -> None:
    """Does the gate see what breaks, and let the rest through? A sample, each operator once; ``-- --sample N``."""
    session.run(PYTHON, "-m", "tests.api.mutations", *(session.posargs or ("--sample", "150")))
    if not session.posargs:
        session.run(PYTHON, "-m", "tests.api.mutations.by_hand", "--structure-only")


@nox.session(venv_backend="none")
def api_mutations_all(session: nox.Session) -> None:
    """All mutants, and what was changed by hand in behaviour, which takes long."""
    session.run(PYTHON, "-m", "tests.api.mutations")
    session.run(PYTHON, "-m", "tests.api.mutations.by_hand")


@nox.session(venv_backend="none")
def release(session: nox.Session) -> None:
    """Prepare the release ``-- VERSION`` in a clean checkout; nothing is published. See docs/releasing.md."""
    session.run(PYTHON, "-m", "tools.release", *session.posargs)


@nox.session(venv_backend="none")
def release_rehearsed(session: nox.Session) -> None:
    """The gate in a shallow clone without a network, and a release prepared in one."""
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/api/test_rehearsal.py", *session.posargs)


@nox.session(python=PYTHONS)
def unit(session: nox.Session) -> None:
    """The tests that need no hypervisor, on one Python."""
    extras = "libvirt,vmware,compat" if _libvirt_headers(session) else "vmware,compat"
    _install(session, "-e", f".[{extras}]", *nox.project.dependency_groups(PROJECT, "test"))
    all_of_them = session.python == PYTHONS[0] or RECORD in os.environ
    chosen = ("-m", "not slow" if all_of_them else "not slow and not once")
    # A file's tests stay together, for what they share is made once; files in their order, for the longest come early.
    at_once = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")
    session.run("python", "-m", "pytest", *chosen, *at_once, *session.posargs)


@nox.session(python=PYTHONS)
def core(session: nox.Session) -> None:
    """The core alone, on one Python: wheel and sdist install with no extra and no compiler, and work."""
    options = ("--quiet", "--only-binary", ":all:", "--force-reinstall")
    folder = Path(session.create_tmp())
    shutil.rmtree(folder)
    session.run(PYTHON, "-m", "hatchling", "build", "-d", str(folder), external=True, silent=True)
    for built in sorted(folder.iterdir()):
        session.install(*options, str(built), env={"CC": "/bin/false"})
        session.run("python", str(ROOT / "tools" / "core_alone.py"), env={"PYTHONPATH": ""})


@nox.session(venv_backend="none")
def packaging(session: nox.Session) -> None:
    """The wheel and the sdist, and the ranges that installers are told."""
    session.run(PYTHON, "-m", "pytest", "tests/packaging", *session.posargs)


@nox.session(venv_backend="none")
def packaging_debian(session: nox.Session) -> None:
    """In a Debian without a compiler: its own binding of libvirt is used, and nothing is built."""
    _need(session, requirements.check_bare)
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/packaging/test_distribution.py", *session.posargs)


@nox.session(venv_backend="none")
def beside_ceilometer(session: nox.Session) -> None:
    """Installed beside ceilometer it moves no version. HVINSPECT_UPPER_CONSTRAINTS names the files of releases."""
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/packaging/test_beside_ceilometer.py", *session.posargs)


# What runs with any version of the dependencies: the rest builds wheels, which takes a newer packaging.
ANY_VERSION = (
    "tests/unit", "tests/conformance", "tests/drivers", "tests/cli", "tests/bridges/prometheus",
    "tests/bridges/opentelemetry", "--ignore=tests/cli/test_compat.py",
)  # fmt: skip
RANGED = ".[libvirt,vmware,cli,compat,prometheus,opentelemetry]"
RANGED_TESTS = (
    "pytest", "pytest-xdist", "hypothesis", "pyyaml", "eventlet", "opentelemetry-exporter-otlp-proto-http",
)  # fmt: skip


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The tests with every direct dependency at its lowest version, on the oldest Python."""
    held = Path(session.virtualenv.location) / "lowest.txt"
    held.write_text("\n".join(ranges.constraints()))
    session.install("--quiet", "--constraint", str(held), RANGED, *RANGED_TESTS)
    _with_what_is_there(session)


@nox.session(python=PYTHONS[-1])
def newest(session: nox.Session) -> None:
    """The same with the newest of everything, on the newest Python."""
    session.install("--quiet", "--upgrade", "--upgrade-strategy", "eager", RANGED, *RANGED_TESTS)
    _with_what_is_there(session)


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """The documentation, every warning an error and every example run."""
    build = ROOT / "docs" / "_build"
    # A page that was read before is not read again, and warns of nothing.
    for folder in ("html", "doctest", "doctrees"):
        shutil.rmtree(build / folder, ignore_errors=True)
    for builder in ("html", "doctest"):
        options = ("-W", "-n", "--keep-going", "-q", "-d", str(build / "doctrees"))
        session.run(PYTHON, "-m", "sphinx", "-b", builder, *options, str(ROOT / "docs"), str(build / builder))
    session.run(PYTHON, "-m", "tools.site_links", str(build / "html"))
    session.log(f"read {build / 'html' / 'index.html'}")


@nox.session(venv_backend="none")
def docs_looked_at(session: nox.Session) -> None:
    """Every page of what ``docs`` built in Chromium, on a phone and on a desk; pictures of all of them beside it."""
    _need(session, requirements.check_browser)
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/site", *session.posargs)


@nox.session(venv_backend="none")
def lab_libvirt(session: nox.Session) -> None:
    """The tests on real guests, in a libvirtd of their own; or any command after ``--``, say ``bash``."""
    if session.posargs:
        _lab(session, *CALLS_LOGGED, *session.posargs)
        return
    ignored = (f"--ignore={FAULTS}", f"--ignore={SOAK}")
    _lab(session, *CALLS_LOGGED, PYTHON, "-m", "pytest", "tests/integration/libvirt", *ignored)
    # In labs of their own: the first knows all guests there are, those of the other have the names of those above.
    _lab(session, *CALLS_LOGGED, PYTHON, "-m", "pytest", SOAK)
    _lab(session, PYTHON, "-m", "pytest", "tests/lab/test_inhabitants.py")
    # These start labs, two at once and ones that are killed, so they run outside.
    session.run(PYTHON, "-m", "pytest", "tests/lab/test_start.py")


@nox.session(venv_backend="none")
def lab_libvirt_newer(session: nox.Session) -> None:
    """Conformance and fidelity of the libvirt driver with libvirt, QEMU, binding and Python of Debian's newer suite."""
    _suites(session, "tests.lab.suites.matrix", "trixie")


@nox.session(venv_backend="none")
def lab_libvirt_suites(session: nox.Session) -> None:
    """The same with each suite and crosswise, the docs' table of support; or ``-- [--client SUITE] COMMAND``."""
    if session.posargs:
        _suites(session, "tests.lab.suites", *session.posargs)
    else:
        _suites(session, "tests.lab.suites.matrix")


# What was measured, and what the releases before it need another way in for.
CEILOMETER, CEILOMETER_OLDER = "27.0.0", "23.0.0"
# What ceilometer and its libraries are warned of is theirs.
OWN_WARNINGS = ("-o", "filterwarnings=default\nerror:::hvinspect")


@nox.session(venv_backend="none")
def bridge_ceilometer(session: nox.Session) -> None:
    """The bridge with the real ceilometer, on hypervisors that are played."""
    _bridge_ceilometer(session, CEILOMETER)


@nox.session(venv_backend="none")
def bridge_ceilometer_older(session: nox.Session) -> None:
    """The same with the last release that takes an inspector of others."""
    _bridge_ceilometer(session, CEILOMETER_OLDER)


@nox.session(venv_backend="none")
def lab_ceilometer(session: nox.Session) -> None:
    """Ceilometer's polling agent on real guests, beside the stock one, and its own tests; or a command after ``--``."""
    _lab_ceilometer(session, CEILOMETER, "not slow")


@nox.session(venv_backend="none")
def lab_ceilometer_slow(session: nox.Session) -> None:
    """What of it takes too long for CI: one of twenty guests stopped, fifty beside the stock agent."""
    _lab_ceilometer(session, CEILOMETER, "slow")


@nox.session(venv_backend="none")
def lab_ceilometer_older(session: nox.Session) -> None:
    """The last release that takes an inspector of others, on the same guests."""
    _lab_ceilometer(session, CEILOMETER_OLDER, "not slow")


@nox.session(venv_backend="none")
def lab_ceilometer_xen(session: nox.Session) -> None:
    """Ceilometer's polling agent in dom0 of a real Xen, on its guests."""
    _need(session, requirements.check_xen)
    python = _python_with_ceilometer(session, CEILOMETER)
    session.run(python, "-m", "pytest", "tests/integration/ceilometer_xen", *session.posargs)


@nox.session(venv_backend="none")
def lab_ceilometer_vmware(session: nox.Session) -> None:
    """Ceilometer's polling agent on a simulated vCenter and ESX host."""
    _need(session, requirements.check_vmware)
    python = _python_with_ceilometer(session, CEILOMETER)
    session.run(python, "-m", "pytest", "tests/integration/ceilometer_vmware", *session.posargs)


@nox.session(venv_backend="none")
def lab_slow(session: nox.Session) -> None:
    """What takes too long for CI: forty of fifty guests stopped for ten minutes, a soak of thirty, every fault."""
    ignored = (f"--ignore={FAULTS}", f"--ignore={SOAK}")
    _need_lab(session)
    # Here, because there is no network in the lab.
    session.run(PYTHON, "-m", "tests.lab.virtqemud")
    _lab(session, *CALLS_LOGGED, PYTHON, "-m", "pytest", "-m", "slow", "tests/integration/libvirt", *ignored)
    # In labs of their own: the first reads no guests but its own, the second stops all there are.
    _lab(session, *CALLS_LOGGED, PYTHON, "-m", "pytest", "-m", "slow", SOAK)
    _lab(session, *CALLS_LOGGED, PYTHON, "-m", "pytest", "-m", "", FAULTS)


@nox.session(venv_backend="none")
def lab_vmware(session: nox.Session) -> None:
    """The tests on a simulated vCenter and ESX host; further arguments go to pytest."""
    _need(session, requirements.check_vmware)
    session.run(PYTHON, "-m", "pytest", "tests/integration/vmware", *session.posargs)


@nox.session(venv_backend="none")
def lab_vmware_cost(session: nox.Session) -> None:
    """What a snapshot of a thousand simulated machines costs, beside the raw calls."""
    _need(session, requirements.check_vmware)
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/integration/vmware", *session.posargs)


@nox.session(venv_backend="none")
def lab_qemu(session: nox.Session) -> None:
    """The tests on QEMUs without libvirt, in the same kind of lab; or any command after ``--``."""
    _lab(session, *(session.posargs or (PYTHON, "-m", "pytest", "tests/integration/qemu")))


@nox.session(venv_backend="none")
def lab_qemu_newer(session: nox.Session) -> None:
    """The same with the QEMU of Debian's next release, and under KVM where the host has it."""
    newer = ("tests.lab.suites", "--client", "trixie", "--daemon", "trixie", "/usr/bin/python3", "-m", "pytest")
    _suites(session, *newer, "tests/integration/qemu", *session.posargs)
    _suites(session, *newer, "-m", "slow", "tests/integration/qemu/test_kvm.py")


@nox.session(venv_backend="none")
def lab_qemu_cost(session: nox.Session) -> None:
    """What it costs to read fifty QEMUs: with upstream's client, hvinspect's own, a snapshot; and with one stopped."""
    _lab(session, PYTHON, "-m", "benchmarks.qemu_monitors", *session.posargs)
    _lab(session, PYTHON, "-m", "pytest", "-m", "slow", "tests/integration/qemu")


@nox.session(venv_backend="none")
def lab_xen(session: nox.Session) -> None:
    """The tests on a real Xen, in its dom0, in an emulated machine; or any command there after ``--``."""
    _xen(session, *(session.posargs or IN_DOM0))


@nox.session(venv_backend="none")
def lab_xen_newer(session: nox.Session) -> None:
    """The same on the next release of Xen, with packages from the distribution's newer suite."""
    _xen(session, "--xen", "4.20", *(session.posargs or IN_DOM0))


@nox.session(venv_backend="none")
def lab_xen_libraries(session: nox.Session) -> None:
    """Real libxenstat of several releases, from the distribution's suites, bound without their hypervisor."""
    _need(session, requirements.check_xen)
    session.run(PYTHON, "-m", "pytest", "tests/integration/xen_libraries", *session.posargs)


@nox.session(venv_backend="none")
def lab_xen_boots(session: nox.Session) -> None:
    """Twenty boots of Xen with two guests' known load, one after another."""
    _xen(session, "--boots", "20", *IN_DOM0, "-k", "every_request_and_sector")


@nox.session(venv_backend="none")
def lab_terminal(session: nox.Session) -> None:
    """``hvinspect top`` in a real terminal, its screens compared with those in the tests."""
    _need(session, requirements.check_terminal)
    session.run(PYTHON, "-m", "pytest", "tests/integration/terminal", *session.posargs)


@nox.session(venv_backend="none")
def newcomer(session: nox.Session) -> None:
    """The page Start and the exporter's recipe, word for word, in a Debian that is made for it, and booted."""
    _need(session, requirements.check_bare)
    session.run(PYTHON, "-m", "pytest", "-m", "slow", "tests/integration/newcomer", *session.posargs)


@nox.session(venv_backend="none")
def swapped_fields(session: nox.Session) -> None:
    """Would a test notice if any two fields of the libvirt decoder were swapped?"""
    session.run(PYTHON, "-m", "tools.swap_fields", *session.posargs)


@nox.session(venv_backend="none")
def demo(session: nox.Session) -> None:
    """Two real guests and their counters, moving, for a few seconds."""
    _lab(session, PYTHON, "-m", "tests.lab.demo", *session.posargs)


@nox.session(venv_backend="none")
def bench(session: nox.Session) -> None:
    """Side by side with the raw call and with peers, in the lab."""
    _need_lab(session)
    # Here, because there is no network in the lab.
    session.run(PYTHON, "-m", "benchmarks.obtain")
    _lab(session, PYTHON, "-m", "benchmarks", *session.posargs)


@nox.session(python=PYTHONS[0])
def fuzz(session: nox.Session) -> None:
    """A million hostile inputs, guided by the branches they reach; or ``-- EXECUTIONS``, ``-- --again NAME HEX``."""
    _install(session, "-e", ".", *nox.project.dependency_groups(PROJECT, "fuzz"))
    session.run("python", "-m", "tests.fuzz", *session.posargs)


@nox.session(venv_backend="none")
def coverage(session: nox.Session) -> None:
    """Which lines the unit tests reach; a reading aid, no gate."""
    session.run(PYTHON, "-m", "coverage", "run", "-m", "pytest", "-q", *session.posargs)
    session.run(PYTHON, "-m", "coverage", "report")


@nox.session(venv_backend="none")
def test(session: nox.Session) -> None:
    """What CI runs, with a table of seconds against budget.toml."""
    session.run(PYTHON, "-m", "tools.run", "test")


@nox.session(venv_backend="none")
def full(session: nox.Session) -> None:
    """``test`` and all that is slow or random; writes its results to docs/measured/."""
    session.run(PYTHON, "-m", "tools.run", "full")


def _lab(session: nox.Session, *command: str) -> None:
    """Run *command* in the lab; where there can be none, say why."""
    _need_lab(session)
    session.run(PYTHON, "-m", "tests.lab", *command, external=True)


def _suites(session: nox.Session, module: str, *arguments: str) -> None:
    """Run *module* with root folders of Debian's suites; where none can be made, say why."""
    _need(session, requirements.check_bare)
    session.run(PYTHON, "-m", module, *arguments)


def _xen(session: nox.Session, *command: str) -> None:
    """Run *command* in dom0 of an emulated Xen; where there can be none, say why."""
    _need(session, requirements.check_xen)
    session.run(PYTHON, "-m", "tests.lab.xen", *command, external=True)


def _bridge_ceilometer(session: nox.Session, version: str) -> None:
    """In the environment of a compute host's agent."""
    python = _python_with_ceilometer(session, version)
    session.run(python, "-m", "pytest", *OWN_WARNINGS, *(session.posargs or ["tests/bridges/ceilometer"]))


def _lab_ceilometer(session: nox.Session, version: str, chosen: str) -> None:
    """The agent on the lab's guests; and ceilometer's own tests, which want a libvirtd: without, some wait for one."""
    _need_lab(session)
    python = _python_with_ceilometer(session, version)
    tests = (python, "-m", "pytest", "-m", chosen, "tests/integration/ceilometer")
    session.run(python, "-m", "tests.lab", *CALLS_LOGGED, *(session.posargs or tests))
    if not session.posargs and chosen != "slow":
        # They are in its wheel. To find none is a failure, other than with unittest.
        own = ("-m", "pytest", "-c", os.devnull, "-q", "--pyargs", "ceilometer.tests.unit.compute")
        session.run(python, "-m", "tests.lab", python, *own)


def _python_with_ceilometer(session: nox.Session, version: str) -> str:
    """The Python of an environment with this release and what its tests and ours need; several sessions share it."""
    folder = ROOT / ".nox" / f"ceilometer-{version}"
    python = str(folder / "bin" / "python")
    group = nox.project.dependency_groups(PROJECT, "ceilometer")
    wanted = ("-e", ".[libvirt,vmware]", f"ceilometer=={version}", *group)
    if not Path(python).exists():
        session.run(PYTHON, "-m", "venv", str(folder))
    if not _is_stamped(folder, wanted):
        session.run(python, "-m", "pip", "install", "--quiet", *wanted)
        _stamp(folder, wanted)
    return python


def _with_what_is_there(session: nox.Session) -> None:
    """The tests that any version should pass; and mypy, whatever version, on programs that are as they should be."""
    session.run(
        "python", "-m", "pytest", "-n", "auto", "--dist", "loadfile", "-m", "not slow and not once", *ANY_VERSION
    )
    for program in ("agent", "exporter"):
        session.run("hvinspect", "compat", "check", f"tests/consumers/{program}.py")


def _need_lab(session: nox.Session) -> None:
    """End the session where there can be no lab."""
    _need(session, requirements.check)


def _need(session: nox.Session, check: Callable[[], None]) -> None:
    try:
        check()
    except requirements.Missing as missing:
        # Asked for by name it fails; in a table of many it stands as skipped.
        (session.skip if os.environ.get(MAY_SKIP) else session.error)(str(missing))


def _libvirt_headers(session: nox.Session) -> bool:
    """Whether libvirt-python can be built here; without it the tests that need it skip, and say so."""
    pkg_config = shutil.which("pkg-config")
    if pkg_config and subprocess.run([pkg_config, "--exists", "libvirt"], check=False).returncode == 0:
        return True
    session.warn("libvirt's headers are missing (libvirt-dev, pkg-config): running without libvirt-python")
    return False


def _install(session: nox.Session, *what: str) -> None:
    """``pip install`` unless this environment was made from the same pyproject.toml and the same request."""
    folder = Path(session.virtualenv.location)
    if not _is_stamped(folder, what):
        session.install("--quiet", *what)
        _stamp(folder, what)


def _is_stamped(folder: Path, what: tuple[str, ...]) -> bool:
    stamp = folder / "installed"
    return stamp.is_file() and stamp.read_text() == _key(what)


def _stamp(folder: Path, what: tuple[str, ...]) -> None:
    (folder / "installed").write_text(_key(what))


def _key(what: tuple[str, ...]) -> str:
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + repr(what).encode()).hexdigest()
