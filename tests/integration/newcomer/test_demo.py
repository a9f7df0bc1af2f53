"""The first thing that a newcomer may do: a checkout on a Debian with nothing in it, and the demo."""

from __future__ import annotations

import re

import pytest

from tests.integration.newcomer.conftest import CHECKOUT, with_checkout

pytestmark = pytest.mark.slow


def test_the_demo_installs_what_it_needs_and_shows_counters_that_move(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bare = with_checkout(tmp_path_factory.mktemp("demo") / "root-of-demo")
    ran = bare.run("./dev demo", folder=CHECKOUT)
    assert ran.status == 0, ran.output
    *_, last = re.findall(r"^busy-1 .*$", ran.output, flags=re.MULTILINE)
    # What it reads and writes in a second.
    assert len(re.findall(r"\d MiB/s", last)) == 2, ran.output
