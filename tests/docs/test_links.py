"""Every link of the documentation leads somewhere: to a file, and to a heading in it."""

from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PROJECT, anchors, links

PAGES = [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]


def _name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in links(page.read_text("utf-8")) if not _leads_somewhere(page, link)]
    assert broken == []


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(index.read_text("utf-8"))}
    assert [_name(page) for page in PAGES if page not in linked and page != index] == []


def test_a_link_into_nothing_is_found() -> None:
    assert not _leads_somewhere(DOCS / "api.md", "states.md#no-such-heading")
    assert not _leads_somewhere(DOCS / "api.md", "no-such-page.md")
    assert _leads_somewhere(DOCS / "api.md", "states.md#repeated-calls")


def _leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text("utf-8"))
