"""Hostile input, XML and JSON: what each attack is answered with, and what it may cost.

The attacks are those of ``attacks``; ``bounds`` measures them in processes of their own, parsing
and schema check together.

Source: the row "hostile XML" of the map language sets the bounds.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import MalformedBodyError
from gateway.validation.json_document import parse_json
from gateway.validation.xml_document import parse_xml
from tests.gateway.validation.attacks import JSON, MIB, XML

PROJECT = Path(__file__).parents[3]
MOST_MEMORY = 64
# JSON: 74,000 different property names take the parser that long, and none of them is known.
MOST_WORK = {"XML": 3, "JSON": 4}
HARDENING = {
    "SOURCE.txt": "incomplete",
    "cyclic.xml": "doctype",
    "dtd.xml": "doctype",
    "dtd_element.xml": "doctype",
    "external.xml": "doctype",
    "external_file.xml": "doctype",
    "quadratic.xml": "doctype",
    "schema-include.xsd": "faulty",
    "simple-ns.xml": "faulty",
    "simple.xml": "faulty",
    "xalan_exec.xsl": "faulty",
    "xalan_write.xsl": "faulty",
    "xmlbomb.xml": "doctype",
    "xmlbomb2.xml": "doctype",
    "xxe.wsdl": "doctype",
}

Costs = dict[str, dict[str, Any]]


def measured(*files: Path) -> Costs:
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "tests.gateway.validation.bounds", *map(str, files)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        timeout=300,
    )
    costs: Costs = json.loads(ended.stdout)
    return costs


@pytest.fixture(scope="module")
def costs() -> Costs:
    return measured()


def test_what_attacks_are_measured_against_is_valid(costs: Costs) -> None:
    assert [costs[f"usual {kind}"]["verdict"] for kind in MOST_WORK] == ["valid", "valid"]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        (f"{kind}: {name}", verdict)
        for kind, attacks in (("XML", XML), ("JSON", JSON))
        for name, (_, verdict) in attacks.items()
    ],
)
def test_an_attack_is_refused_or_cheap(costs: Costs, name: str, verdict: str) -> None:
    cost = costs[name]
    assert cost["verdict"] == verdict
    assert cost["work"] <= MOST_WORK[name.partition(":")[0]]
    assert cost["memory"] <= MOST_MEMORY


@pytest.mark.parametrize("name", XML)
def test_an_attack_fits_into_the_size_that_is_allowed(name: str) -> None:
    attack, verdict = XML[name]
    assert (len(attack()) > MIB) is (verdict == "size")


@pytest.mark.parametrize(
    "name", ["undeclared entity", "NUL", "overlong UTF-8", "text after the root", "nested deeply"]
)
def test_a_refusal_of_xml_says_line_and_column(name: str) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        parse_xml(XML[name][0](), limit=MIB)
    (place,) = caught.value.places
    assert ", line 1, column " in place.detail


@pytest.mark.parametrize("name", ["nested deeply", "digits", "lone surrogates", "overlong UTF-8"])
def test_a_refusal_of_json_says_line_and_column(name: str) -> None:
    with pytest.raises(MalformedBodyError) as caught:
        parse_json(JSON[name][0]())
    (place,) = caught.value.places
    assert ": line 1, column " in place.detail


@pytest.mark.standards
def test_every_known_hostile_file_is_refused_cheaply(standards: Path) -> None:
    files = sorted(path for path in (standards / "xml-hardening").iterdir() if path.is_file())
    found = measured(*files)
    assert {name: cost["verdict"] for name, cost in found.items()} == HARDENING
    assert max(cost["work"] for cost in found.values()) <= MOST_WORK["XML"]
    assert max(cost["memory"] for cost in found.values()) <= MOST_MEMORY
