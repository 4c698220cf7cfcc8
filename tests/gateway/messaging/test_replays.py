"""What tells one choice of messages from another."""

from gateway.messaging.message import MessageId
from gateway.messaging.replays import Chosen, digest_of


def test_a_digest_stands_for_ids_histories_and_their_order() -> None:
    first = Chosen(message_id=MessageId("a"), event_count=3)
    second = Chosen(message_id=MessageId("b"), event_count=3)
    longer = Chosen(message_id=MessageId("a"), event_count=4)
    choices = [[], [first], [longer], [first, second], [second, first]]
    digests = {digest_of(choice) for choice in choices}
    assert len(digests) == len(choices)
    assert all(len(digest) == 64 for digest in digests)
