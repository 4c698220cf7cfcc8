"""What a caller can ask: the contract of one operation, independent of any authority's format."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.messaging.periods import Retention

BODY_LIMIT_BYTES = 1_048_576
"""Longest request body of an operation that does not say otherwise."""


class OperationKind(StrEnum):
    """What repeating the operation would do; decides retries and what a waiting caller is told."""

    QUERY = "query"
    SUBMISSION = "submission"
    NOTIFICATION = "notification"


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation in one version.

    Attributes:
        name: Domain and operation, ``residents/search``.
        version: Counted from 1; stands in the path, ``/v1/residents/search``.
        title: One line in English.
        title_de: The same in German.
        kind: Query, submission or notification.
        repeatable: Whether sending the same message twice does no harm at the authority.
        routing: JSON Pointer of the recipient in the caller's document; None: header only.
        deadline: How long a caller waits at most, and the default of a waiting call.
        async_deadline: How long a message without a waiting caller is retried.
        body_limit_bytes: Longest request body accepted.
        retention: How long its messages are kept; None: the usual periods of its kind.
        order: JSON Pointers of what messages are ordered by, beside caller and recipient; empty:
            all of a caller to a recipient are; None: none are.
    """

    name: str
    version: int
    title: str
    title_de: str
    kind: OperationKind
    repeatable: bool
    routing: str | None = None
    deadline: timedelta = timedelta(seconds=30)
    async_deadline: timedelta = timedelta(hours=24)
    body_limit_bytes: int = BODY_LIMIT_BYTES
    retention: Retention | None = None
    order: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """Name and version, ``residents/search/v1``: the folder of its schemas."""
        return f"{self.name}/v{self.version}"

    @property
    def path(self) -> str:
        """Path of its endpoint, ``/v1/residents/search``."""
        return f"/v{self.version}/{self.name}"
