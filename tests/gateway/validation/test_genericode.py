"""Reading Genericode: what is taken as it stands, and what is refused."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.validation import genericode as module
from gateway.validation.genericode import read_genericode
from tests.gateway.validation.code_lists import KEY, ROWS, URI, genericode, published, row

OTHER = '<Key Id="o"><ShortName>o</ShortName><ColumnRef Ref="text"/></Key>'


def marked(name: str) -> str:
    annotation = f'<Annotation><AppInfo><x:{name} xmlns:x="urn:any"/></AppInfo></Annotation>'
    return KEY.replace("<ShortName>", f"{annotation}<ShortName>", 1)


def test_a_list_is_read_with_identity_validity_and_rows() -> None:
    found = read_genericode(genericode(ROWS, version="2.4"))
    assert (found.uri, found.version, found.name) == (URI, "2.4", "Colour")
    assert found.valid_from == date(2024, 1, 1)
    assert (found.columns, found.key) == (("code", "text"), "code")
    assert found.rows == {"1": ("1", "one"), "2": ("2", "two")}


def test_a_packed_list_is_the_same_list() -> None:
    data = genericode(ROWS)
    assert read_genericode(gzip.compress(data)) == read_genericode(data)


def test_cells_are_as_published() -> None:
    assert read_genericode(genericode(row("1", " one\n"))).rows == {"1": ("1", " one\n")}


def test_a_value_without_column_belongs_to_the_next_one() -> None:
    cells = (
        "<Value><SimpleValue>1</SimpleValue></Value><Value><SimpleValue>one</SimpleValue></Value>"
    )
    assert read_genericode(genericode(f"<Row>{cells}</Row>")).rows == {"1": ("1", "one")}


def test_a_cell_without_value_is_empty() -> None:
    rows = row("1", "").replace("<SimpleValue></SimpleValue>", "")
    assert read_genericode(genericode(rows)).rows == {"1": ("1", "")}


def test_the_day_of_validity_may_be_missing() -> None:
    assert read_genericode(genericode(ROWS, valid_from=None)).valid_from is None


@pytest.mark.parametrize("mark", ["recommendedKeyColumn", "empfohleneCodeSpalte", "xoev-code"])
def test_of_several_keys_the_marked_one_is_taken(mark: str) -> None:
    for keys in (OTHER + marked(mark), marked(mark) + OTHER):
        assert read_genericode(genericode(ROWS, keys=keys)).key == "code"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<a/>", "no code list in Genericode"),
        (b"<!DOCTYPE a []><a/>", "document type"),
        (b"not xml", "not readable"),
        (genericode(ROWS, keys=""), "single column"),
        (genericode(ROWS, keys=KEY + OTHER), "single column"),
        (genericode(ROWS, keys=KEY.replace("</Key>", '<ColumnRef Ref="text"/></Key>')), "single"),
        (genericode(ROWS, keys=KEY.replace('Ref="code"', 'Ref="other"')), "names no column"),
        (genericode(ROWS, valid_from="soon"), "no date"),
        (genericode(ROWS, version=" "), "its Version"),
        (genericode(row("1", "a") + row("1", "b")), "row 2 has a code of an earlier row"),
        (genericode(row("", "a")), "row 1 has no code"),
        (genericode(row("1", "a").replace('"text"', '"other"')), "belongs to no column"),
        (genericode(ROWS).replace(b"SimpleCodeList", b"Other"), "no rows of its own"),
        (gzip.compress(genericode(ROWS))[:-20], "incomplete"),
        (b"\x1f\x8bnonsense", "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_sound_list_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        read_genericode(data)


def test_a_small_file_that_unpacks_to_much_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 16)
    with pytest.raises(ConfigurationError, match="more than the limit"):
        read_genericode(gzip.compress(b" " * (1 << 26)))


@pytest.mark.standards
def test_every_published_list_is_read(standards: Path) -> None:
    found = [read_genericode(path.read_bytes()) for path in published(standards)]
    assert len(found) == 77
    assert all(one.rows for one in found)
    assert sum(one.valid_from is None for one in found) == 1
    counts = {(one.uri.rpartition(":")[2], one.version): len(one.rows) for one in found}
    assert len(counts) == 77
    assert counts["ags", "2024-09-30"] == 11_243
    assert counts["ags", "2026-04-30"] == 11_227
    assert counts["kreis", "2021-07-31"] == 517
    assert counts["kreis", "2026-01-31"] == 518
    assert counts["datenabruf.ergebnisstatus", "2"] == 4
    assert counts["bauwerkszuordnungskatalog", "2017-01-01"] == 452
