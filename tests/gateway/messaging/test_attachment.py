from datetime import timedelta

from tests.gateway.store.attachment_samples import an_attachment, arriving
from tests.gateway.store.samples import NOW


def test_an_attachment_has_a_location_of_its_own() -> None:
    attachment = arriving()
    assert str(attachment.location) == str(attachment.id)


def test_it_expires_unless_a_message_refers_to_it() -> None:
    lonely = an_attachment(expires_at=NOW)
    seconds = [timedelta(seconds=after) for after in (-1, 0, 1)]
    assert [lonely.is_expired(NOW + after) for after in seconds] == [False, True, True]
    needed = an_attachment(expires_at=NOW, is_referenced=True)
    assert not needed.is_expired(NOW + timedelta(days=1))
