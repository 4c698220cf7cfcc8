"""What log records look like: one JSON object or one readable line each.

An exception is written with type and frames, never with its text: it may quote a message.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from gateway.settings.model import LogSettings

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given as ``extra``."""


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and everything given as ``extra``."""
        fields: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        return json.dumps(fields, ensure_ascii=False, default=str)


class ReadableLines(logging.Formatter):
    """One line a record, for a person."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message, and everything given as ``extra``."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()} {extra}".rstrip()


def configure_logging(settings: LogSettings) -> None:
    """Write records of the gateway to standard error; of libraries, warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.json_lines else ReadableLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("gateway").setLevel(settings.level.upper())


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    extra = {name: value for name, value in vars(record).items() if name not in STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        extra["error"] = kind.__qualname__
        extra["frames"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
        ]
    return extra
