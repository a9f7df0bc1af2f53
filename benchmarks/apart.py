"""What is measured in a process of its own, and what that leaves behind is in the way of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import ParamSpec

from .figures import Figure

__all__ = ["apart"]

P = ParamSpec("P")


def apart(measure: Callable[P, Iterator[Figure]], *arguments: P.args, **options: P.kwargs) -> list[Figure]:
    """The figures of *measure* with these arguments."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_listed, partial(measure, *arguments, **options)).result()


def _listed(measure: Callable[[], Iterator[Figure]]) -> list[Figure]:
    return list(measure())
