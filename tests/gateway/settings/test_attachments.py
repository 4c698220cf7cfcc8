from datetime import timedelta

import pytest
from pydantic import ValidationError

from gateway.settings.attachments import AttachmentSettings, BucketSettings


def test_they_become_limits() -> None:
    limits = AttachmentSettings(
        largest_megabytes=2, media_types=("text/plain",), keep_unreferenced=timedelta(hours=1)
    ).to_limits()
    assert limits.largest_bytes == 2_097_152
    assert limits.media_types == {"text/plain"}
    assert limits.kept_for == timedelta(hours=1)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:3310", "unix:/run/clamav/clamd.ctl"])
def test_a_scanner_is_somewhere(address: str) -> None:
    assert AttachmentSettings(scanner=address).scanner == address


@pytest.mark.parametrize(
    "wrong",
    [
        {"scanner": "127.0.0.1:3310"},
        {"scanner": "unix:relative"},
        {"media_types": ("Text/Plain",)},
        {"media_types": ("text",)},
        {"largest_megabytes": 0},
        {"keep_unreferenced": 0},
    ],
)
def test_what_is_not_of_its_form_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AttachmentSettings.model_validate(wrong)


def test_a_secret_is_not_shown() -> None:
    bucket = BucketSettings.model_validate({"bucket": "abc", "secret_access_key": "geheim"})
    assert "geheim" not in f"{bucket!r}{bucket.model_dump_json()}"
