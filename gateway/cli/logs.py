"""What log records look like: one JSON object or one readable line each.

An exception is written with type and frames, never with its text: it may quote a message.

Records are the dearest part of an untroubled message beside its translation, so they are made
without what nobody reads (thread, process, line of the call) and written many at a time.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import sleep
from typing import Any

import orjson
from typing_extensions import override

from gateway.settings.model import LogSettings

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given as ``extra``."""

LARGEST_WAIT = 0.05
"""Seconds that a record waits for others to be written with."""

LARGEST_BATCH = 512
"""Records that are written without waiting for more."""


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and everything given as ``extra``."""
        fields: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        return orjson.dumps(fields, default=str).decode()


class ReadableLines(logging.Formatter):
    """One line a record, for a person."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message, and everything given as ``extra``."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()} {extra}".rstrip()


class GatheredLines(logging.Handler):
    """Writes records to standard error many at a time, on a thread of its own.

    A record costs the event loop no more than being kept. Records are made into lines and written
    when there are ``LARGEST_BATCH`` of them, after ``LARGEST_WAIT``, with the first record at
    warning or above, and at the end of the process. SIGKILL loses those that still wait: lines of
    the log only, never messages. A message's history is in the store.
    """

    def __init__(self) -> None:
        super().__init__()
        self._records: list[logging.LogRecord] = []
        self._writing = Lock()
        self._waits = Event()
        Thread(target=self._write_in_time, name="log-writer", daemon=True).start()

    @override
    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record without the lock of all handlers: a list takes one from any thread."""
        if self.filters and not self.filter(record):
            return False
        self.emit(record)
        return True

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record; write all there are if they cannot wait."""
        self._records.append(record)
        if record.levelno >= logging.WARNING or len(self._records) >= LARGEST_BATCH:
            self._write()
        elif not self._waits.is_set():
            self._waits.set()

    @override
    def close(self) -> None:
        """Write what waits; called at the end of the process."""
        self._write()
        super().close()

    def _write(self) -> None:
        with self._writing:  # two threads that write would mix up the order
            # The list takes new records all the while: only those seen now are taken out.
            records = self._records[:]
            del self._records[: len(records)]
            sys.stderr.write("".join(map(self._line, records)))
            sys.stderr.flush()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return f"{self.format(record)}\n"
        except Exception:  # noqa: BLE001 - as every handler does: a log must not stop the work
            self.handleError(record)
            return ""

    def _write_in_time(self) -> None:
        while self._waits.wait():
            self._waits.clear()
            sleep(LARGEST_WAIT)
            self._write()


def configure_logging(settings: LogSettings) -> None:
    """Write records of the gateway to standard error; of libraries, warnings only."""
    _spare_what_nobody_reads()
    handler = GatheredLines()
    as_json = settings.json_lines
    if as_json is None:
        as_json = not sys.stderr.isatty()
    handler.setFormatter(JsonLines() if as_json else ReadableLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("gateway").setLevel(settings.level.upper())


def _spare_what_nobody_reads() -> None:
    """Leave out of records what no line shows.

    Source: Python's Logging HOWTO, section "Optimization".
    """
    logging._srcfile = None  # noqa: SLF001 - documented: leaves out file and line of the call
    logging.logThreads = False
    logging.logProcesses = False
    logging.logMultiprocessing = False


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        extra["error"] = kind.__qualname__
        extra["frames"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
        ]
    return extra
