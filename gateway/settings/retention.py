"""How long messages of an operation are kept, where that is not what its contract says.

Kept out: the usual periods (``gateway.messaging.retention``), and erasing (``gateway.flow.prune``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from gateway.errors import ConfigurationError, Place
from gateway.messaging.operation import Operation
from gateway.messaging.retention import retention_of
from gateway.settings.section import OperationKey, Section

Period = Annotated[timedelta, Field(ge=timedelta(0))]
"""A duration from zero on: a number of seconds or ISO 8601 (``"P30D"``, ``"PT24H"``)."""

_PERIODS = ("key", "payload", "resting", "record")


class RetentionSettings(Section):
    """How long messages of one operation are kept after they settled.

    Each period is at least as long as the one before it. Absent: as the contract says, which
    ``agency-gateway retention show`` prints.
    """

    operation: OperationKey
    """Operation with version, ``residents/search/v1``."""

    key: Period | None = None
    """Idempotency key: a repeated call is recognised for so long."""

    payload: Period | None = None
    """Content: documents, translations, ledgers, answers."""

    resting: Period | None = None
    """Content and key of a message that waits for a person: ``dead``, ``in_doubt``, ``invalid`` or
    ``unanswered``. An upper limit: nobody can replay or read it again afterwards."""

    record: Period | None = None
    """What is left without content: state, history, attempts."""


def with_retention(
    operations: Mapping[str, Operation], sections: Sequence[RetentionSettings]
) -> dict[str, Operation]:
    """The operations with the periods of the settings.

    Raises:
        ConfigurationError: Lists every section that contradicts itself, or is of no operation.
    """
    changed = dict(operations)
    faults: list[Place] = []
    for index, section in enumerate(sections):
        operation = changed.get(section.operation)
        if operation is None:
            detail = "No contract of this operation is in the schemas folder."
            faults.append(_place("unknown-operation", index, detail))
            continue
        retention = replace(retention_of(operation), **dict(_given(section)))
        contradiction = retention.contradiction()
        if contradiction is not None:
            faults.append(_place("retention", index, contradiction))
        changed[section.operation] = replace(operation, retention=retention)
    if faults:
        raise ConfigurationError("The settings of retention have faults.", places=faults)
    return changed


def _given(section: RetentionSettings) -> Iterator[tuple[str, timedelta]]:
    for name in _PERIODS:
        period: timedelta | None = getattr(section, name)
        if period is not None:
            yield name, period


def _place(keyword: str, index: int, detail: str) -> Place:
    return Place(keyword=keyword, detail=detail, rule=f"retention[{index}]")
