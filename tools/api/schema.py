"""The JSON Schema of stored records, generated from the records as to_dict() and from_dict() walk them."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

Plain = dict[str, Any]
_SIMPLE: dict[type[Any], Plain] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    UUID: {"type": "string", "format": "uuid"},
}


#: What a reader of now cannot do without. Not published: who validates a document looks at what is written.
_NEEDED = "needed"


def json_schema() -> Plain:
    """What to_dict() writes. A reader allows more: keys and enum values that it does not know."""
    schema = stored_facts()
    for definition in schema["$defs"].values():
        definition.pop(_NEEDED, None)
    return schema


def stored_facts() -> Plain:
    """The schema, and of each record what from_dict() needs."""
    import hvinspect
    from hvinspect._serial import _KINDS

    definitions: Plain = {}
    kinds = []
    for name, cls in _KINDS.items():
        _define(cls, definitions)
        head = {"schema": {"const": hvinspect.SCHEMA}, "kind": {"const": name}}
        kinds.append({"required": ["schema", "kind"], "properties": head, "$ref": f"#/$defs/{cls.__name__}"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"What hvinspect stores, schema {hvinspect.SCHEMA}",
        "description": "Keys that are not listed may be there; enum values that are not listed are read as unknown.",
        "oneOf": kinds,
        "$defs": dict(sorted(definitions.items())),
    }


def _define(cls: type[Any], definitions: Plain) -> None:
    if cls.__name__ in definitions:
        return
    definitions[cls.__name__] = {}
    hints = get_type_hints(cls)
    fields = dataclasses.fields(cls)
    definitions[cls.__name__] = {
        "type": "object",
        "properties": {one.name: _of(hints[one.name], definitions) for one in fields},
        "required": sorted(one.name for one in fields if _written(one, hints[one.name])),
        _NEEDED: sorted(one.name for one in fields if one.default is dataclasses.MISSING),
    }


def _written(field: dataclasses.Field[Any], hint: Any) -> bool:
    """Is it in every document? None is left out, and so are absences where there are none."""
    return field.name != "absences" and type(None) not in get_args(hint)


def _of(hint: Any, definitions: Plain) -> Plain:  # one case for each form of a type
    from hvinspect import Absence, Absences

    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of(next(one for one in arguments if one is not type(None)), definitions)
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is tuple:
        return {
            "type": "array",
            "prefixItems": [_of(one, definitions) for one in arguments],
            "minItems": len(arguments),
        }
    if hint is Absences:
        _define(Absence, definitions)
        return {"type": "object", "additionalProperties": _reference(Absence)}
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        _define(hint, definitions)
        return _reference(hint)
    if issubclass(hint, Enum):
        return {"type": "string", "examples": sorted(one.value for one in hint)}
    return dict(_SIMPLE[hint])


def _reference(cls: type[Any]) -> Plain:
    return {"$ref": f"#/$defs/{cls.__name__}"}


def published(folder: Path) -> Path:
    """Where the schema of today is published."""
    import hvinspect

    return folder / f"hvinspect-{hvinspect.SCHEMA}.schema.json"


def text() -> str:
    """The file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
