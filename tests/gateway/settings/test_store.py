import pytest
from pydantic import SecretStr, ValidationError

from gateway.settings.store import StoreSettings

SECRET = "hunter2"  # noqa: S105 - to be found nowhere


def test_without_settings_messages_are_in_a_file_of_the_users_data_folder() -> None:
    settings = StoreSettings()
    assert settings.path.name == "messages.sqlite3"
    assert (settings.url, settings.shown_url) == (None, None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            f"postgresql://me:{SECRET}@db.example:5432/gateway",
            "postgresql://db.example:5432/gateway",
        ),
        ("postgresql://db/gateway", "postgresql://db/gateway"),
        (f"postgresql:///gateway?host=/run/postgresql&password={SECRET}", "postgresql:///gateway"),
    ],
)
def test_a_url_is_shown_without_user_password_and_options(url: str, shown: str) -> None:
    settings = StoreSettings(url=SecretStr(url))
    assert settings.shown_url == shown
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


@pytest.mark.parametrize("url", ["mysql://h/d", "messages.db", "postgresql:db", "http://[", ""])
def test_other_databases_are_refused_without_naming_the_value(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StoreSettings(url=SecretStr(url))
    assert refused.value.errors()[0]["type"] == "string_pattern_mismatch"


@pytest.mark.parametrize("count", [3, 101])
def test_connections_are_enough_and_not_too_many(count: int) -> None:
    with pytest.raises(ValidationError):
        StoreSettings(connections=count)
