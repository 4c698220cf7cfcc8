"""Between two looks nothing that changed is missed, and nothing told twice."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from gateway.cli import changes
from gateway.cli.changes import Changes
from gateway.cli.client import GatewayClient
from gateway.messaging.lifecycle import State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Messages:
    """The list of the API, as ``docs`` describe it, over messages that the test changes."""

    def __init__(self) -> None:
        self.all: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []

    def put(self, message_id: str, state: str, *, second: int = 0, **changes: Any) -> None:
        at = (NOON + timedelta(seconds=second)).isoformat()
        plain = {"outcome": None, "attempts": 1, "code": None, "acceptedAt": at}
        self.all[message_id] = {"id": message_id, "state": state, **plain, **changes}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if (message_id := request.url.path.rpartition("/")[2]) != "messages":
            if message_id not in self.all:
                return httpx.Response(404, json={"code": "message-unknown"})
            return httpx.Response(200, json=self.all[message_id])
        wanted = parse_qs(request.url.query.decode())
        states, since = wanted.get("state"), wanted.get("since", [""])[0]
        found = sorted(
            (
                one
                for one in self.all.values()
                if (states is None or one["state"] in states) and one["acceptedAt"] >= since
            ),
            key=lambda one: one["acceptedAt"],
            reverse=True,
        )
        start, limit = int(wanted.get("cursor", ["0"])[0]), int(wanted["limit"][0])
        after = start + limit
        cursor = str(after) if after < len(found) else None
        return httpx.Response(200, json={"messages": found[start:after], "nextCursor": cursor})


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def watched(messages: Messages) -> Changes:
    transport = httpx.MockTransport(messages)
    return Changes(GatewayClient("http://gateway", "t", transport=transport))


def states(found: list[Any]) -> list[tuple[str, str]]:
    return [(one["id"], one["state"]) for one in found]


def test_the_first_look_shows_the_newest_and_all_that_are_not_final(
    messages: Messages, watched: Changes
) -> None:
    messages.put("old", "dead", second=0)
    for number in range(30):
        messages.put(f"m{number}", "answered", second=number + 1)
    found = states(watched.look())
    assert found[0] == ("old", "dead")
    assert len(found) == 21
    assert watched.counts == {State.DEAD: 1}


def test_only_changes_are_told(messages: Messages, watched: Changes) -> None:
    messages.put("a", "delivering")
    assert states(watched.look()) == [("a", "delivering")]
    assert watched.look() == []
    messages.put("a", "retrying", attempts=1, code="not-sent")
    assert states(watched.look()) == [("a", "retrying")]
    messages.put("a", "retrying", attempts=2, code="not-sent")
    assert len(watched.look()) == 1


def test_a_message_that_settles_long_after_it_came_is_not_missed(
    messages: Messages, watched: Changes
) -> None:
    messages.put("a", "retrying", second=0)
    messages.put("b", "answered", second=1_000)
    watched.look()
    messages.put("a", "answered", second=0)
    assert states(watched.look()) == [("a", "answered")]
    assert watched.counts == {}
    assert watched.look() == []


def test_one_that_an_operator_sends_again_is_seen_even_if_it_is_quick(
    messages: Messages, watched: Changes
) -> None:
    messages.put("a", "dead", second=0)
    messages.put("b", "answered", second=1_000)
    watched.look()
    messages.put("a", "answered", second=0, attempts=2)
    assert states(watched.look()) == [("a", "answered")]


def test_new_messages_are_seen_in_the_order_they_came(messages: Messages, watched: Changes) -> None:
    messages.put("a", "answered", second=10)
    watched.look()
    messages.put("c", "answered", second=12)
    messages.put("b", "answered", second=8)  # committed after its successor
    assert states(watched.look()) == [("b", "answered"), ("c", "answered")]


def test_what_is_settled_is_forgotten(messages: Messages, watched: Changes) -> None:
    for second in range(0, 1_000, 10):
        messages.put(f"m{second}", "answered", second=second)
        watched.look()
    assert len(watched._known) <= 2


def test_a_list_without_end_is_cut_and_said_to_be(
    messages: Messages, watched: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PAGE", 2)
    for number in range(9):
        messages.put(f"m{number}", "dead", second=number)
    watched.look()
    assert watched.is_cut
    messages.put("m9", "dead", second=9)
    messages.asked.clear()
    assert states(watched.look()) == [("m9", "dead")]
    assert set(messages.asked) == {"/v1/messages"}


def test_a_message_that_was_erased_is_forgotten(messages: Messages, watched: Changes) -> None:
    messages.put("a", "dead")
    watched.look()
    del messages.all["a"]
    assert watched.look() == []
    assert watched.counts == {}
