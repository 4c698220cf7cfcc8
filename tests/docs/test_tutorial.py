"""The tutorial, followed to the letter: real processes, in a folder of its own."""

import os
import shutil
from pathlib import Path

import pytest

from gateway.cli.demo import free_port
from tests.docs.console import Console
from tests.docs.pages import DOCS, PROJECT

OFFICIAL = PROJECT.parent / "shared" / "standards" / "xmeld-2511a"


@pytest.mark.slow
def test_every_command_of_the_tutorial_does_what_the_page_shows(
    tmp_path: Path,
) -> None:
    at_hand = frozenset[str]()
    if OFFICIAL.is_dir():
        shutil.make_archive(str(tmp_path / "xmeld-25.11a"), "zip", OFFICIAL)
        at_hand = frozenset({"official-schemas"})
    with Console(
        tmp_path,
        replaced={"8080": str(free_port(0)), "8090": str(free_port(0))},
        at_hand=at_hand,
    ) as console:
        console.follow(DOCS / "tutorial.md")
        assert [process.poll() for process in console.running] == [None, None]
        assert console.end() == [0, 0]
        assert not (console.left_out and os.environ.get("REQUIRE_STANDARDS"))
