"""Fetches the peers into .lab/peers/, once: ``python -m benchmarks.obtain``, outside the lab, where there is a network.

Nothing is installed on the host. A peer that cannot be had leaves the reason, and the benchmark goes on without it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.lab.settings import CACHE

from .subjects import Unavailable

__all__ = ["CEILOMETER", "CEILOMETER_VERSION", "COLLECTD", "EXPORTER", "found", "main", "version_of"]

CEILOMETER_VERSION: Final = "27.0.0"
CEILOMETER: Final = f"ceilometer-{CEILOMETER_VERSION}"
COLLECTD: Final = "collectd-core"
EXPORTER: Final = "prometheus-libvirt-exporter"
_FOLDER: Final = CACHE / "peers"
_VERSION: Final = "package-version"


def found(name: str) -> Path:
    """The folder of a peer that was fetched.

    Raises:
        Unavailable: it was not, and why.
    """
    if (_FOLDER / name).is_dir():
        return _FOLDER / name
    reason = _reason_file(name)
    said = reason.read_text() if reason.exists() else "never tried: python -m benchmarks.obtain"
    raise Unavailable(f"it could not be fetched: {said}")


def version_of(name: str) -> str:
    """The version of a package that was fetched."""
    return (found(name) / _VERSION).read_text()


def main() -> None:
    """Fetch what is not there yet."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for name in (CEILOMETER, COLLECTD, EXPORTER):
        if (_FOLDER / name).is_dir():
            continue
        print(f"fetching {name} into {_FOLDER}", file=sys.stderr)
        # A folder under its own name is a whole one.
        partial = _FOLDER / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            if name == CEILOMETER:
                _fetch_ceilometer(partial)
            else:
                _fetch_package(name, partial)
            partial.rename(_FOLDER / name)
            _reason_file(name).unlink(missing_ok=True)
        except (OSError, subprocess.CalledProcessError) as failure:
            said = str(getattr(failure, "stderr", "") or failure).strip().splitlines()[-1]
            print(f"{name} could not be fetched: {said}", file=sys.stderr)
            _reason_file(name).write_text(said)


def _fetch_ceilometer(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    wanted = (f"ceilometer=={CEILOMETER_VERSION}", f"libvirt-python=={version('libvirt-python')}")
    _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted)


def _fetch_package(name: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        # apt's own user has to be able to write there.
        Path(downloads).chmod(0o777)
        try:
            _run("apt-get", "download", "-q", name, folder=downloads)
        except subprocess.CalledProcessError:
            _run("apt-get", "update", "-q", folder=downloads)
            _run("apt-get", "download", "-q", name, folder=downloads)
        (archive,) = Path(downloads).glob("*.deb")
        _run("dpkg-deb", "-x", str(archive), str(folder))
        (folder / _VERSION).write_text(_run("dpkg-deb", "-f", str(archive), "Version").strip())


def _run(*command: str, folder: str | None = None) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def _reason_file(name: str) -> Path:
    return _FOLDER / f"{name}.failed"


if __name__ == "__main__":
    main()
