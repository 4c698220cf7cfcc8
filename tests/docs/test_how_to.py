"""The recipes, cooked one after the other."""

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import DOCS
from tests.docs.setup import as_in_the_tutorial


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_every_recipe_works(tmp_path: Path) -> None:
    with as_in_the_tutorial(tmp_path, runs=False) as console:
        console.follow(DOCS / "how-to.md")
