"""What is no sound backup of ours is refused before anything leaves the unpacking folder."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BackupError
from gateway.store.archive import (
    DATABASE,
    FORMAT,
    MANIFEST,
    Manifest,
    describe_files,
    unpack,
    write_archive,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b"a database"


def manifest_of(folder: Path) -> Manifest:
    return Manifest(
        format=FORMAT,
        format_version=1,
        gateway_version="1",
        schema_version=1,
        created_at=AT,
        messages=2,
        files=describe_files(folder),
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "schemas" / "xmeld").mkdir(parents=True)
    (folder / DATABASE).write_bytes(BODY)
    (folder / "schemas" / "xmeld" / "a.xsd").write_bytes(b"<a/>")
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tgz"])
def test_what_was_put_in_comes_out(source: Path, into: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    manifest = manifest_of(source)
    write_archive(source, manifest, target, replace=False)
    assert unpack(target, into) == manifest
    assert (into / DATABASE).read_bytes() == BODY
    assert (into / "schemas" / "xmeld" / "a.xsd").read_bytes() == b"<a/>"
    assert target.stat().st_mode & 0o777 == (into / DATABASE).stat().st_mode & 0o777 == 0o600
    assert (target.read_bytes()[:2] == b"\x1f\x8b") == name.endswith("gz")
    with tarfile.open(target) as tar:  # for people with nothing but tar
        assert tar.getnames() == [MANIFEST, DATABASE, "schemas/xmeld/a.xsd"]


def test_an_archive_is_replaced_only_when_asked_to(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.tar"
    target.write_bytes(b"the one before")
    with pytest.raises(BackupError, match="there already"):
        write_archive(source, manifest_of(source), target, replace=False)
    assert target.read_bytes() == b"the one before"
    (source / "unfinished.tar").unlink()
    write_archive(source, manifest_of(source), target, replace=True)
    assert tarfile.is_tarfile(target)


def test_an_archive_that_cannot_be_written_says_why(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file"):
        write_archive(source, manifest_of(source), tmp_path / "none" / "b.tar", replace=False)


Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, body: bytes = BODY, **changes: Any) -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(body) if changes.get("type", tarfile.REGTYPE) == tarfile.REGTYPE else 0
    for field, value in changes.items():
        setattr(info, field, value)
    return info, body


def described(path: str, body: bytes = BODY, **changes: Any) -> dict[str, Any]:
    plain = {
        "path": path,
        "sizeBytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return plain | changes


def manifest(*files: dict[str, Any], **changes: Any) -> Member:
    document = {
        "format": FORMAT,
        "formatVersion": 1,
        "gatewayVersion": "1",
        "schemaVersion": 1,
        "createdAt": AT.isoformat(),
        "messages": 2,
        "files": files or [described(DATABASE)],
    }
    return member(MANIFEST, json.dumps(document | changes).encode())


def packed(target: Path, *members: Member) -> Path:
    with tarfile.open(target, "w") as tar:
        for info, body in members:
            tar.addfile(info, io.BytesIO(body))
    return target


LINK = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
HARD = {"type": tarfile.LNKTYPE, "linkname": MANIFEST}
DEVICE = {"type": tarfile.CHRTYPE}
SPOILT: dict[str, tuple[list[Member], str]] = {
    "no manifest": ([member(DATABASE)], "does not begin with a manifest"),
    "empty": ([], "does not begin"),
    "a manifest that is a link": ([member(MANIFEST, b"", **LINK)], "does not begin"),
    "a manifest that is no JSON": ([member(MANIFEST, b"{")], "is damaged"),
    "a list": ([member(MANIFEST, b"[]")], "something else"),
    "another format": ([manifest(format="zip")], "something else"),
    "a newer format": ([manifest(formatVersion=2)], "a newer one"),
    "a manifest without its members": ([manifest(createdAt="yesterday")], "is damaged"),
    "a manifest without end": ([member(MANIFEST, b" " * (2**24 + 1))], "too long"),
    "no database": ([manifest(described("schemas/a.xsd"))], "no database"),
    "an unknown part": ([manifest(described("annexes/1"))], "does not know"),
    "a path upwards": ([manifest(described("schemas/../../x"))], "leads elsewhere"),
    "an absolute path": ([manifest(described("/etc/passwd"))], "leads elsewhere"),
    "an unlisted file": ([manifest(), member(DATABASE), member("schemas/x")], "does not name"),
    "an unlisted path upwards": ([manifest(), member("../x")], "does not name"),
    "the same file twice": ([manifest(), member(DATABASE), member(DATABASE)], "does not name"),
    "a link": ([manifest(), member(DATABASE, b"", **LINK)], "does not name"),
    "a hard link": ([manifest(), member(DATABASE, b"", **HARD)], "does not name"),
    "a device": ([manifest(), member(DATABASE, b"", **DEVICE)], "does not name"),
    "a missing file": ([manifest()], "cut off: 1"),
    "other bytes": ([manifest(), member(DATABASE, b"a DATABASE")], "not what was written"),
    "a lie about its size": (
        [manifest(described(DATABASE, sizeBytes=9)), member(DATABASE)],
        "not what was written",
    ),
    "more than the disk holds": ([manifest(described(DATABASE, sizeBytes=2**60))], "are free"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_archive_is_refused(case: str, into: Path, tmp_path: Path) -> None:
    members, said = SPOILT[case]
    outside = {path for path in tmp_path.rglob("*") if into not in path.parents}
    archive = packed(tmp_path / "b.tar", *members)
    with pytest.raises(BackupError, match=said):
        unpack(archive, into)
    assert {p for p in tmp_path.rglob("*") if into not in p.parents} == outside | {archive}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"PK\x03\x04" + data[4:],
        lambda data: b"",
        lambda data: data[:40] + bytes(255 - byte for byte in data[40:90]) + data[90:],
    ],
)
def test_a_damaged_file_is_said_to_be(
    spoil: Callable[[bytes], bytes], source: Path, into: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.tar.gz"
    write_archive(source, manifest_of(source), whole, replace=False)
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(spoil(whole.read_bytes()))
    with pytest.raises(BackupError, match="damaged"):
        unpack(damaged, into)


def test_a_missing_archive_is_said_to_be(into: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file"):
        unpack(tmp_path / "none.tar", into)


def test_every_byte_of_a_plain_archive_counts(source: Path, into: Path, tmp_path: Path) -> None:
    """Whatever is changed in the content of a file is found by its checksum."""
    whole = tmp_path / "whole.tar"
    write_archive(source, manifest_of(source), whole, replace=False)
    data = bytearray(whole.read_bytes())
    data[data.index(BODY) + 3] ^= 1
    whole.write_bytes(data)
    with pytest.raises(BackupError, match="not what was written"):
        unpack(whole, into)
