"""The contract of a baseline: a Python file that uses each public name as its types allowed.

Old signatures stand in it as protocols that the package of now has to fit, and as subclasses of what users
implement. Type checkers judge. ``# symbol`` at the end of a line says what that line is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from .functions import Facts
from .public import PACKAGE
from .spelling import PRIVATE
from .surface import Surface

_HEAD = '''"""What the public types of {version} allowed. Generated: see tools/api/contract.py."""
# ruff: noqa
# mypy: disable-error-code="misc,empty-body"
# pyright: reportDeprecated=false, reportIncompatibleVariableOverride=false

from __future__ import annotations

import typing
from typing import Literal, Protocol
'''
_NAME = re.compile(r"(?<![\w.'\"])([A-Za-z_]\w*(?:\.\w+)+)")
_BARE = re.compile(rf"(?<![\w.]){PRIVATE}(?![\w.])")
#: What stands before a dot in what is generated, and is no module of others.
_OWN_WORDS = (PACKAGE, "one")
_WRAPPED = re.compile(r"typing\.(?:ClassVar|Final)\[(.*)\]")


def contract(surface: Surface, version: str) -> str:
    """The text of the file."""
    body = "\n".join(_Writer(surface).lines())
    modules = sorted({*surface["exports"], *_foreign_modules(body)})
    imports = "\n".join(f"import {module}" for module in modules if module != "typing")
    return f"{_HEAD.format(version=version)}\n{imports}\n\n{body}\n"


def _foreign_modules(body: str) -> Iterator[str]:
    for name in set(_NAME.findall(re.sub(r"#.*|\"\"\".*\"\"\"", "", body))):
        first = name.partition(".")[0]
        if first not in _OWN_WORDS and find_spec(first) is not None:
            yield name.rpartition(".")[0]


class _Writer:
    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._number = 0
        variables: dict[str, str] = {}
        for facts in surface["symbols"].values():
            for one in (facts, *facts.get("members", {}).values()):
                variables.update(one.get("type_variables", {}))
            for text in facts.get("type_parameters", []):
                name, _, bound = text.partition(": ")
                variables[name] = bound
        self._variables = variables

    def lines(self) -> Iterator[str]:
        for name, bound in sorted(self._variables.items()):
            yield f'{name} = typing.TypeVar("{name}"{", " + bound if bound else ""})'
        for module, names in self._surface["exports"].items():
            for name in names:
                yield f"{module}.{name}  # {module}.{name}"
        for symbol, facts in self._surface["symbols"].items():
            if facts["kind"] == "function":
                yield from self._function(symbol, symbol, facts, (), hidden=self._generic(facts))
            elif facts["kind"] == "class":
                yield from self._class(symbol, facts)
            elif facts["kind"] == "constant":
                yield f"_is_{self._next()}: {_parameterized(_text(facts['type']))} = {symbol}  # {symbol}"

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _generic(self, facts: Facts) -> bool:
        return bool(facts.get("type_variables"))

    def _function(
        self, symbol: str, where: str, facts: Facts, variables: Sequence[str], *, hidden: bool = False
    ) -> Iterator[str]:
        """A protocol of the old signatures, which the function of now has to be."""
        signatures = facts.get("overloads") or [facts["signature"]]
        if hidden or variables:
            return  # what is generic cannot be written as a protocol that both checkers understand
        number = self._next()
        yield f"class _P{number}(Protocol):"
        for one in signatures:
            if len(signatures) > 1:
                yield "    @typing.overload"
            yield f"    {_definition('__call__', one, asynchronous=facts['async'])}"
        yield f"_p{number}: _P{number} = {where}  # {symbol}"

    def _class(self, symbol: str, facts: Facts) -> Iterator[str]:
        # A typed dict is no dict to type checkers.
        for base in () if "typed_dict" in facts else facts["bases"]:
            # A protocol or ABC that the class only looks like proves nothing.
            if not base.startswith("typing.") and base != "abc.ABC":
                of = _parameterized(base)
                yield f"def _b{self._next()}(one: {_itself(symbol, facts)}) -> {of}: return one  # {symbol}"
        for name in facts.get("enum", {}):
            yield f"_e{self._next()}: Literal[{symbol}.{name}] = {symbol}.{name}  # {symbol}.{name}"
        for name, key in facts.get("typed_dict", {}).items():
            of, where = _text(key["type"]), f"{symbol}.{name}"
            yield f'def _k{self._next()}(one: {symbol}) -> {of}: return one["{name}"]  # {where}'
        if facts.get("type_parameters"):
            return
        if "construct" in facts:
            number = self._next()
            made = {**facts["construct"], "returns": symbol}
            yield f"class _P{number}(Protocol):"
            yield f"    {_definition('__call__', made)}"
            yield f"_p{number}: _P{number} = {symbol}  # {symbol}"
        if facts["role"] == "implemented":
            yield from self._implemented(symbol, facts)
        else:
            for name, member in facts["members"].items():
                yield from self._member(f"{symbol}.{name}", symbol, name, member)

    def _member(self, where: str, symbol: str, name: str, member: Facts) -> Iterator[str]:
        number = self._next()
        if member["kind"] != "function":
            yield f"def _a{number}(one: {symbol}) -> {_text(member['type'])}: return one.{name}  # {where}"
            return
        if self._generic(member):
            return
        if member["how"] in ("class", "static"):
            yield from self._function(where, where, _with_self(member, symbol), ())
            return
        yield f"class _P{number}(Protocol):"
        for one in member.get("overloads") or [member["signature"]]:
            if "overloads" in member:
                yield "    @typing.overload"
            yield f"    {_definition(name, one, asynchronous=member['async'])}"
        yield f"def _m{number}(one: {symbol}) -> _P{number}: return one  # {where}"

    def _implemented(self, symbol: str, facts: Facts) -> Iterator[str]:
        """A subclass that has every member as it was, and one that has no more than it had to."""
        for word, names in (("All", facts["members"]), ("Least", facts["abstract"] or facts["members"])):
            name = f"_{word}{self._next()}"
            yield f"class {name}({symbol}):  # {symbol}"
            yield from self._overrides(symbol, {one: facts["members"][one] for one in names})
            yield f"{name}()  # {symbol}"

    def _overrides(self, symbol: str, members: Facts) -> Iterator[str]:
        for name, member in members.items():
            where = f"# {symbol}.{name}"
            if member["kind"] == "function":
                if self._generic(member):
                    continue
                if member["how"] != "method":
                    yield f"    @{member['how']}method"
                first = {"class": "cls", "method": "self", "static": ""}[member["how"]]
                line = _definition(name, member["signature"], first=first, asynchronous=member["async"], ours=True)
                yield f"    {line.removesuffix(' ...')} raise NotImplementedError  {where}"
            elif member["kind"] == "property":
                yield "    @property"
                yield f"    def {name}(self) -> {_text(member['type'])}: raise NotImplementedError  {where}"
            else:
                yield f"    {name}: {_text(member['type'], keep=True)}  {where}"


def _with_self(member: Facts, symbol: str) -> Facts:
    signature = member["signature"]
    returns = re.sub(r"typing\.Self\b", symbol, signature["returns"])
    return {**member, "signature": {**signature, "returns": returns}}


def _itself(symbol: str, facts: Facts) -> str:
    parameters = facts.get("type_parameters", [])
    return f"{symbol}[{', '.join(['typing.Any'] * len(parameters))}]" if parameters else symbol


def _parameterized(base: str) -> str:
    one = {"Sequence", "Collection", "Iterable", "Container", "Iterator", "Reversible", "Set"}
    last = base.rpartition(".")[2]
    if base.startswith("collections.abc."):
        if last == "Mapping":
            return f"{base}[typing.Any, typing.Any]"
        if last in one:
            return f"{base}[typing.Any]"
    arguments = {"tuple": "[typing.Any, ...]", "dict": "[typing.Any, typing.Any]", "frozenset": "[typing.Any]"}
    return base + arguments.get(base, "")


def _definition(
    name: str, signature: Facts, *, first: str = "self", asynchronous: bool = False, ours: bool = False
) -> str:
    """*ours*: it is written by users and called by the package, so that nothing may come for None."""
    head = "async def" if asynchronous else "def"
    parameters = [*([first] if first else []), *_parameters(signature["parameters"])]
    returns = _text(signature["returns"])
    # Nobody uses a None, so anything may come in its place; but that of __exit__ says that errors pass.
    if returns == "None" and not ours and not name.endswith("exit__"):
        returns = "object"
    return f"{head} {name}({', '.join(parameters)}) -> {returns}: ..."


def _parameters(parameters: Sequence[Facts]) -> Iterator[str]:
    seen_star = False
    for place, one in enumerate(parameters):
        if one["kind"] in ("*", "**"):
            seen_star = seen_star or one["kind"] == "*"
            yield f"{one['kind']}{one['name']}: {_text(one['type'])}"
            continue
        if one["kind"] == "keyword" and not seen_star:
            seen_star = True
            yield "*"
        default = " = ..." if "default" in one else ""
        yield f"{one['name']}: {_text(one['type'])}{default}"
        last_positional = place + 1 == len(parameters) or parameters[place + 1]["kind"] != "positional"
        if one["kind"] == "positional" and last_positional:
            yield "/"


def _text(spelled: str, *, keep: bool = False) -> str:
    """A spelled type as it may stand in the file; what is private may be anything."""
    text = _BARE.sub("typing.Any", spelled)
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1] if wrapped and not keep else text
