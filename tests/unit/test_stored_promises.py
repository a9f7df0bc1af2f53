"""What a reader of stored documents relies on, by public names alone: the next release is held against it."""

from __future__ import annotations

import pytest

import hvinspect


def test_a_whole_document_of_a_newer_schema_is_refused() -> None:
    with hvinspect.connect("fake:") as connection:
        document = hvinspect.to_dict(connection.host())
    assert hvinspect.from_dict(document).unknown_keys == 0
    with pytest.raises(hvinspect.ReplyInvalid, match="schema"):
        hvinspect.from_dict({**document, "schema": hvinspect.SCHEMA + 1})


def test_what_is_none_is_not_in_a_document() -> None:
    with hvinspect.connect("fake:") as connection:
        document = hvinspect.to_dict(connection.snapshot())
    assert not any(value is None for one in document["instances"] for value in one["memory"].values())
    assert any("absences" in one["memory"] for one in document["instances"])
