from gateway.messaging.channel import Channel, RetryPolicy


def test_a_channel_takes_no_tests_unless_it_says_so() -> None:
    channel = Channel(name="a", adapter="xmeld", transport="http", address="http://127.0.0.1/")
    assert not channel.accepts_tests
    assert channel.retry == RetryPolicy()
    assert channel.codelist_versions == {}


def test_channels_do_not_share_their_code_lists() -> None:
    first, second = (
        Channel(name=name, adapter="xmeld", transport="http", address="http://127.0.0.1/")
        for name in ("a", "b")
    )
    assert first.codelist_versions is not second.codelist_versions
