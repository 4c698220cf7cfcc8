"""Reading a page."""

import pytest

from tests.docs.pages import anchors, blocks, links

PAGE = """# Some *page*, and its `name`

Save it as `a.toml`:

```toml
[not](a-link.md)
# no heading
```

## Twice

See [this](other.md#twice) and `[that](code.md)`.

## Twice

```console
$ ls
```
"""


def test_blocks_come_with_language_line_and_the_line_before() -> None:
    first, second = blocks(PAGE)
    assert (first.language, first.line, first.before) == ("toml", 6, "Save it as `a.toml`:")
    assert first.lines == ("[not](a-link.md)", "# no heading")
    assert (second.language, second.before) == ("console", "## Twice")


def test_a_fence_that_stays_open_is_found() -> None:
    with pytest.raises(AssertionError, match="line 1"):
        list(blocks("```console\n$ ls\n"))


def test_anchors_are_those_of_the_headings() -> None:
    assert anchors(PAGE) == {"some-page-and-its-name", "twice", "twice-1"}


def test_links_in_code_are_none() -> None:
    assert links(PAGE) == ["other.md#twice"]
