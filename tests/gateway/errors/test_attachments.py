"""What errors of attachments lead to."""

from gateway.api.problems import status_of
from gateway.errors import (
    AttachmentTypeError,
    AttachmentUnavailableError,
    NotSentError,
    ScannerUnavailableError,
    UnsupportedMediaTypeError,
)


def test_content_that_cannot_be_read_is_tried_again_as_nothing_was_sent() -> None:
    assert issubclass(AttachmentUnavailableError, NotSentError)
    assert AttachmentUnavailableError("gone").fault == "gateway"


def test_a_scanner_without_an_answer_is_no_fault_of_the_caller() -> None:
    assert ScannerUnavailableError("away").retryable
    assert status_of(ScannerUnavailableError) == 503


def test_a_wrong_type_of_attachment_is_a_wrong_media_type() -> None:
    assert issubclass(AttachmentTypeError, UnsupportedMediaTypeError)
    assert status_of(AttachmentTypeError) == 415
