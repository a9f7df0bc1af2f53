"""Run by ``nox -s core`` where only the core is installed: it imports, works, and names what is missing."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sysconfig
from pathlib import Path

OURS = {"hvinspect", "packaging", "typing_extensions", "typing-extensions", "pip", "setuptools", "wheel"}


def main() -> None:
    installed = {distribution.metadata["Name"] for distribution in importlib.metadata.distributions()}
    assert installed <= OURS, f"the core brought in {sorted(installed - OURS)}"

    import hvinspect
    import hvinspect.compat

    assert "site-packages" in str(hvinspect.__file__), hvinspect.__file__
    package = Path(str(hvinspect.__file__)).parent
    assert (package / "py.typed").is_file(), "py.typed is not in the wheel"
    native = list(package.rglob("*.so"))
    assert not native, native

    with hvinspect.connect("fake:") as hv:
        assert list(hv.snapshot(timeout=5.0)), "the fake driver showed no instance"
    hvinspect.compat.require("0.1")
    unusable = [status for status in hvinspect.available_drivers() if status.name == "libvirt"]
    assert [status.usable for status in unusable] == [False], unusable

    command = Path(sysconfig.get_path("scripts")) / "hvinspect"
    ran = subprocess.run([command, "drivers"], capture_output=True, text=True, check=False)
    assert ran.returncode != 0, ran
    assert "hvinspect[cli]" in ran.stderr, ran
    assert "Traceback" not in ran.stderr, ran


if __name__ == "__main__":
    main()
