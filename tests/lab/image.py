"""Builds the guests' kernel and initramfs, once per kernel version and script, into the project's cache."""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.lab import newc, requirements, settings

# Meta packages by distribution; the first whose real package is found is used.
_META_PACKAGES: Final = ("linux-image-cloud-amd64", "linux-image-virtual")
_REAL_PACKAGE: Final = re.compile(r"linux-image-(?:unsigned-)?(\d.*)")
# The order is that of loading: each after those it needs.
_MODULES: Final = (
    "virtio_ring",
    "virtio",
    "virtio_pci_modern_dev",
    "virtio_pci_legacy_dev",
    "virtio_pci",
    "virtio_mmio",
    "virtio_balloon",
    "virtio_console",
    "virtio_blk",
    "failover",
    "net_failover",
    "virtio_net",
    "scsi_common",
    "scsi_mod",
    "sd_mod",
    "virtio_scsi",
)
_APPLETS: Final = (
    *("arp", "basename", "blkdiscard", "cat", "dd", "echo", "insmod", "ip", "mkswap", "mount", "ping"),
    *("poweroff", "printf", "reboot", "rmmod", "sh", "sleep", "stty", "swapon", "swapoff", "taskset"),
)
_INIT: Final = Path(__file__).with_name("guest_init.sh")
COMMANDS: Final = Path(__file__).with_name("commands.sh")
_DAY: Final = 86400
_BUSYBOX_LACKS: Final = "busybox is not static: apt-get install --no-install-recommends busybox-static"


@dataclass(frozen=True, slots=True)
class GuestImage:
    """What a guest boots: two files."""

    kernel: Path
    initramfs: Path


def build() -> GuestImage:
    """The guest image, built now if the cache lacks it; two labs may build at once.

    Raises:
        requirements.Missing: no kernel is installed and none can be downloaded.
    """
    busybox = Path(requirements.program("busybox")).resolve()
    if b"/ld-linux" in busybox.read_bytes():
        raise requirements.Missing(_BUSYBOX_LACKS)
    version, boot_file, modules = _find_kernel()
    files = (_INIT, COMMANDS, busybox, Path(__file__), Path(newc.__file__))
    ingredients = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    target = _cache() / f"initramfs-{version}-{ingredients.hexdigest()[:12]}"
    if not target.exists():
        for old in settings.CACHE.glob(f"initramfs-{version}-*"):
            # Not those another lab may have built a moment ago, from another state of the project.
            if time.time() - old.stat().st_mtime > _DAY:
                old.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=_cache(), prefix="building-") as name:
            building = Path(name) / target.name
            building.write_bytes(_initramfs(busybox=busybox, modules=modules))
            building.rename(target)
    return GuestImage(kernel=boot_file, initramfs=target)


def _cache() -> Path:
    settings.CACHE.mkdir(exist_ok=True)
    return settings.CACHE


def _find_kernel() -> tuple[str, Path, Path]:
    """Version, kernel file and module folder: of an installed kernel, or of a downloaded one."""
    for root in (Path("/"), *sorted(settings.CACHE.glob("kernel-*"), reverse=True)):
        for boot_file in sorted(root.glob("boot/vmlinuz-*"), reverse=True):
            version = boot_file.name.removeprefix("vmlinuz-")
            for library in ("lib", "usr/lib"):
                modules = root / library / "modules" / version
                if version.endswith(("-cloud-amd64", "-generic", "-virtual")) and modules.is_dir():
                    return version, boot_file, modules
    _download()
    return _find_kernel()


def _download() -> None:
    """Unpack the distribution's kernel package into the cache, without installing it."""
    for meta in _META_PACKAGES:
        image = next(filter(_REAL_PACKAGE.fullmatch, _dependencies(meta)), None)
        if image is not None:
            break
    else:
        raise requirements.Missing(f"no guest kernel: apt-get update, or apt-get install {_META_PACKAGES[0]}")
    packages = [image, *(name for name in _dependencies(image) if name.startswith("linux-modules-"))]
    with tempfile.TemporaryDirectory(dir=_cache(), prefix="building-") as name:
        building = Path(name) / "kernel"
        building.mkdir()
        # apt drops to a user who cannot write here, and says so; it downloads all the same.
        fetched = subprocess.run(
            ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *packages],
            cwd=name,
            capture_output=True,
            text=True,
            check=False,
        )
        archives = sorted(Path(name).glob("*.deb"))
        if fetched.returncode != 0 or not archives:
            reason = " ".join(fetched.stderr.split())
            raise requirements.Missing(f"no guest kernel, and {packages[0]} not downloaded: {reason}")
        for archive in archives:
            subprocess.run(["dpkg", "-x", str(archive), str(building)], check=True)
        for path in building.rglob("*.ko*"):
            # Of a hundred megabytes one is needed.
            if _module_of(path) not in _MODULES:
                path.unlink()
        target = settings.CACHE / image.replace("linux-image-", "kernel-", 1)
        try:
            building.rename(target)
        except OSError:
            # Another lab was faster; its result is the same.
            if not target.exists():
                raise


def _dependencies(package: str) -> tuple[str, ...]:
    found = subprocess.run(
        ["apt-cache", "depends", "--important", package], capture_output=True, text=True, check=False
    )
    return tuple(re.findall(r"^ *\|?Depends: (\S+)", found.stdout, flags=re.MULTILINE))


def _initramfs(*, busybox: Path, modules: Path) -> bytes:
    archive = newc.Archive()
    files = {_module_of(path): path for path in modules.rglob("*.ko*")}
    # What the kernel has built in has no file.
    present = [name for name in _MODULES if name in files]
    for directory in ("bin", "dev", "proc", "sys", "tmp", "modules"):
        archive.directory(directory)
    add_busybox(archive, busybox.read_bytes())
    for name in present:
        archive.file(f"modules/{name}.ko", unpacked(files[name]))
    archive.file("modules/order", "".join(f"{name}.ko\n" for name in present).encode())
    archive.file("init", _INIT.read_bytes(), mode=0o755)
    archive.file("commands.sh", COMMANDS.read_bytes())
    return archive.finished()


def add_busybox(archive: newc.Archive, busybox: bytes) -> None:
    """Add busybox to the folder ``bin``, under each name that the guests' scripts use."""
    archive.file("bin/busybox", busybox, mode=0o755)
    for applet in _APPLETS:
        archive.link(f"bin/{applet}", "busybox")


def _module_of(path: Path) -> str:
    return path.name.split(".")[0].replace("-", "_")


def unpacked(module: Path) -> bytes:
    """The module in *module*, whatever it is compressed with."""
    match module.suffix:
        case ".xz":
            return lzma.decompress(module.read_bytes())
        case ".zst":
            return subprocess.run(
                [requirements.program("zstd"), "-dc", str(module)], capture_output=True, check=True
            ).stdout
        case _:
            return module.read_bytes()


def make_root(root: Path) -> None:
    """Make the file tree of a container: busybox and the same commands, with an init of its own."""
    for directory in ("bin", "dev", "proc", "sys", "tmp"):
        (root / directory).mkdir(parents=True)
    shutil.copy(requirements.program("busybox"), root / "bin/busybox")
    for applet in _APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    shutil.copyfile(COMMANDS, root / "commands.sh")
    shutil.copyfile(_INIT.with_name("container_init.sh"), root / "init")
    (root / "init").chmod(0o755)
