"""Stored data as a later version might write it: unknown keys at every level, unknown words for every enum."""

from __future__ import annotations

from typing import Any

Plain = dict[str, Any]

KEY = "a_key_of_the_future"
WORD = "a_word_of_the_future"


def with_unknown_keys(document: Plain, schema: Plain) -> tuple[Plain, int]:
    """*document* with one more key in each record, and how many those are."""
    writer = _Writer(schema["$defs"], keys=True, words=False)
    return writer.rewritten(document, _root(document, schema)), writer.changes


def with_unknown_words(document: Plain, schema: Plain) -> tuple[Plain, int]:
    """*document* with a new word in place of every enum's value, and how many those are."""
    writer = _Writer(schema["$defs"], keys=False, words=True)
    return writer.rewritten(document, _root(document, schema)), writer.changes


def _root(document: Plain, schema: Plain) -> Plain:
    found: Plain = next(one for one in schema["oneOf"] if one["properties"]["kind"]["const"] == document["kind"])
    return {"$ref": found["$ref"]}


class _Writer:
    """Walks a document beside its schema."""

    def __init__(self, definitions: Plain, *, keys: bool, words: bool) -> None:
        self._definitions = definitions
        self._keys = keys
        self._words = words
        self.changes = 0

    def rewritten(self, value: Any, kind: Plain) -> Any:
        if "$ref" in kind:
            return self._record(value, self._definitions[kind["$ref"].rpartition("/")[2]])
        if "additionalProperties" in kind:
            return {name: self.rewritten(one, kind["additionalProperties"]) for name, one in value.items()}
        if kind["type"] == "array":
            kinds = kind.get("prefixItems") or [kind["items"]] * len(value)
            return [self.rewritten(one, of) for one, of in zip(value, kinds, strict=True)]
        if self._words and "examples" in kind:
            self.changes += 1
            return WORD
        return value

    def _record(self, value: Plain, definition: Plain) -> Plain:
        properties = definition["properties"]
        record = {
            name: self.rewritten(one, properties[name]) if name in properties else one for name, one in value.items()
        }
        if self._keys:
            self.changes += 1
            record[KEY] = {KEY: [1]}
        return record
