"""Where the recipes' files are, and what of them a test has to read. They are used as they are."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.lab.settings import PROJECT_ROOT

RECIPES = PROJECT_ROOT / "docs" / "recipes"
SYSUSERS = RECIPES / "hvinspect.sysusers"
READS = RECIPES / "50-hvinspect.rules"
CLOSED = RECIPES / "60-libvirt-closed.rules"
UNIT = RECIPES / "hvinspect-exporter.service"
DROP_IN = RECIPES / "hvinspect-exporter-tls.conf"
_CONTAINERFILE = RECIPES / "Containerfile"
_RUN = RECIPES / "container.sh"
#: Where it is installed, on a host and in a container.
PROGRAM = "/opt/hvinspect/bin/hvinspect"


def by_this_python(command: Sequence[str]) -> list[str]:
    """*command* with the project in the place of what would be installed."""
    assert command[0] == PROGRAM, command
    return [sys.executable, "-m", "hvinspect", *command[1:]]


def started_by_the_unit() -> list[str]:
    """The unit's command."""
    (line,) = re.findall(r"^ExecStart=(.+)$", UNIT.read_text(), flags=re.MULTILINE)
    return shlex.split(line)


def started_by_the_container() -> list[str]:
    """The image's command."""
    text = _CONTAINERFILE.read_text()
    words = [re.findall(rf"^{name} (.+)$", text, flags=re.MULTILINE) for name in ("ENTRYPOINT", "CMD")]
    return [word for (line,) in words for word in json.loads(line)]


def user_of_the_container() -> str:
    """Who it runs as."""
    (user,) = re.findall(r"^USER (.+)$", _CONTAINERFILE.read_text(), flags=re.MULTILINE)
    return str(user)


def seen_by_the_container() -> Path:
    """The folder that is bound in, where it is and for reading."""
    words = shlex.split(_RUN.read_text())
    (volume,) = [after for word, after in pairwise(words) if word == "--volume"]
    outside, inside, how = volume.split(":")
    assert (outside, how) == (inside, "ro"), volume
    return Path(outside)
