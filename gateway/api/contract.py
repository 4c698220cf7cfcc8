"""What the API publishes about one operation beside its name: its schemas and an example."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.messaging.operation import Operation
from gateway.validation.attachment_places import KEYWORD, refers_to_attachments


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


def attachment_schemas(contracts: Iterable[OperationContract]) -> dict[str, Mapping[str, Any]]:
    """Schema of each request that refers to attachments, by key of its operation.

    Raises:
        ConfigurationError: An answer refers to some, which requests only can.
    """
    known = list(contracts)
    faulty = [one.operation.key for one in known if refers_to_attachments(one.answer)]
    if faulty:
        raise ConfigurationError(
            "Answers cannot refer to attachments.",
            places=[Place(keyword=KEYWORD, detail="In its answer.", rule=key) for key in faulty],
        )
    return {one.operation.key: one.request for one in known if refers_to_attachments(one.request)}
