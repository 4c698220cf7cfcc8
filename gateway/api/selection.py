"""Which messages and refused calls to list: the parameters of the list, and what they mean.

Kept out: looking for them (``gateway.flow.search``).
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from gateway.api.resource import Resource
from gateway.messaging.lifecycle import State
from gateway.messaging.ports import MessageFilter
from gateway.messaging.refusal import RefusalFilter


class ListedState(StrEnum):
    """What can be listed: the states of a message, and calls that never became one."""

    ACCEPTED = State.ACCEPTED
    DELIVERING = State.DELIVERING
    RETRYING = State.RETRYING
    AWAITING_ANSWER = State.AWAITING_ANSWER
    ANSWERED = State.ANSWERED
    INVALID = State.INVALID
    DEAD = State.DEAD
    IN_DOUBT = State.IN_DOUBT
    UNANSWERED = State.UNANSWERED
    EXPIRED = State.EXPIRED
    CANCELLED = State.CANCELLED
    REFUSED = "refused"


class RestingState(StrEnum):
    """The states of a message that waits for somebody to act."""

    INVALID = State.INVALID
    DEAD = State.DEAD
    IN_DOUBT = State.IN_DOUBT
    UNANSWERED = State.UNANSWERED


_STATES: JsonDict = {
    "anyOf": [{"maxItems": 1}, {"not": {"contains": {"const": ListedState.REFUSED.value}}}]
}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def _date_time(value: object) -> object:
    """Refuse the other ways to write a time that pydantic takes, such as a number of seconds."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or _DATE_TIME.fullmatch(value) is None:
        raise PydanticCustomError("date_time", "not a date and time of RFC 3339")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_date_time)]
"""A point in time as RFC 3339 writes it."""


class MessageSelection(Resource):
    """Which messages to list; what is left out does not restrict."""

    model_config = ConfigDict(extra="forbid")

    state: list[ListedState] = Field(default_factory=list, json_schema_extra=_STATES)
    """States; may be repeated. `refused`, alone: calls that never became a message."""
    operation: str | None = Field(default=None, max_length=200)
    """Operation without version, `residents/search`."""
    authority: str | None = Field(default=None, max_length=200)
    """Legal recipient."""
    channel: str | None = Field(default=None, max_length=200)
    """Name of the channel; refused calls have none."""
    code: str | None = Field(default=None, max_length=200)
    """Public code of the last failure."""
    case_reference: str | None = Field(default=None, max_length=200)
    """Your own reference, as you sent it in `Case-Reference`; refused calls keep none."""
    since: Moment | None = None
    """Accepted then or later; with offset."""
    until: Moment | None = None
    """Accepted before then; with offset."""
    blocked: bool = False
    """Only those that wait until an earlier message of their order is finished."""
    limit: int = Field(default=50, ge=1, le=500)
    """Most messages on a page."""
    cursor: str | None = Field(default=None, max_length=200)
    """`nextCursor` of the page before."""

    @field_validator("state")
    @classmethod
    def _refused_stands_alone(cls, states: list[ListedState]) -> list[ListedState]:
        if ListedState.REFUSED in states and len(states) > 1:
            raise PydanticCustomError("refused_alone", "refused stands alone")
        return states

    def to_refusals(self) -> RefusalFilter | None:
        """Which refused calls are wanted; None: messages are."""
        if ListedState.REFUSED not in self.state:
            return None
        return RefusalFilter(
            operation=self.operation,
            recipient=self.authority,
            since=self.since,
            until=self.until,
        )

    def to_filter(self) -> MessageFilter:
        """The same as a value; the desk restricts it to the caller's own messages."""
        return MessageFilter(
            states=frozenset(State(state) for state in self.state),
            operation=self.operation,
            authority=self.authority,
            channel=self.channel,
            code=self.code,
            case_reference=self.case_reference,
            since=self.since,
            until=self.until,
            waiting=self.blocked,
        )
