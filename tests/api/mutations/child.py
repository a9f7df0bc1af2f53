"""Imports the package with one change of its source in a forked child, and takes the surface of what came of it."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import importlib.machinery
import importlib.metadata
import os
import pickle
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar, cast

from tools.api import surface
from tools.api.distribution import distribution_facts
from tools.api.public import PACKAGE
from tools.api.surface import ROOT, Surface

from .mutant import Mutant
from .places import source

Code = types.CodeType
T = TypeVar("T")


class _Loader(importlib.machinery.SourceFileLoader):
    """Gives the code that it was told to instead of the file's."""

    code: Mapping[str, Code]

    def get_code(self, fullname: str) -> Code | None:
        found = self.code.get(fullname)
        return found if found is not None else super().get_code(fullname)


class _Finder(importlib.machinery.PathFinder):
    """Finds the package's modules where Python does, and has them loaded by ``_Loader``."""

    def __init__(self, code: Mapping[str, Code]) -> None:
        self._code = code

    def find_spec(  # type: ignore[override]  # a finder may be an object
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
            spec.loader.code = self._code
        return spec


def compiled() -> dict[str, Code]:
    """Every module of the package as it is, compiled once for all children."""
    found = {}
    for file in sorted((ROOT / PACKAGE).rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    return found


def preload() -> None:
    """What the package imports from elsewhere, as one child tells, so that no other does it again."""
    for name in _told(_foreign_modules):
        # Some are there only from within another, or where another made them.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # What is installed is the same for all, and read from the disk at each question.
    importlib.metadata.entry_points = cache(importlib.metadata.entry_points)  # type: ignore[assignment]  # cached
    assert PACKAGE not in sys.modules, "the package is to be imported by the children alone"
    gc.collect()
    gc.freeze()


def _foreign_modules() -> list[str]:
    before = set(sys.modules)
    surface.take()
    return [name for name in sys.modules if name not in before and name.partition(".")[0] != PACKAGE]


def asked(question: Callable[[Surface], T], mutant: Mutant | None, code: Mapping[str, Code]) -> T | str:
    """What *question* says of the package with that change, in a child; a text if it cannot be imported any more."""

    def answer() -> T | str:
        taken = _surface(mutant, code)
        return taken if isinstance(taken, str) else question(taken)

    return _told(answer)


def _told(answer: Callable[[], T]) -> T:
    """What *answer* gives in a child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            # A coroutine that nobody awaited says so there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            # It ends before there is anything worth collecting.
            gc.disable()
            told = pickle.dumps(answer())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(told)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return cast("T", pickle.loads(told) if told else "the child ended without a word")


def _surface(mutant: Mutant | None, code: Mapping[str, Code]) -> Surface | str:
    try:
        sys.meta_path.insert(0, _Finder({**code, **_changed(mutant)}))
        import hvinspect  # noqa: F401

        if mutant is not None and mutant.live is not None:
            mutant.live()
        taken = surface.take()
        if mutant is not None and mutant.project is not None:
            before, after = mutant.project
            text = (ROOT / "pyproject.toml").read_text()
            assert before in text, f"pyproject.toml has no {before!r}"
            taken["distribution"] = distribution_facts(text.replace(before, after, 1))
    except BaseException as error:  # noqa: BLE001  # whatever it is, the code cannot be used
        return f"{type(error).__name__}: {error}"
    return taken


def _changed(mutant: Mutant | None) -> dict[str, Code]:
    found = {}
    for module, edit in mutant.edits if mutant is not None else ():
        path = ROOT / source(module)
        tree = ast.parse(path.read_text())
        edit(tree)
        ast.fix_missing_locations(tree)
        found[module] = compile(tree, str(path), "exec", dont_inherit=True)
    return found
