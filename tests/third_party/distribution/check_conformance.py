"""The driver against the conformance suite, with two machines' control groups as files."""

import sys
import tempfile
from pathlib import Path

from hvinspect.testing import conformance

FILES = {
    "cgroup.events": "populated 1\nfrozen 0\n",
    "cpu.stat": "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\n",
    "memory.current": "1048576\n",
}

with tempfile.TemporaryDirectory() as folder:
    for unit, limit in (("systemd-nspawn@web.service", "max"), (r"machine-build\x2d1.scope", "268435456")):
        Path(folder, unit).mkdir()
        for name, text in {**FILES, "memory.max": limit}.items():
            Path(folder, unit, name).write_text(text)
    report = conformance.run(f"nspawn:{folder}")
    print(report)
    sys.exit(not report.ok)
