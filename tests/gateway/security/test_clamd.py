"""The scanner against a server that speaks clamd's protocol."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import ScannerUnavailableError, UploadCutOffError
from gateway.security.clamd import ClamdScanner
from tests.gateway.security.clamd_server import EICAR, Clamd
from tests.gateway.store.attachment_samples import in_pieces

LONG = timedelta(seconds=10)


async def scan(address: str, *pieces: bytes, patience: timedelta = LONG) -> bool:
    return await ClamdScanner(address, timeout=patience).scan(in_pieces(*pieces))


async def test_clean_content_is_clean_and_a_virus_is_found_in_any_pieces(tmp_path: Path) -> None:
    clamd = Clamd()
    for serve in (clamd.over_tcp(), clamd.over_file(tmp_path / "clamd.ctl")):
        async with serve as address:
            assert await scan(address, b"%PDF-", b"x" * 2**20)
            assert await scan(address)
            assert not await scan(address, b"x" * 70_000 + EICAR[:20], EICAR[20:])
    assert clamd.scanned == [2**20 + 5, 0, 70_000 + len(EICAR)] * 2


@pytest.mark.parametrize(
    "says", [b"", b"stream: Can't allocate memory ERROR\0", b"OKAY\0", b"UNKNOWN COMMAND\0"]
)
async def test_an_answer_that_is_none_is_no_all_clear(says: bytes) -> None:
    async with Clamd(says=says).over_tcp() as address:
        with pytest.raises(ScannerUnavailableError):
            await scan(address, b"x")


async def test_content_that_it_does_not_take_is_no_all_clear() -> None:
    async with Clamd(largest_bytes=100_000).over_tcp() as address:
        with pytest.raises(ScannerUnavailableError):
            await scan(address, *[b"x" * 2**20] * 20)


async def test_nobody_listens(tmp_path: Path) -> None:
    async with Clamd().over_tcp() as address:
        pass
    for nowhere in (address, f"unix:{tmp_path}/none"):
        with pytest.raises(ScannerUnavailableError, match="cannot be reached"):
            await scan(nowhere, b"x")


async def test_one_that_never_answers_is_not_waited_for() -> None:
    async with Clamd(hangs=True).over_tcp() as address:
        with pytest.raises(ScannerUnavailableError, match="no answer"):
            await scan(address, b"x", patience=timedelta(milliseconds=50))


async def test_what_the_content_raises_is_passed_on() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise UploadCutOffError("gone")

    async with Clamd().over_tcp() as address:
        with pytest.raises(UploadCutOffError):
            await ClamdScanner(address, timeout=LONG).scan(broken())
