"""What goes wrong with attachments."""

from typing import ClassVar

from gateway.errors.error import Fault, GatewayError
from gateway.errors.journey import NotSentError
from gateway.errors.refused import MessageRefusedError, UnsupportedMediaTypeError


class AttachmentUnknownError(MessageRefusedError):
    """No attachment with this id belongs to the caller."""

    code = "attachment-unknown"
    next_step = "Check the id; an attachment that no message refers to goes when its time is over."


class AttachmentUnusableError(MessageRefusedError):
    """The document refers to attachments that the caller does not have; ``places`` lists them."""

    code = "attachment-unusable"
    next_step = "Send the content to `POST /v1/attachments`, then the call with the new ids."


class AttachmentTypeError(UnsupportedMediaTypeError):
    """The attachment is of a type that is not taken, or not of the type it claims to be."""

    code = "attachment-type-unsupported"
    next_step = "Send one of the named types, with the `Content-Type` that the content has."


class AttachmentInfectedError(MessageRefusedError):
    """The malware scanner found something; nothing was kept."""

    code = "attachment-infected"
    next_step = "Do not send it again; have the system checked that it came from."


class AttachmentInUseError(MessageRefusedError):
    """A message refers to the attachment; it goes with the message."""

    code = "attachment-in-use"
    next_step = "Leave it: the gateway removes it with its last message."


class DigestMismatchError(MessageRefusedError):
    """The content that came is not the one that the caller's digest is of."""

    code = "digest-mismatch"
    next_step = "Send the content again; if it fails again, check how the digest is made."


class UploadCutOffError(MessageRefusedError):
    """The caller went away, or fell silent, before the end; nothing was kept."""

    code = "upload-cut-off"
    retryable = True
    next_step = "Send the content again from its beginning."


class ScannerUnavailableError(GatewayError):
    """The malware scanner gives no answer; nothing was kept."""

    code = "scanner-unavailable"
    retryable = True
    next_step = "Send the attachment again after the time in `Retry-After`."


class AttachmentUnavailableError(NotSentError):
    """The content of an attachment cannot be read; nothing was sent."""

    code = "attachment-unavailable"
    fault: ClassVar[Fault] = "gateway"
    next_step = "The operator checks where attachments are kept; the gateway tries again."
