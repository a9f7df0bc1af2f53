"""Prepares a release in this checkout: ``python -m tools.release VERSION``. See docs/releasing.md.

It writes the version, the changelog and the baseline, and builds and checks what is to be published; it publishes
nothing, and leaves the commit to whoever ran it.
"""

from __future__ import annotations

import email
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.version import Version

from tools.api import baselines
from tools.api.findings import Level
from tools.api.surface import ROOT
from tools.api.verdict import granted, needed

_VERSION_FILE = ROOT / "hvinspect" / "_version.py"
_FRAGMENTS = ROOT / "changelog.d"
_DIST = ROOT / "dist"
#: How far a fragment of that type moves the version.
_LEVELS = {"breaking": Level.MAJOR, "deprecation": Level.MINOR, "feature": Level.MINOR}
_ASSIGNED = re.compile(r'__version__ = "[^"]+"')


class Refused(Exception):
    """This cannot be released so."""


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    if len(arguments) != 1:
        print("usage: python -m tools.release VERSION", file=sys.stderr)
        return 2
    try:
        _release(Version(arguments[0]))
    except Refused as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 1
    return 0


def _release(version: Version) -> None:
    last = baselines.all_baselines()[-1].version
    if _said("git", "status", "--porcelain").strip():
        raise Refused("the checkout has changes that are not committed")
    check_bump(last, version, [path.name for path in sorted(_FRAGMENTS.glob("*.md"))])
    _VERSION_FILE.write_text(_ASSIGNED.sub(f'__version__ = "{version}"', _VERSION_FILE.read_text()))
    # Stored documents and the wheel have the version in them: with the new one every promise is held against the old.
    _run(sys.executable, "-m", "tools.api", "--accept")
    _run(sys.executable, "-m", "towncrier", "build", "--yes", "--version", str(version))
    wheel, sdist = _built(version)
    check_wheel(wheel, version)
    check_sdist(sdist)
    _run(sys.executable, "-m", "tools.api", "freeze", str(version))
    # What was frozen has to pass against its own wheel: from now on everybody's changes are held against it.
    _run(sys.executable, "-m", "tools.api")
    print(f"{version} is ready: {wheel.name}, {sdist.name}. docs/releasing.md says what is left to do.")


def check_bump(last: Version, version: Version, fragments: Iterable[str]) -> None:
    """Is the number higher than the last one, and high enough for what the changelog will tell?

    Raises:
        Refused: it is not.
    """
    if version <= last:
        raise Refused(f"{version} is not above {last}, the last baseline")
    types = {name: name.rsplit(".", 2)[1] for name in fragments if name != "README.md"}
    if not types:
        raise Refused("there is no fragment in changelog.d: nothing has changed for anybody")
    for name, kind in types.items():
        level = _LEVELS.get(kind, Level.PATCH)
        if level > granted(last, version):
            raise Refused(f"changelog.d/{name} needs {needed(last, level)} or higher, and this is {version}")


def _built(version: Version) -> tuple[Path, Path]:
    """The wheel and the sdist, each built twice to the same bytes; the wheel from the sdist."""
    sums: set[tuple[str, ...]] = set()
    for _ in range(2):
        for old in _DIST.glob("*"):
            old.unlink()
        _run(sys.executable, "-m", "build", "--outdir", str(_DIST), str(ROOT))
        found = sorted(_DIST.glob(f"hvinspect-{version}*"))
        sums.add(tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in found))
    if len(sums) != 1:
        raise Refused("two builds of one source differ")
    wheels, sdists = list(_DIST.glob("*.whl")), list(_DIST.glob("*.tar.gz"))
    if len(wheels) != 1 or len(sdists) != 1:
        raise Refused(f"a wheel and an sdist are to be built, not {[path.name for path in _DIST.iterdir()]}")
    return wheels[0], sdists[0]


def check_wheel(wheel: Path, version: Version) -> None:
    """Does it have what installers and type checkers look for, and nothing else?

    Raises:
        Refused: it does not.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = f"hvinspect-{version}.dist-info"
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
    stray = [name for name in names if not name.startswith(("hvinspect/", f"{info}/")) or "__pycache__" in name]
    if stray:
        raise Refused(f"{wheel.name} has stray files: {', '.join(stray)}")
    wanted = {"hvinspect/py.typed", "hvinspect/__init__.py", f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"}
    if wanted - set(names):
        raise Refused(f"{wheel.name} lacks {', '.join(sorted(wanted - set(names)))}")
    if metadata["Version"] != str(version):
        raise Refused(f"the metadata of {wheel.name} says version {metadata['Version']}")
    if not wheel.name.endswith("-py3-none-any.whl"):
        raise Refused(f"{wheel.name} is for one platform alone")


def check_sdist(sdist: Path) -> None:
    """Can a distribution build and test from it?

    Raises:
        Refused: it cannot.
    """
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "hvinspect/py.typed", "tests/conftest.py"}
    if wanted - names:
        raise Refused(f"{sdist.name} lacks {', '.join(sorted(wanted - names))}")
    stray = [name for name in names if name.startswith((".", "dist/")) and name not in (".gitignore", _HOOKS)]
    if stray or any("__pycache__" in name for name in names):
        raise Refused(f"{sdist.name} has stray files: {', '.join(sorted(stray)) or '__pycache__'}")


_HOOKS = ".pre-commit-hooks.yaml"


def _run(*command: str) -> None:
    print("$", *command, flush=True)
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "SOURCE_DATE_EPOCH": _epoch()}, check=False)
    if ended.returncode:
        raise Refused(f"{' '.join(command[:4])} ended with {ended.returncode}")


def _epoch() -> str:
    """The time of the commit that is released: what is built has no other."""
    return _said("git", "log", "-1", "--format=%ct").strip()


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
