"""Fetches libxenstat of several releases from the distribution's suites; nothing is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lab import requirements, settings
from tests.lab.xen.apt import Apt
from tests.lab.xen.bounded import within
from tests.lab.xen.release import OF_THE_MACHINE, RELEASES, Release

#: Older than any whose dom0 has a Python that hvinspect runs on.
OLDER = Release(xen="4.14", suite="bullseye")
_FETCHING = 180


@pytest.fixture(scope="session", params=[OLDER, *RELEASES.values()], ids=lambda release: release.xen)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """libxenstat of one release, in a folder with the others of Xen's that it needs."""
    return _fetched(request.param, tmp_path_factory.mktemp("xen"))


@pytest.fixture(scope="session", params=[OLDER, OF_THE_MACHINE], ids=lambda release: release.xen)
def loadable(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, of a release that was built for a C library no newer than this machine's."""
    return _fetched(request.param, tmp_path_factory.mktemp("xen"))


def _fetched(release: Release, folder: Path) -> Path:
    settings.CACHE.mkdir(exist_ok=True)
    with within(_FETCHING, f"fetching the libraries of Xen {release.xen}"):
        manager = Apt(release, settings.CACHE)
        needed = manager.needed(f"libxenmisc{release.xen}")
        # All else, the C library first, is this machine's.
        manager.download([one for one in needed if one.name.startswith(("libxen", "libyajl"))], folder)
        for archive in folder.glob("*.deb"):
            subprocess.run([requirements.program("dpkg-deb"), "-x", archive, folder], check=True)
    (found,) = {path.resolve() for path in folder.glob(f"usr/lib/*/libxenstat.so.{release.xen}*")}
    return found
