"""Operators on classes: members, bases, how a dataclass is made, its fields, enums, errors. All edit the source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from tools.api.findings import Audience

from .functions import members, union
from .labels import AUTHORS, Everybody, major, minor, of_place, patch
from .mutant import Mutant, Truth
from .places import Place, at, tree

_RECORD = "record"


def _mutant(name: str, place: Place, truth: Truth, change: Callable[[Any], object], what: str = "") -> Mutant:
    def edit(module: ast.Module) -> None:
        change(at(module, place.path))

    return Mutant(name, f"{place.symbol}.{what}" if what else place.symbol, truth, ((place.module, edit),))


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _statement(text: str) -> ast.stmt:
    return ast.parse(text).body[0]


def _is_class(place: Place) -> bool:
    return bool(place.facts["kind"] == "class")


def _class(place: Place) -> ast.ClassDef:
    assert isinstance(place.node, ast.ClassDef)
    return place.node


def _users(place: Place) -> frozenset[Audience]:
    return AUTHORS if place.implemented else place.users


def _without(name: str) -> Callable[[Any], None]:
    def drop(node: Any) -> None:
        node.body = [one for one in node.body if _name_of(one) != name] or [ast.Pass()]

    return drop


def _name_of(statement: ast.stmt) -> str:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return str(getattr(statement, "name", ""))


@of_place
def method_removed(place: Place) -> Iterator[Mutant]:
    """Each that no base has too: removed, and renamed."""
    if not _is_class(place):
        return
    inherited = {"why"} if any(base.endswith("Record") for base in place.facts["bases"]) else set[str]()
    if "hvinspect.driver.Driver" in place.facts["bases"]:
        return
    for name, member in place.facts["members"].items():
        own = [one for one in _class(place).body if _name_of(one) == name]
        if member["kind"] not in ("function", "property") or not own or name in inherited:
            continue
        if "collections.abc.Mapping" in place.facts["bases"]:
            continue  # what it does not define it has from there, or cannot be made
        yield _mutant("method-removed", place, major(_users(place)), _without(name), name)

        def rename(node: Any, name: str = name) -> None:
            next(one for one in node.body if _name_of(one) == name).name = f"{name}_renamed"

        yield _mutant("method-renamed", place, major(_users(place)), rename, name)


@of_place
def member_added(place: Place) -> Iterator[Mutant]:
    """A public method, a private one, a hook that must be written."""
    if not _is_class(place) or "enum" in place.facts:
        return
    add = "def added(self) -> int: return 1"
    yield _mutant("method-added", place, minor(_users(place)), lambda node: node.body.append(_statement(add)))
    private = _statement("def _added(self) -> int: return 1")
    yield _mutant("private-method-added", place, patch(), lambda node: node.body.append(private))
    if place.implemented:
        hook = _statement("@abstractmethod\ndef added(self) -> int: ...")
        yield _mutant("abstract-hook-added", place, major(AUTHORS), lambda node: node.body.append(hook))


@of_place
def bases(place: Place) -> Iterator[Mutant]:
    """Each base is dropped; one is put behind a private class, which nobody can tell."""
    if not _is_class(place):
        return
    for number, base in enumerate(_class(place).bases):
        text = ast.unparse(base)
        if text in ("ABC", "Exception", "Enum") or text.startswith("Generic"):
            continue

        def drop(node: Any, number: int = number, text: str = text) -> None:
            del node.bases[number]
            if not node.bases and "Error" in text:
                node.bases.append(ast.Name("Exception", ast.Load()))

        yield _mutant("base-dropped", place, major(place.users), drop, text)
    if not place.facts.get("dataclass") and "enum" not in place.facts and _class(place).bases:

        def hide(module: ast.Module) -> None:
            node: Any = at(module, place.path)
            hidden = ast.ClassDef("_Hidden", node.bases, node.keywords, [_statement("__slots__ = ()")], [])
            module.body.insert(module.body.index(node), hidden)
            node.bases, node.keywords = [ast.Name("_Hidden", ast.Load())], []

        yield Mutant("private-base-put-between", place.symbol, patch(), ((place.module, hide),))
    if place.facts["bases"][:1] == ["hvinspect.Error"]:
        more = ast.Name("RuntimeError", ast.Load())
        yield _mutant("base-added", place, minor(place.users), lambda node: node.bases.append(more))


@of_place
def finality(place: Place) -> Iterator[Mutant]:
    """@final is put or dropped."""
    if not _is_class(place):
        return
    if place.facts["final"]:

        def drop(node: Any) -> None:
            node.decorator_list = [one for one in node.decorator_list if ast.unparse(one) != "final"]

        yield _mutant("final-dropped", place, minor(place.users), drop)
    elif "enum" not in place.facts:
        mark = _expression("__import__('typing').final")
        put: Callable[[Any], object] = lambda node: node.decorator_list.insert(0, mark)  # noqa: E731
        yield _mutant("class-made-final", place, major(place.users), put)


@of_place
def metaclass(place: Place) -> Iterator[Mutant]:
    """A plain class gets one."""
    if _is_class(place) and place.facts["metaclass"] == "type" and not place.facts["final"]:
        given = ast.keyword("metaclass", _expression("__import__('abc').ABCMeta"))
        yield _mutant("metaclass-added", place, major(place.users), lambda node: node.keywords.append(given))


@of_place
def slots(place: Place) -> Iterator[Mutant]:
    """A plain class loses its slots."""
    if _is_class(place) and any(_name_of(one) == "__slots__" for one in _class(place).body):
        yield _mutant("slots-dropped", place, major(place.users), _without("__slots__"))


@of_place
def equality(place: Place) -> Iterator[Mutant]:
    """A class compares in a way of its own, or not by what it holds any more."""
    if not _is_class(place) or "enum" in place.facts:
        return
    own = _statement("def __eq__(self, other: object) -> bool: return True")
    hashed = _statement("def __hash__(self) -> int: return 1")
    if not any(_name_of(one) == "__eq__" for one in _class(place).body) and not _by_record(place):
        yield _mutant("equality-of-its-own", place, major(place.users), lambda node: node.body.extend([own, hashed]))
    if place.facts["hash"] == "own" and any(_name_of(one) == "__hash__" for one in _class(place).body):
        yield _mutant("hash-dropped", place, major(place.users), _without("__hash__"))


@of_place
def length(place: Place) -> Iterator[Mutant]:
    """What was always true may be empty from now on."""
    if _is_class(place) and not {"typed_dict", "named_tuple", "enum"} & place.facts.keys():
        has = {"__len__", "__bool__"} & place.facts["members"].keys()
        empty = _statement("def __len__(self) -> int: return 0")
        if not has:
            yield _mutant("length-added", place, major(place.users), lambda node: node.body.append(empty))


def _by_record(place: Place) -> bool:
    return any(ast.unparse(one) == _RECORD for one in _class(place).decorator_list)


_FLAGS = {"frozen": True, "slots": True, "kw_only": True}


@of_place
def flags(place: Place) -> Iterator[Mutant]:
    """How a dataclass is made: frozen, slots, kw_only, eq, order, weakref_slot."""
    if not _is_class(place) or "dataclass" not in place.facts:
        return
    by_record = _by_record(place)
    derived = "hvinspect.driver.Record" in place.facts["bases"] or place.symbol.endswith(".Record")
    for flag, value, truth in (
        ("frozen", False, major(place.users)),
        ("slots", False, major(place.users)),
        ("kw_only", False, minor(place.users)),
        ("eq", False, major(place.users)),
        ("order", True, minor(place.users)),
        ("weakref_slot", True, minor(place.users)),
    ):
        given = {**_FLAGS} if by_record else _given(place)
        if given is None or given.get(flag, flag == "eq") == value:
            continue
        # What inherits from a frozen one must be frozen, and has its equality from there.
        if derived and flag in ("frozen", "eq") and not place.symbol.endswith(".Record"):
            continue
        if flag == "kw_only" and not place.facts["construct"]["parameters"]:
            continue
        made = {**given, flag: value}
        text = ", ".join(f"{name}={setting}" for name, setting in made.items())

        def change(node: Any, text: str = text) -> None:
            for number, one in enumerate(node.decorator_list):
                if "dataclass" in ast.unparse(one) or ast.unparse(one) == _RECORD:
                    node.decorator_list[number] = _expression(f"__import__('dataclasses').dataclass({text})")

        yield _mutant(f"dataclass-{flag}", place, truth, change)


def _given(place: Place) -> dict[str, bool] | None:
    for one in _class(place).decorator_list:
        if isinstance(one, ast.Call) and "dataclass" in ast.unparse(one.func):
            return {str(k.arg): bool(k.value.value) for k in one.keywords if isinstance(k.value, ast.Constant)}
    return None


# -- fields


def _fields(place: Place) -> Iterator[ast.AnnAssign]:
    if _is_class(place) and "dataclass" in place.facts:
        for one in _class(place).body:
            if isinstance(one, ast.AnnAssign) and _name_of(one) in place.facts["members"]:
                yield one


def _field(node: Any, name: str) -> ast.AnnAssign:
    found = next(one for one in node.body if _name_of(one) == name)
    assert isinstance(found, ast.AnnAssign)
    return found


@of_place
def field_removed(place: Place) -> Iterator[Mutant]:
    """Each: removed, renamed."""
    for one in _fields(place):
        name = _name_of(one)
        yield _mutant("field-removed", place, major(place.users), _without(name), name)

        def rename(node: Any, name: str = name) -> None:
            target: Any = _field(node, name).target
            target.id = f"{name}_renamed"

        yield _mutant("field-renamed", place, major(place.users), rename, name)


@of_place
def field_type(place: Place) -> Iterator[Mutant]:
    """Each: another type, one more, one less, the same in another order."""
    for one in _fields(place):
        name, parts = _name_of(one), members(one.annotation)
        first = ast.unparse(parts[0])
        if first in ("Any", "object"):
            continue

        def set_(node: Any, make: Callable[[list[ast.expr]], list[ast.expr]], name: str = name) -> None:
            field = _field(node, name)
            field.annotation = union(make(members(field.annotation)))

        other = _expression("str" if first != "str" else "int")
        change = lambda node, set_=set_, other=other: set_(node, lambda old: [other, *old[1:]])  # noqa: E731
        yield _mutant("field-type-other", place, major(place.users), change, name)
        if len(parts) == 1:
            more = lambda node, set_=set_: set_(node, lambda old: [*old, ast.Constant(None)])  # noqa: E731
            yield _mutant("field-type-wider", place, major(place.users), more, name)
        else:
            less = lambda node, set_=set_: set_(node, lambda old: old[:1])  # noqa: E731
            yield _mutant("field-type-narrower", place, major(place.users), less, name)
            turned = lambda node, set_=set_: set_(node, lambda old: old[::-1])  # noqa: E731
            # Of a number the catalogue looks at how its type is written.
            if first not in ("int", "float"):
                yield _mutant("type-respelled", place, patch(), turned, name)


def _call(field: ast.AnnAssign) -> ast.Call | None:
    known = ("counter", "gauge", "info")
    if isinstance(field.value, ast.Call) and ast.unparse(field.value.func).rpartition(".")[2] in known:
        return field.value
    return None


@of_place
def field_default(place: Place) -> Iterator[Mutant]:
    """Another, none any more."""
    for one in _fields(place):
        if place.facts["members"][_name_of(one)]["kind"] != "field" or one.value is None:
            continue
        call = _call(one)
        if call is not None:
            yield from _declared_default(place, one, call)
        elif isinstance(one.value, ast.Call) and ast.unparse(one.value.func) == "field":
            yield from _made_default(place, _name_of(one))
        elif not isinstance(one.value, ast.Call):
            yield from _plain_default(place, _name_of(one))


def _plain_default(place: Place, name: str) -> Iterator[Mutant]:
    def drop(node: Any) -> None:
        _field(node, name).value = None

    def change(node: Any) -> None:
        _field(node, name).value = ast.Constant("another")

    if _by_record(place) or "kw_only" in (_given(place) or ()):
        yield _mutant("field-made-required", place, major(place.users), drop, name)
    yield _mutant("field-default-changed", place, major(place.users), change, name)


def _made_default(place: Place, name: str) -> Iterator[Mutant]:
    """Of a field that is made anew for each record."""

    def drop(node: Any) -> None:
        _field(node, name).value = None

    def change(node: Any) -> None:
        made: Any = _field(node, name).value
        made.keywords = [ast.keyword("default_factory", _expression("__import__('collections').OrderedDict"))]

    if _by_record(place):
        yield _mutant("field-made-required", place, major(place.users), drop, name)
    yield _mutant("default-factory-changed", place, major(place.users), change, name)


@of_place
def field_left_out(place: Place) -> Iterator[Mutant]:
    """Of comparison; of the constructor."""
    for one in _fields(place):
        member = place.facts["members"][_name_of(one)]
        if member["kind"] != "field" or isinstance(one.value, ast.Call):
            continue
        for flag in ("compare", "init"):
            if flag == "init" and one.value is None:
                continue

            def leave_out(node: Any, name: str = _name_of(one), flag: str = flag) -> None:
                found = _field(node, name)
                given = [ast.keyword("default", found.value)] if found.value is not None else []
                made = _expression("__import__('dataclasses').field()")
                assert isinstance(made, ast.Call)
                made.keywords = [*given, ast.keyword(flag, ast.Constant(False))]
                found.value = made

            yield _mutant(f"field-not-in-{flag}", place, major(place.users), leave_out, _name_of(one))


def _declared_default(place: Place, field: ast.AnnAssign, call: ast.Call) -> Iterator[Mutant]:
    name = _name_of(field)
    has = any(keyword.arg == "default" for keyword in call.keywords)
    counts = ast.unparse(call.func) != "info"

    def put(node: Any, value: ast.expr | None) -> None:
        found = _call(_field(node, name))
        assert found is not None
        found.keywords = [keyword for keyword in found.keywords if keyword.arg != "default"]
        if value is not None:
            found.keywords.append(ast.keyword("default", value))

    if has or counts:
        yield _mutant("field-default-changed", place, major(place.users), lambda node: put(node, ast.Constant(0)), name)
    if has and not counts:
        yield _mutant("field-made-required", place, major(place.users), lambda node: put(node, None), name)


@of_place
def fields_reordered(place: Place) -> Iterator[Mutant]:
    """Two neighbours by keyword: nobody can tell but by position in a pickle, which is not promised."""
    found = list(_fields(place))
    if len(found) > 1 and _by_record(place):

        def turn(node: Any) -> None:
            places = [number for number, one in enumerate(node.body) if isinstance(one, ast.AnnAssign)]
            node.body[places[0]], node.body[places[1]] = node.body[places[1]], node.body[places[0]]

        yield _mutant("fields-reordered", place, patch(), turn)


@of_place
def field_added(place: Place) -> Iterator[Mutant]:
    """Optional, required."""
    if not _is_class(place) or "dataclass" not in place.facts or not _by_record(place):
        return
    optional, required = _statement("added: int | None = None"), _statement("added: int")
    yield _mutant("optional-field-added", place, minor(place.users), lambda node: node.body.append(optional))
    yield _mutant("required-field-added", place, major(place.users), lambda node: node.body.append(required))


# -- the catalogue


@of_place
def catalogue(place: Place) -> Iterator[Mutant]:
    """Unit, kind, group and meaning of each field that the catalogue has."""
    short = _catalogued().get(place.path[0]) if _is_class(place) else None
    if short is None:
        return
    for one in _fields(place):
        call, name = _call(one), _name_of(one)
        if call is None:
            continue
        counts = ast.unparse(call.func) != "info"

        def change(node: Any, make: Callable[[ast.Call], object], name: str = name) -> None:
            found = _call(_field(node, name))
            assert found is not None
            make(found)

        def meaning(found: ast.Call, words: Callable[[str], str], *, counts: bool = counts) -> None:
            text: Any = found.args[1 if counts else 0]
            text.value = words(text.value)

        other = lambda n, c=change, m=meaning: c(n, lambda f: m(f, lambda text: f"Not: {text}"))  # noqa: E731
        yield _mutant("field-meaning", place, major(Everybody), other, name)
        dots = lambda n, c=change, m=meaning: c(n, lambda f: m(f, lambda text: f"{text.rstrip('.')} ."))  # noqa: E731
        yield _mutant("field-punctuation", place, patch(), dots, name)
        group = ast.keyword("group", _expression("__import__('hvinspect._fields')._fields.Group.UNKNOWN"))
        moved = lambda n, c=change, g=group: c(n, lambda f: _put(f, g))  # noqa: E731
        yield _mutant("field-group", place, major(Everybody), moved, name)
        if counts:
            unit = lambda n, c=change: c(n, lambda f: f.args.__setitem__(0, _other_unit(f.args[0])))  # noqa: E731
            yield _mutant("field-unit", place, major(Everybody), unit, name)
            swapped = {"counter": "gauge", "gauge": "counter"}[ast.unparse(call.func)]
            kind = lambda n, c=change, s=swapped: c(n, lambda f: _rename(f, s))  # noqa: E731
            yield _mutant("field-kind", place, major(Everybody), kind, name)
        since = ast.keyword("since", ast.Constant("0.9"))
        later = lambda n, c=change, s=since: c(n, lambda f: _put(f, s))  # noqa: E731  # as those above
        yield _mutant("field-since", place, patch(), later, name)


def _put(call: ast.Call, keyword: ast.keyword) -> None:
    call.keywords = [*(one for one in call.keywords if one.arg != keyword.arg), keyword]


def _rename(call: ast.Call, name: str) -> None:
    call.func = _expression(f"__import__('hvinspect._fields')._fields.{name}")


def _other_unit(unit: ast.expr) -> ast.expr:
    of = "NANOSECONDS" if ast.unparse(unit) in ("B", "Unit.BYTES") else "BYTES"
    return _expression(f"__import__('hvinspect._fields')._fields.Unit.{of}")


def _catalogued() -> dict[str, str]:
    for one in tree("hvinspect._model").body:
        if isinstance(one, ast.AnnAssign) and _name_of(one) == "CATALOGUE":
            assert isinstance(one.value, ast.Call)
            table = one.value.args[0]
            assert isinstance(table, ast.Dict)
            pairs = zip(table.keys, table.values, strict=True)
            return {ast.unparse(value.elts[0]): str(key) for key, value in pairs if isinstance(value, ast.Tuple)}
    raise LookupError("there is no catalogue")


# -- enums and errors


@of_place
def enum_members(place: Place) -> Iterator[Mutant]:
    """Removed, renamed, with another value, added, in another order."""
    if not _is_class(place) or "enum" not in place.facts:
        return
    for name in place.facts["enum"]:
        yield _mutant("enum-member-removed", place, major(place.users), _without(name), name)

        def rename(node: Any, name: str = name) -> None:
            next(one for one in node.body if _name_of(one) == name).targets[0].id = f"{name}_RENAMED"

        def revalue(node: Any, name: str = name) -> None:
            next(one for one in node.body if _name_of(one) == name).value = ast.Constant("another word")

        yield _mutant("enum-member-renamed", place, major(place.users), rename, name)
        yield _mutant("enum-value-changed", place, major(place.users), revalue, name)
    added = _statement("ADDED = 'added'")
    yield _mutant("enum-member-added", place, minor(place.users), lambda node: node.body.append(added))
    yield _mutant("enum-members-reordered", place, patch(), _members_turned)
    if not any(_name_of(one) == "__str__" for one in _class(place).body):
        text = _statement("def __str__(self) -> str: return self.name")
        yield _mutant("enum-text-changed", place, major(place.users), lambda node: node.body.append(text))


def _members_turned(node: Any) -> None:
    places = [number for number, one in enumerate(node.body) if isinstance(one, ast.Assign)]
    node.body[places[0]], node.body[places[-1]] = node.body[places[-1]], node.body[places[0]]


@of_place
def error_attributes(place: Place) -> Iterator[Mutant]:
    """The code of an error, and whether it is worth trying again."""
    if not _is_class(place) or "BaseException" not in place.facts["bases"]:
        return
    for name in ("code", "retryable"):
        if not any(_name_of(one) == name for one in _class(place).body):
            continue

        def change(node: Any, name: str = name) -> None:
            found = next(one for one in node.body if _name_of(one) == name)
            old = found.value.value
            found.value = ast.Constant(not old if isinstance(old, bool) else f"{old}_other")

        yield _mutant(f"error-{name}", place, major(place.users), change, name)


@of_place
def class_attributes(place: Place) -> Iterator[Mutant]:
    """The value of a plain attribute that users override."""
    if not _is_class(place) or not place.implemented:
        return
    for name, member in place.facts["members"].items():
        own = any(_name_of(one) == name for one in _class(place).body)
        if member["kind"] == "attribute" and "value" in member and own:

            def change(node: Any, name: str = name) -> None:
                _field(node, name).value = ast.Constant(7)

            yield _mutant("attribute-value-changed", place, major(AUTHORS), change, name)


@of_place
def class_docstring(place: Place) -> Iterator[Mutant]:
    """Other words."""
    if _is_class(place):
        words = ast.Expr(ast.Constant("Other words."))
        yield _mutant("docstring-changed", place, patch(), lambda node: node.body.insert(0, words))
