"""The recipe for a container image, followed without a builder: what its second stage has is enough for the program."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.integration.newcomer.page import DOCS
from tests.lab.bare import Bare, Ran

pytestmark = pytest.mark.slow

CONTAINERFILE = (DOCS / "recipes" / "Containerfile").read_text()


def lines(stage: str, word: str) -> list[str]:
    """What follows *word* in *stage*."""
    return re.findall(rf"^{word} (.+)$", stage, flags=re.MULTILINE)


def test_the_image_has_all_that_the_exporter_needs(
    bare: Bare, started: Ran, offered: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    build, final = re.split(r"^FROM .*\n", CONTAINERFILE, flags=re.MULTILINE)[1:]
    built = bare.run("\n".join(lines(build, "RUN")), wheels=offered)
    assert built.status == 0, built.output
    image = Bare.make(tmp_path_factory.mktemp("image") / "root")
    ((source, copy),) = [line.split()[1:] for line in lines(final, "COPY")]
    shutil.copytree(bare.root / source[1:], image.root / copy[1:], symlinks=True)
    made = image.run("\n".join(lines(final, "RUN")))
    assert made.status == 0, made.output
    (user,), (entry,) = lines(final, "USER"), lines(final, "ENTRYPOINT")
    number, _, group = user.partition(":")
    # libvirt's own test driver is in the client library.
    words = [
        f"setpriv --reuid={number} --regid={group} --clear-groups",
        *json.loads(entry),
        "list libvirt:test:///default",
    ]
    listed = image.run(" ".join(words))
    assert listed.status == 0, listed.output
    assert "running" in listed.output
    served = image.run(" ".join([*words[:-1], "export prometheus nosuch:"]))
    assert "no driver" in served.output, served.output
