"""Makes the disk with what is a run's own: the project, its Python packages, the guests' initramfs, the command."""

from __future__ import annotations

import importlib.metadata
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from tests.lab import image, newc
from tests.lab.settings import INSIDE, PROJECT_ROOT
from tests.lab.xen.entry import INSIDE_VALUE
from tests.lab.xen.images import Images, make_filesystem, run_python

# The distribution has the others, which need a compiler: lxml and libvirt's binding.
_PYTHON_PACKAGES: Final = ("pytest", "typing-extensions", "click", "rich")
#: And these, where the environment that starts the lab has the first of them; the last is how it finds the bridge.
_IF_THERE: Final = ("ceilometer", "hvinspect")
_SOURCES: Final = ("hvinspect", "tests")
_GUEST: Final = "guest-initramfs"
_HERE: Final = Path(__file__).parent
_SPARE: Final = 1024 * 1024


def make_disk(images: Images, target: Path, *, command: Sequence[str], xen: str) -> None:
    """Write the disk for one run of *command* in dom0 to the file *target*."""
    tree = target.with_suffix(".tree")
    for name in _SOURCES:
        shutil.copytree(PROJECT_ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(PROJECT_ROOT / "pyproject.toml", tree / "pyproject.toml")
    for script in (tree / _HERE.relative_to(PROJECT_ROOT) / "scripts").iterdir():
        script.chmod(0o755)
    packages = tree / "packages"
    for distribution in _closure((*_PYTHON_PACKAGES, *(_IF_THERE if find_spec(_IF_THERE[0]) else ()))):
        _copy(distribution, packages)
    # A compiled file beside each source, so that dom0 need not.
    run_python(images.tree, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", str(tree))
    (tree / _GUEST).write_bytes(_guest_initramfs(images))
    environment = {
        INSIDE: INSIDE_VALUE,
        "HVINSPECT_LAB_XEN": xen,
        "PYTHONPATH": f"/project:/project/packages:/usr/lib/xen-{xen}/lib/python",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    (tree / "environment").write_text(_exports(environment), encoding="utf-8")
    (tree / "command").write_text(f"exec {shlex.join(command)}\n", encoding="utf-8")
    make_filesystem(tree, target, spare=_SPARE)
    shutil.rmtree(tree)


def _exports(environment: Mapping[str, str]) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())


def _closure(names: Sequence[str]) -> Iterator[importlib.metadata.Distribution]:
    """The installed distributions of *names* and of what they need."""
    waiting = list(names)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        distribution = importlib.metadata.distribution(name)
        yield distribution
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)


def _copy(distribution: importlib.metadata.Distribution, target: Path) -> None:
    for file in distribution.files or ():
        # Not what is beside the packages, such as programs.
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(file.locate()), place)


def _guest_initramfs(images: Images) -> bytes:
    archive = newc.Archive()
    for directory in ("bin", "dev", "proc", "sys", "tmp", "modules"):
        archive.directory(directory)
    image.add_busybox(archive, images.busybox.read_bytes())
    for module in images.guest_modules:
        archive.file(f"modules/{module.name}", module.read_bytes())
    archive.file("modules/order", "".join(f"{module.name}\n" for module in images.guest_modules).encode())
    archive.file("init", (_HERE / "scripts/guest.sh").read_bytes(), mode=0o755)
    archive.file("commands.sh", image.COMMANDS.read_bytes())
    return archive.finished()
