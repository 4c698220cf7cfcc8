"""What is settled with an acceptance."""

from gateway.messaging.terms import Terms


def test_terms_that_say_nothing_settle_nothing() -> None:
    assert Terms().order_key is None
