"""XML from outside: no document type, no entities, no network, a bound on its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import ReplyInvalid
from ._text import printable

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["LONGEST_XML", "parse_xml"]

#: Longer documents are refused: libvirt itself sends no more than 4 MiB of one text.
LONGEST_XML = 16 * 1024 * 1024


def parse_xml(text: str) -> _Element:
    """The root element of *text*. Needs lxml, which the extras of the drivers that read XML bring.

    Raises:
        ReplyInvalid: it is too long, not well-formed, or declares a document type.
    """
    from lxml import etree

    if len(text) > LONGEST_XML:
        raise ReplyInvalid(f"XML of {len(text)} characters is longer than the {LONGEST_XML} that are read")
    # A new parser for each text: one is not to be used from two threads at a time.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "surrogateescape"), parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise ReplyInvalid(f"XML that cannot be read: {printable(exc)}") from exc
    if root.getroottree().docinfo.doctype:
        raise ReplyInvalid("XML that declares a document type is not read")
    return root
