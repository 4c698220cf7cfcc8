"""What the API publishes about one operation beside its name: its schemas and an example."""

from dataclasses import dataclass
from typing import Any

from gateway.messaging.operation import Operation


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationContract:
    """One operation as its callers see it.

    Attributes:
        operation: What can be asked.
        request: JSON Schema of the caller's document: what the gateway supplies is optional.
        answer: JSON Schema of the answer.
        example: A document that is valid against ``request``; None if none is known.
    """

    operation: Operation
    request: dict[str, Any]
    answer: dict[str, Any]
    example: dict[str, Any] | None = None
