"""Every page as it is drawn: nothing beyond the edge, nothing too faint to read, nothing fetched from elsewhere.

Pictures of all of them are left in docs/_build/pictures, for somebody to look at.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import pytest

from tests.lab.settings import PROJECT_ROOT
from tests.site.browser import Page, browser

pytestmark = pytest.mark.slow

BUILT: Final = PROJECT_ROOT / "docs" / "_build" / "html"
PICTURES: Final = PROJECT_ROOT / "docs" / "_build" / "pictures"
PAGES: Final = sorted(str(path.relative_to(BUILT)) for path in BUILT.rglob("*.html"))
SIZES: Final = {"phone": (390, 844), "desk": (1280, 800)}

# What moves within a frame of its own may be wider than the page. Furo hides what is beyond the page's edge, so its
# scrollWidth alone would not tell.
BEYOND: Final = """
[...document.querySelectorAll("article *, h1, h2")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .filter(one => !one.closest(".table-wrapper, pre, .plot"))
    .map(one => one.tagName + " " + one.textContent.trim().slice(0, 60))
    .concat(document.documentElement.scrollWidth > innerWidth ? ["the page"] : [])
"""
# As WCAG 2 computes it, of every text that is seen and the first ground under it.
FAINT: Final = """
(() => {
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const light = rgb => {
        const linear = one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = rgb.map(one => linear(one / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = one => {
        for (; one; one = one.parentElement) {
            const [r, g, b, a = 1] = numbers(getComputedStyle(one).backgroundColor);
            if (a > 0.5) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const found = new Set();
    const texts = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const one = texts.currentNode.parentElement;
        const text = texts.currentNode.textContent.trim();
        // What a mouse brings up, and drawings, have their own rules.
        if (!text || !one.checkVisibility() || one.closest("svg, .headerlink, button")) continue;
        const [a, b] = [light(numbers(getComputedStyle(one).color).slice(0, 3)), light(ground(one))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.add(`${contrast.toFixed(1)} ${one.className || one.tagName} ${text.slice(0, 30)}`);
    }
    return [...found];
})()
"""


class Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing of each request."""

    def log_request(self, code: object = None, size: object = None) -> None:
        pass

    def log_error(self, *what: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Where the built pages are served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=BUILT))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as opened:
        yield opened


def test_there_are_pages() -> None:
    assert "index.html" in PAGES, "nox -s docs builds them"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_beyond_the_edge_and_nothing_is_fetched_from_elsewhere(
    page: Page, site: str, name: str, size: str
) -> None:
    width, height = SIZES[size]
    page.size(width, height, is_phone=size == "phone")
    page.open(site + name)
    PICTURES.mkdir(exist_ok=True)
    page.picture(PICTURES / f"{name.removesuffix('.html').replace('/', '-')}-{size}.png")
    assert page.run(BEYOND) == []
    assert page.complaints() == []
    assert [url for url in page.requested() if not url.startswith((site, "data:"))] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_too_faint_to_read(page: Page, site: str, name: str, scheme: str) -> None:
    page.prefer(scheme)
    page.open(site + name)
    assert page.run(FAINT) == []


@pytest.mark.parametrize(("words", "first"), [("rx_bytes", "fields.html"), ("quarantined", "deadlines.html")])
def test_a_search_finds_the_page(page: Page, site: str, words: str, first: str) -> None:
    page.open(f"{site}search.html?q={words}")
    page.wait("document.querySelector('#search-results .search-summary')?.textContent.includes('found')")
    found = page.run("[...document.querySelectorAll('#search-results li a')].map(one => one.href)")
    assert any(url.startswith(site + first) for url in found), found


def test_on_a_phone_the_navigation_opens_and_leads_on(page: Page, site: str) -> None:
    page.size(*SIZES["phone"], is_phone=True)
    page.open(site)
    page.run("document.querySelector('label.nav-overlay-icon').click()")
    page.wait("document.querySelector('.sidebar-drawer').getBoundingClientRect().left >= 0")
    link = "document.querySelector('.sidebar-tree a[href=\"rates.html\"]')"
    assert page.run(f"{link}.checkVisibility()")
    page.follow(f"{link}.click()")
    assert page.run("document.title").startswith("Rates")
