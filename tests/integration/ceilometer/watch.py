"""What an agent uses of its host's files, as its kernel sees it: whether Python asks or what is native."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.lab import requirements

_PATH: Final = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"')


def command(record: Path) -> tuple[str, ...]:
    """What to put before a command whose uses of files are to be written to *record*."""
    # Only these calls stop the process.
    quickly = ("--follow-forks", "--seccomp-bpf", "--quiet=all", "--signal=none", "--string-limit=4096")
    return (requirements.program("strace"), *quickly, "--trace=%file,connect", f"--output={record}", "--")


def used_since(record: Path, first: Path) -> set[str]:
    """Each path in the calls of all its processes since *first* was opened for the last time."""
    lines = record.read_text().splitlines()
    begins = max(number for number, line in enumerate(lines) if f'"{first}"' in line)
    return {path for line in lines[begins:] for path in _PATH.findall(line)}
