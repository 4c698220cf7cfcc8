"""Names that stand in histories and logs."""

from gateway.messaging.channel_state import MEANINGS, ChannelEvent, ChannelState


def test_every_event_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ChannelEvent)


def test_a_channel_nobody_touched_lets_everything_out() -> None:
    state = ChannelState(name="main")
    assert (state.breaker.state, state.pause, state.revision) == ("closed", None, 0)
