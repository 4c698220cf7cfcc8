from gateway.messaging.message import MessageId
from gateway.messaging.peers import News


def test_news_without_names_are_about_everything() -> None:
    assert (News().channels, News().messages) == (None, None)


def test_news_name_what_they_are_about() -> None:
    news = News(channels=frozenset({"munich"}), messages=frozenset({MessageId("a")}))
    assert news == News(channels=frozenset({"munich"}), messages=frozenset({MessageId("a")}))
    assert news != News()
