"""Baselines: what each release promised, as files. Freezing one, finding those that count, unpacking its wheel."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from . import future
from .surface import ROOT, Surface, dumped, read

FOLDER = ROOT / "api" / "baselines"
#: Tests that may be public, if they use public names alone.
_TESTS = ("unit", "testing", "cli", "conformance", "bridges/nova", "bridges/opentelemetry")
#: About the words of the log, which are for people and may change.
_OF_WORDS = ("test_quarantine_log.py",)
#: Programs as users write them.
_CONSUMERS = ROOT / "tests" / "consumers"
_PRIVATE_USE = re.compile(
    # The group of entry points is not the package of that name.
    r"hvinspect(\.\w+)*\._|hvinspect\.(cli\b|drivers\b(?!\.v\d))"
    r"|from hvinspect(\.\w+)? import (\([^)]*)?_(?!_)|\b(_registry|_serial)\b"
)
_OWN_IMPORT = re.compile(r"^from (tests(?:\.\w+)*|\.\w*) import", re.MULTILINE)


class NoBaseline(Exception):
    """There is nothing to compare with, which is never taken for nothing having changed."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """One folder of ``api/baselines``."""

    version: Version
    folder: Path

    @property
    def surface(self) -> Surface:
        """What was public."""
        return read(self._needed("surface.json"))

    @property
    def contract(self) -> Path:
        """The uses that its types allowed, for type checkers."""
        return self._needed("contract.py")

    @property
    def golden(self) -> Path:
        """What it stored and did."""
        return self._needed("golden")

    @property
    def recorder(self) -> Path:
        """What made ``golden``."""
        return self._needed("golden.py")

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema that it published."""
        found: dict[str, Any] = json.loads(self._needed("schema.json").read_text())
        return found

    @property
    def tests(self) -> Path:
        """Its public tests."""
        return self._needed("tests")

    @property
    def consumers(self) -> list[Path]:
        """Programs that were written for it."""
        return sorted(self._needed("consumers").glob("*.py"))

    def _needed(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            raise NoBaseline(f"the baseline {self.version} has no {name} (in {self.folder.relative_to(ROOT)})")
        return path

    def unpacked(self) -> Path:
        """The folder that its wheel is unpacked in; always the same, so that type checkers keep what they know."""
        wheels = sorted(self.folder.glob("*.whl"))
        if len(wheels) != 1:
            raise NoBaseline(f"the baseline {self.version} has {len(wheels)} wheels; one is needed")
        digest = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
        target = ROOT / ".nox" / "api" / f"{self.version}-{digest[:12]}"
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
                with zipfile.ZipFile(wheels[0]) as wheel:
                    wheel.extractall(Path(temporary) / "wheel")
                (Path(temporary) / "wheel").rename(target)
        return target


def all_baselines(folder: Path = FOLDER) -> list[Baseline]:
    """Oldest first."""
    found = (path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ()
    return sorted((Baseline(Version(path.name), path) for path in found), key=lambda one: one.version)


def relevant(current: Version, baselines: list[Baseline]) -> list[Baseline]:
    """The last release, and the first of this series: X.0.0, before 1.0 0.y.0; one, if they are the same.

    Until that first release there is, what was taken of its development is in its place.

    Raises:
        NoBaseline: one of them is missing.
    """
    older = [one for one in baselines if one.version <= current]
    if not older:
        raise NoBaseline(f"there is no baseline of {current} or older in {FOLDER.relative_to(ROOT)}")
    last = older[-1]
    in_series = [one for one in older if series(one.version) == series(current)]
    if not in_series and _is_first(current):
        # A new series has just begun: until its first release only the last one counts.
        return [last]
    first = next((one for one in in_series if not one.version.is_prerelease), in_series[0] if in_series else last)
    if not in_series or not _is_first(first.version):
        wanted = ".".join(map(str, series(current)))
        raise NoBaseline(f"there is no baseline of the first release of {wanted}; the oldest is {first.version}")
    return [last] if last is first else [last, first]


def series(version: Version) -> tuple[int, ...]:
    """What has to change for a break: X, before 1.0 0.y."""
    return (version.major,) if version.major else (0, version.minor)


def _is_first(version: Version) -> bool:
    return not any(version.release[len(series(version)) :])


def freeze(version: str, surface: Surface, contract: str, schema: dict[str, Any]) -> Path:
    """Take what is here now as the baseline *version*."""
    folder = FOLDER / str(Version(version))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "surface.json").write_text(dumped(surface))
    (folder / "contract.py").write_text(contract)
    (folder / "schema.json").write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")
    shutil.copyfile(Path(__file__).parent / "golden.py", folder / "golden.py")
    shutil.rmtree(folder / "golden", ignore_errors=True)
    (folder / "golden").mkdir()
    subprocess.run([sys.executable, str(folder / "golden.py"), "record", str(folder / "golden")], check=True, cwd=ROOT)
    _write_future(folder / "golden", schema)
    copy_programs(folder)
    for old in folder.glob("*.whl"):
        old.unlink()
    wheel = ["-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *wheel], check=True, stdout=subprocess.DEVNULL)
    (folder / ".gitignore").unlink(missing_ok=True)
    return folder


def copy_programs(folder: Path) -> None:
    """Put the public tests and the consumers of now into *folder*."""
    for name in ("tests", "consumers"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    for source in public_tests():
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for source in sorted(_CONSUMERS.glob("*.py")):
        if not source.name.startswith(("test_", "__")):
            shutil.copyfile(source, folder / "consumers" / source.name)


def _write_future(golden: Path, schema: dict[str, Any]) -> None:
    expected = {}
    for path in sorted(golden.glob("*.json")):
        if path.name == "transcript.json":
            continue
        document = json.loads(path.read_text())
        keys, number_of_keys = future.with_unknown_keys(document, schema)
        words, number_of_words = future.with_unknown_words(document, schema)
        expected[path.name] = {"unknown_keys": 0, "unknown_values": 0}
        for suffix, made, counts in (
            ("keys", keys, {"unknown_keys": number_of_keys, "unknown_values": 0}),
            ("words", words, {"unknown_keys": 0, "unknown_values": number_of_words}),
        ):
            name = f"{path.stem}.unknown-{suffix}.json"
            (golden / name).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
            expected[name] = counts
    (golden / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def public_tests() -> list[Path]:
    """The test files that use public names alone, with what they import of each other."""
    files = [path for name in _TESTS for path in sorted((ROOT / "tests" / name).glob("*.py"))]
    files += [ROOT / "tests" / name for name in ("__init__.py", "conftest.py", "bridges/__init__.py")]
    public = {path for path in files if path.name not in _OF_WORDS and not _PRIVATE_USE.search(path.read_text())}
    while True:
        fit = {path for path in public if set(_imports(path)) <= public}
        if fit == public:
            return sorted(public)
        public = fit


def _imports(path: Path) -> Iterator[Path]:
    """Files of tests that *path* imports from."""
    for found in _OWN_IMPORT.findall(path.read_text()):
        module = path.parent / found.lstrip(".") if found.startswith(".") else ROOT / found.replace(".", "/")
        yield module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
