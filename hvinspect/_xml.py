"""XML from outside: no document type, no entities, no network, a bound on its size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

from ._errors import ReplyInvalid
from ._text import printable

if TYPE_CHECKING:
    from lxml.etree import TreeBuilder, _Element

__all__ = ["LONGEST_XML", "parse_xml"]

#: Longer documents are refused: libvirt itself sends no more than 4 MiB of one text.
LONGEST_XML = 16 * 1024 * 1024
#: Of shorter ones everything is kept: they need little memory, and to leave something out takes three times as long.
_SHORT = 64 * 1024
_ALL: Mapping[str, Collection[str]] = MappingProxyType({})


def parse_xml(text: str, *, only: Mapping[str, Collection[str]] = _ALL) -> _Element:
    """The root element of *text*. Needs lxml, which the extras of the drivers that read XML bring.

    *only* tells, by the tag of an element, the tags of those children that are wanted, of each the first. Its other
    children may be left out as they are read, for in a tree an element may take 30 times the memory of its text.

    Raises:
        ReplyInvalid: it is too long, not well-formed, or declares a document type.
    """
    from lxml import etree

    if len(text) > LONGEST_XML:
        raise ReplyInvalid(f"XML of {len(text)} characters is longer than the {LONGEST_XML} that are read")
    # A new parser for each text: one is not to be used from two threads at a time.
    wanted: Any = _Wanted(only, etree.TreeBuilder()) if only and len(text) > _SHORT else None
    parser: Any = etree.XMLParser(
        target=wanted, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root: _Element = etree.fromstring(text.encode("utf-8", "surrogateescape"), parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise ReplyInvalid(f"XML that cannot be read: {printable(exc)}") from exc
    if wanted.has_doctype if wanted is not None else root.getroottree().docinfo.doctype:
        raise ReplyInvalid("XML that declares a document type is not read")
    return root


@final
class _Wanted:
    """Makes a tree of what is wanted of a document. Elements taken out of one that is still read crash lxml."""

    def __init__(self, only: Mapping[str, Collection[str]], builder: TreeBuilder) -> None:
        self.has_doctype = False
        self._only = only
        self._builder = builder
        #: The children that may still come, of each element that is open; None if any may.
        self._open: list[set[str] | None] = []
        #: How many elements are open from one on that is not wanted.
        self._skipped = 0

    def doctype(self, _name: str | None, _public: str | None, _system: str | None, /) -> None:
        self.has_doctype = True

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        wanted = self._open[-1] if self._open and not self._skipped else None
        if self._skipped or (wanted is not None and tag not in wanted):
            self._skipped += 1
            return
        if wanted is not None:
            wanted.discard(tag)
        self._open.append({*self._only[tag]} if tag in self._only else None)
        self._builder.start(tag, dict(attributes))

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        self._open.pop()
        self._builder.end(tag)

    def data(self, text: str) -> None:
        if not self._skipped:
            self._builder.data(text)

    def close(self) -> _Element:
        return self._builder.close()
