"""Small code lists to install, and where the published ones are."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.validation.code_list_catalogue import CodeListCatalogue
from gateway.validation.code_list_install import install_code_lists

GC = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
KEY = '<Key Id="k"><ShortName>k</ShortName><ColumnRef Ref="code"/></Key>'
ROWS = {"1": "one", "2": "two"}
URI = "urn:test:codelist:colour"


def row(code: str, text: str) -> str:
    return (
        f'<Row><Value ColumnRef="code"><SimpleValue>{code}</SimpleValue></Value>'
        f'<Value ColumnRef="text"><SimpleValue>{text}</SimpleValue></Value></Row>'
    )


def genericode(
    rows: str | dict[str, str] = "",
    *,
    version: str = "1",
    valid_from: str | None = "2024-01-01",
    keys: str = KEY,
    uri: str = URI,
) -> bytes:
    """A list of two columns; ``rows`` is markup, or texts by code."""
    if isinstance(rows, dict):
        rows = "".join(row(code, text) for code, text in rows.items())
    dated = f'<x:validFrom xmlns:x="urn:x">{valid_from}</x:validFrom>' if valid_from else ""
    return (
        f'<gc:CodeList xmlns:gc="{GC}"><Annotation><Description>{dated}</Description></Annotation>'
        f"<Identification><ShortName>c</ShortName><LongName>Colour</LongName>"
        f"<Version>{version}</Version><CanonicalUri>{uri}</CanonicalUri>"
        f"<CanonicalVersionUri>{uri}_{version}</CanonicalVersionUri></Identification>"
        f'<ColumnSet><Column Id="code" Use="required"/><Column Id="text" Use="optional"/>{keys}'
        f"</ColumnSet><SimpleCodeList>{rows}</SimpleCodeList></gc:CodeList>"
    ).encode()


def install_editions(
    folder: Path, editions: Mapping[str, tuple[str, str]], uri: str = URI
) -> CodeListCatalogue:
    """Install editions of one list: version to its first day and its codes, between blanks."""
    source = folder / "source"
    source.mkdir()
    for version, (day, codes) in editions.items():
        rows = {code: code for code in codes.split()}
        data = genericode(rows, version=version, valid_from=day, uri=uri)
        (source / f"{version}.xml").write_bytes(data)
    install_code_lists(source, into=folder / "into")
    return CodeListCatalogue(folder / "into")


def published(standards: Path) -> Iterable[Path]:
    """Every published code list there is."""
    folders = (
        standards / "genericode-codelists",
        standards / "xmeld-2511a" / "codelists",
        standards / "xbau-2.1" / "codelists",
    )
    for folder in folders:
        yield from sorted((*folder.rglob("*.xml"), *folder.rglob("*.xml.gz")))
