"""Does every link within the built documentation lead somewhere? ``python -m tools.site_links FOLDER``.

Sphinx looks at the links that it resolves itself; this looks at what a reader clicks on, tables that directives made
included.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import final
from urllib.parse import unquote, urldefrag

__all__ = ["dead_links", "main"]


@final
class _Page(HTMLParser):
    """What one page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value}
        self.links |= {found[name] for name in ("href", "src") if name in found}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}


def dead_links(root: Path) -> list[str]:
    """Each as ``page: link``."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.html"))}
    dead = []
    for path, page in pages.items():
        for link in sorted(page.links):
            # One with a scheme, or of another host, is not looked up: no network is needed here.
            if ":" in link.partition("/")[0] or link.startswith("//"):
                continue
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.exists() or (anchor and target in pages and unquote(anchor) not in anchors):
                dead.append(f"{path.relative_to(root)}: {link}")
    return dead


def main() -> int:
    """Tell the dead ones."""
    dead = dead_links(Path(sys.argv[1]).resolve())
    for one in dead:
        print(f"dead link in {one}", file=sys.stderr)
    return bool(dead)


if __name__ == "__main__":
    sys.exit(main())
