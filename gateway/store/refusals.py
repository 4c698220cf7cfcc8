"""Refused calls in the database: rows, and from a filter and a cursor to the statement's values.

Kept out: running the statements (``sqlite``).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict

from gateway.messaging.refusal import Refusal, RefusalFilter, Spot
from gateway.store.cursors import END_OF_TIME, bound, new_cursor, read_cursor, unknown_cursor
from gateway.store.rows import Row, micros, moment

_NUMBER = re.compile(r"[0-9]{1,18}")


def refusal_row(refusal: Refusal) -> Row:
    """The values of ``add_refusal``."""
    spots = [
        {name: value for name, value in asdict(spot).items() if value is not None}
        for spot in refusal.spots
    ]
    return (
        micros(refusal.at),
        refusal.tenant,
        refusal.caller,
        refusal.operation,
        refusal.operation_version,
        refusal.recipient,
        refusal.code,
        json.dumps(spots, ensure_ascii=False),
        refusal.size_bytes,
    )


def refusal_of(row: Row) -> Refusal:
    """The refused call in a row of the table, without its number."""
    _, at, tenant, caller, operation, version, recipient, code, places, size_bytes = row
    return Refusal(
        at=moment(at),
        tenant=tenant,
        caller=caller,
        operation=operation,
        operation_version=version,
        recipient=recipient,
        code=code,
        spots=tuple(Spot(**spot) for spot in json.loads(places)),
        size_bytes=size_bytes,
    )


def refusals_statement(wanted: RefusalFilter) -> str:
    """The name of the statement whose index fits the filter best."""
    of_caller = wanted.tenant is not None and wanted.caller is not None
    return "find_refusals_of_caller" if of_caller else "find_refusals"


def refusals_bindings(
    wanted: RefusalFilter, *, limit: int, before: str | None
) -> Mapping[str, int | str | None]:
    """The values of the statement's parameters.

    Raises:
        ParameterInvalidError: ``before`` is no cursor of this store.
    """
    before_at, number = (END_OF_TIME, "0") if before is None else read_cursor(before)
    if _NUMBER.fullmatch(number) is None:  # that of another list
        raise unknown_cursor()
    return {
        "before_at": before_at,
        "before_number": int(number),
        "since": bound(wanted.since, -END_OF_TIME),
        "until": bound(wanted.until, END_OF_TIME),
        "tenant": wanted.tenant,
        "caller": wanted.caller,
        "operation": wanted.operation,
        "recipient": wanted.recipient,
        "limit": limit,
    }


def refusal_cursor(row: Row) -> str:
    """The cursor of the page that begins after the refused call of this row."""
    return new_cursor(row[1], str(row[0]))
