"""Run what a page tells its reader to type, and compare what comes with what the page shows.

A page's blocks are taken in order. What a page may use:

- a block after a line that ends with ``as `name`:`` is written to that file, one after
  ``to `name`:`` is added to its end after a blank line;
- in a ``console`` block, a line after ``$ `` is a command, those after ``> `` continue it, and the
  others are lines of its output, in order; ``…`` stands for anything, lines may be left out;
- a command that ends with ``&`` stays running; the page goes on when its output is there;
- a block after ``<!-- needs: name -->`` is left out where ``name`` is not at hand.

Every command has to end with 0; where it does not, the page says so: ``…; echo "exit code $?"``.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.docs.pages import Block, blocks

LONGEST_SECONDS = 60.0
_NEEDS = re.compile(r"<!-- needs: (\S+) -->")
_FILE = re.compile(r"(as|to) `([\w.-]+)`:$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command of a page and the lines that it shows."""

    line: int
    text: str
    shown: tuple[str, ...]


class Console:
    """A folder, an environment, and the processes that were started; end them by leaving it.

    Args:
        folder: Where commands run and files are written.
        replaced: Texts of a page, and what stands in their place in this run (ports).
        at_hand: What blocks may need.
    """

    def __init__(
        self,
        folder: Path,
        *,
        replaced: Mapping[str, str],
        at_hand: frozenset[str] = frozenset(),
    ) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AGENCY_GATEWAY_")
        } | {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "XDG_DATA_HOME": str(folder),
            "no_proxy": "127.0.0.1",
        }
        self.replaced = replaced
        self.at_hand = at_hand
        self.running: list[subprocess.Popen[bytes]] = []
        self.left_out: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> list[int]:
        """End what still runs, last one first; how each ended, first one first."""
        for process in reversed(self.running):
            process.terminate()
        try:
            return [process.wait(timeout=LONGEST_SECONDS) for process in self.running]
        except subprocess.TimeoutExpired:
            for process in self.running:
                process.kill()
            raise

    def follow(self, page: Path) -> None:
        """Do everything a page says; an ``AssertionError`` names the first line that is wrong."""
        for block in blocks(page.read_text("utf-8")):
            needed = _NEEDS.fullmatch(block.before)
            if needed and needed[1] not in self.at_hand:
                self.left_out.append(needed[1])
            elif not self._write(block):
                place = f"{page.name}, line {block.line}"
                assert block.language == "console", f"{place}: neither a file nor commands"
                for command in commands(block):
                    self._do(command, f"{page.name}, line {command.line}: $ {command.text}")

    def take_files(self, page: Path) -> None:
        """Write the files of a page, and do nothing else that it says."""
        for block in blocks(page.read_text("utf-8")):
            self._write(block)

    def _write(self, block: Block) -> bool:
        """Write the block to its file; whether it has one."""
        file = _FILE.search(block.before)
        if file is None:
            return False
        text = self._in_this_run("\n".join(block.lines)) + "\n"
        with (self.folder / file[2]).open("w" if file[1] == "as" else "a") as opened:
            opened.write(text if file[1] == "as" else f"\n{text}")
        return True

    def _do(self, command: Command, place: str) -> None:
        text = self._in_this_run(command.text)
        shown = [self._in_this_run(line) for line in command.shown]
        if text.endswith("&"):
            self.begin(text.removesuffix("&"), shown, place)
            return
        status, output = self.run(text)
        assert status == 0, f"{place}\nended with {status}:\n{output}"
        missing = first_missing(shown, output)
        assert missing is None, f"{place}\ndoes not print: {missing}\nIt prints:\n{output}"

    def run(self, text: str) -> tuple[int, str]:
        """Run a command to its end; what it exported holds for those after it.

        Returns:
            Its exit code and what it printed.
        """
        with tempfile.NamedTemporaryFile() as variables:
            ended = subprocess.run(  # noqa: S603 - the page's own command
                ["/bin/bash", "-c", f'{text}\nended=$?\nenv -0 > "{variables.name}"\nexit $ended'],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_SECONDS,
                check=False,
            )
            pairs = variables.read().decode().rstrip("\0").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        return ended.returncode, ended.stdout.decode()

    def begin(self, text: str, shown: Sequence[str], place: str = "") -> None:
        """Start a command that stays running, and wait until it has printed what is shown."""
        log = self.folder / f".output-{len(self.running)}"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - the page's own command
                ["/bin/bash", "-c", f"exec {text}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        ends_at = time.monotonic() + LONGEST_SECONDS
        while (missing := first_missing(shown, log.read_text("utf-8"))) is not None:
            assert process.poll() is None, f"{place}\nended:\n{log.read_text('utf-8')}"
            assert time.monotonic() < ends_at, f"{place}\ndoes not print: {missing}"
            time.sleep(0.1)

    def _in_this_run(self, text: str) -> str:
        for old, new in self.replaced.items():
            text = re.sub(rf"\b{re.escape(old)}\b", new, text)
        return text


def commands(block: Block) -> Iterator[Command]:
    """The commands of a ``console`` block, each with the output lines after it."""
    typed: list[str] = []
    shown: list[str] = []
    begin = block.line
    for number, line in enumerate(block.lines, block.line):
        if line.startswith("$ "):
            if typed:
                yield Command(line=begin, text="\n".join(typed), shown=tuple(shown))
            typed, shown, begin = [line.removeprefix("$ ")], [], number
        elif line.startswith("> ") and typed and not shown:
            typed.append(line.removeprefix("> "))
        else:
            assert typed, f"line {number}: output without a command"
            shown.append(line)
    yield Command(line=begin, text="\n".join(typed), shown=tuple(shown))


def first_missing(shown: Sequence[str], output: str) -> str | None:
    """The first line that a page shows and the output has not, in this order; blanks count once."""
    lines = iter(" ".join(line.split()) for line in output.splitlines())
    for line in shown:
        wanted = " ".join(line.split())
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("…")))
        if wanted not in ("", "…") and not any(pattern.fullmatch(one) for one in lines):
            return line
    return None
