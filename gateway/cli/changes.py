"""What changed among a caller's messages between two looks at the API.

The API has no list of changes, so three lists are compared: the newest messages, those that move,
and those that wait for an operator. One that left the latter two is looked at by its id. Kept out:
how it is shown (``watch``).
"""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.cli.client import GatewayClient
from gateway.errors import UnknownMessageError
from gateway.messaging.lifecycle import MOVING, TRANSITIONS, State

PAGE = 500
MOST_PAGES = 4
"""Longer lists are cut: nobody reads more, and the gateway has other things to do."""

NEWEST = 20
"""Messages of the past that the first look shows."""

OVERLAP = timedelta(seconds=5)
"""Messages accepted at nearly the same time may appear in the list one after the other."""

MOVES = sorted(MOVING)
RESTS = sorted(state for state, follows in TRANSITIONS.items() if follows and state not in MOVING)

Document = Mapping[str, Any]


class Changes:
    """Looks at the messages of one caller again and again."""

    def __init__(self, client: GatewayClient) -> None:
        self._client = client
        self._known: dict[str, tuple[object, ...]] = {}
        self._open: set[str] = set()
        self._newest: datetime | None = None
        self.counts: Counter[State] = Counter()
        """Messages that are not final at the last look, by state."""
        self.is_cut = False
        """Whether there are more than were looked at."""

    def look(self) -> list[Document]:
        """Every message that is new or other than before, the oldest first.

        The first look returns the newest messages and all that are not final.

        Raises:
            GatewayError: The gateway did not answer, or refused; the next look makes up for it.
        """
        self.is_cut = False
        standing = {one["id"]: one for states in (MOVES, RESTS) for one in self._list(state=states)}
        seen = {one["id"]: one for one in self._recent()} | standing
        # Of a list that was cut, what it holds no more has not settled: it fell off the end.
        for message_id in frozenset() if self.is_cut else self._open - seen.keys():
            with contextlib.suppress(UnknownMessageError):  # erased meanwhile
                seen[message_id] = self._client.get(f"/v1/messages/{message_id}")
        changed = [one for one in seen.values() if self._known.get(one["id"]) != _essence(one)]
        self._remember(seen)
        return sorted(changed, key=lambda one: (one["acceptedAt"], one["id"]))

    def _remember(self, seen: Mapping[str, Document]) -> None:
        self._known = {message_id: _essence(one) for message_id, one in seen.items()}
        standing = {one["id"]: State(one["state"]) for one in seen.values()}
        self._open = {message_id for message_id, state in standing.items() if TRANSITIONS[state]}
        self.counts = Counter(standing[message_id] for message_id in self._open)
        accepted = [datetime.fromisoformat(one["acceptedAt"]) for one in seen.values()]
        self._newest = max(accepted, default=self._newest)

    def _recent(self) -> list[Document]:
        if self._newest is not None:
            return self._list(since=(self._newest - OVERLAP).isoformat())
        page: Sequence[Document] = self._client.get("/v1/messages", limit=NEWEST)["messages"]
        return list(page)

    def _list(self, **wanted: str | Sequence[str]) -> list[Document]:
        found: list[Document] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = self._client.get("/v1/messages", limit=PAGE, cursor=cursor, **wanted)
            found += page["messages"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found
        self.is_cut = True
        return found


def _essence(message: Document) -> tuple[object, ...]:
    """What makes a change that is worth a line."""
    return tuple(message[name] for name in ("state", "outcome", "attempts", "code"))
