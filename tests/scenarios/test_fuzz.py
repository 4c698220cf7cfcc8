"""Generated calls of every route find no failure and no status that the contract does not name."""

import json
import re
from pathlib import Path

from tests.scenarios.fuzz.run import fuzz
from tests.scenarios.house import PROJECT

EXAMPLES = 15
NOTICES = 2
"""Routes of the operation that only tests have."""


def test_generated_calls_find_nothing(tmp_path: Path) -> None:
    ended = fuzz(tmp_path, examples=EXAMPLES, seed=1)
    assert ended.returncode == 0, ended.stdout
    contract = json.loads((PROJECT / "openapi" / "openapi.json").read_text("utf-8"))
    routes = sum(len(item) for item in contract["paths"].values()) + NOTICES
    assert f"Tested: {routes}\n" in ended.stdout, ended.stdout
    counted = re.search(r"(\d+) generated, (\d+) passed", ended.stdout)
    assert counted is not None, ended.stdout
    assert int(counted[1]) == int(counted[2]) > 100 * routes
