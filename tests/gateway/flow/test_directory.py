"""The journey's view of the map engine is the map engine's own."""

from gateway import translation
from gateway.flow import directory


def as_seen_by_the_journey(exchange: translation.Exchange) -> directory.Exchange:
    """Judged by the type checker."""
    return exchange


def test_engine_is_an_exchange() -> None:
    engine = translation.Exchange([], [])
    assert as_seen_by_the_journey(engine) is engine
