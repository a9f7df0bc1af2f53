"""The steps that a page of the docs shows."""

from __future__ import annotations

import re

from tests.lab.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"


def blocks(page: str, kind: str) -> str:
    """All blocks of *kind* on *page*, in their order, with an empty line between them."""
    text = (DOCS / page).read_text()
    found = re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert found, f"{page} shows no {kind}"
    return "\n".join(found)
