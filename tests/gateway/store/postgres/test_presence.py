from datetime import timedelta

from gateway.store.postgres.presence import Watch

OTHER = 7


def watch() -> Watch:
    return Watch(dead_after=timedelta(seconds=10))


def looks(watch: Watch, *beats_at: tuple[int, float]) -> list[dict[int, int]]:
    """What the watch says after each look; of the other's beats, at a time in seconds."""
    return [watch.look({OTHER: beats}, at=at) for beats, at in beats_at]


def test_a_count_that_stands_still_long_enough_is_of_a_dead_process() -> None:
    found = looks(watch(), (5, 0), (5, 4), (5, 8), (5, 9.9), (5, 10))
    assert found == [{}, {}, {}, {}, {OTHER: 5}]


def test_each_beat_begins_the_time_anew() -> None:
    assert looks(watch(), (5, 0), (5, 4), (6, 8), (6, 12), (6, 16)) == [{}] * 5


def test_who_was_away_itself_has_seen_nothing_stand_still() -> None:
    # The machine slept, or the server was down for both.
    assert looks(watch(), (5, 0), (5, 60), (5, 64), (5, 69)) == [{}] * 4
    assert looks(watch(), (5, 0), (5, 60), (5, 64), (5, 68), (5, 70))[-1] == {OTHER: 5}


def test_who_left_in_order_is_forgotten() -> None:
    seen = watch()
    seen.look({OTHER: 5}, at=0)
    assert seen.look({}, at=4) == {}
    assert looks(seen, (5, 8), (5, 12)) == [{}, {}]


def test_the_clock_is_that_of_this_process() -> None:
    assert Watch(dead_after=timedelta(0)).look({OTHER: 1}) == {OTHER: 1}
