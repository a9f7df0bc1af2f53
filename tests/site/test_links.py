"""What looks for dead links finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site_links import dead_links


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "index.html").write_text(
        '<h1 id="top">x</h1> <a href="folder/page.html#here">x</a> <a href="#top">x</a>'
    )
    (tmp_path / "folder" / "page.html").write_text(
        '<p id="here"><a href="../index.html">x</a> <img src="../a.svg"></p>'
    )
    (tmp_path / "a.svg").write_text("")
    return tmp_path


def test_a_site_whose_links_lead_somewhere_has_no_dead_ones(site: Path) -> None:
    assert dead_links(site) == []


def test_a_page_that_is_not_there_is_found(site: Path) -> None:
    (site / "folder" / "page.html").unlink()
    assert dead_links(site) == ["index.html: folder/page.html#here"]


def test_a_place_on_a_page_that_is_not_there_is_found(site: Path) -> None:
    (site / "folder" / "page.html").write_text("<p id='elsewhere'></p>")
    assert dead_links(site) == ["index.html: folder/page.html#here"]


def test_a_picture_that_is_not_there_is_found(site: Path) -> None:
    (site / "a.svg").unlink()
    assert dead_links(site) == ["folder/page.html: ../a.svg"]


def test_another_site_is_not_asked(site: Path) -> None:
    (site / "a.html").write_text(
        '<a href="https://no.such.host.example/">x</a> <a href="mailto:someone@example.org">x</a>'
    )
    assert dead_links(site) == []
