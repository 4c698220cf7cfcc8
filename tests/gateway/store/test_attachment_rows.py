from gateway.store.attachment_rows import announced_row, attachment_in
from tests.gateway.store.attachment_samples import an_attachment


def test_an_attachment_comes_back_from_its_row() -> None:
    attachment = an_attachment(file_name=None)
    content = (attachment.size_bytes, attachment.sha256, attachment.kept_at)
    for is_referenced in (0, 1):
        found = attachment_in((*announced_row(attachment), *content, is_referenced))
        assert found.is_referenced is bool(is_referenced)
        assert (found.id, found.file_name, found.kept_at) == (
            attachment.id,
            None,
            attachment.kept_at,
        )
        assert (found.created_at, found.expires_at) == (
            attachment.created_at,
            attachment.expires_at,
        )
