"""Holds the generated functions against the rules, which are what a map means."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from gateway.translation.breach import BreachError
from gateway.translation.ledger import Run
from gateway.translation.quick.lines import UnusualError
from gateway.translation.quick.reading import Reader
from gateway.translation.quick.writing import Writer
from gateway.translation.scope import Scope

LEFT_TO_RULES = {
    "computed",
    "where",
    "use",
    "keep",
    "truncate",
    "zip",
    "a repeated choice",
    "elements whose type says what they are",
}
"""Forms and specimens that count, tell nodes apart, recur, or know the repeats around them."""


def _books(run: Run) -> tuple[Any, ...]:
    noted = sorted(
        (kind, place.rule, place.wire, reason, suffix)
        for kind, place, _, reason, suffix in run.noted
    )
    return run.mapped, run.supplied, run.computed, noted


def reads_the_same(reader: Reader, scope: Scope, data: bytes) -> bool:
    """Read both ways; False: the reader gave up. Fails where both read and differ."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    quick, by_rules = Run(mixed=False), Run(mixed=False)
    document: dict[str, Any] = {}
    try:
        reader(etree.fromstring(data, parser), document, quick)
    except (UnusualError, BreachError):
        return False
    expected: dict[str, Any] = {}
    scope.read(etree.fromstring(data, parser), expected, by_rules)
    assert document == expected
    assert _books(quick) == _books(by_rules)
    return True


def writes_the_same(writer: Writer, scope: Scope, document: Mapping[str, Any]) -> bool:
    """Write both ways; False: the writer gave up. Fails where both write and differ."""
    quick, by_rules = Run(), Run()
    out: list[str] = []
    try:
        writer(document, out, quick)
    except (UnusualError, BreachError):
        return False
    expected: list[str] = []
    scope.write(document, expected, by_rules)
    assert "".join(out) == "".join(expected)
    assert _books(quick) == _books(by_rules)
    return True
