"""Settings of attachments. Kept out: all other sections (``gateway.settings.model``)."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from gateway.flow.upload import UploadLimits
from gateway.settings.section import Seconds, Section, Text

MediaType = Annotated[
    str, Field(max_length=120, pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$")
]
"""``type/subtype`` in lower case, without parameters."""


class BucketSettings(Section):
    """A bucket that speaks the S3 protocol; needs the extra ``agency-gateway[s3]``."""

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """Name of the bucket; it must be there."""

    prefix: str = Field(default="attachments", pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")
    """What the names of all objects begin with, so that others may use the bucket too."""

    endpoint: str | None = Field(
        default=None, max_length=2000, pattern=r"^https?://[^@\s/]+(/[^@\s]*)?$"
    )
    """URL of the service, ``https://s3.example``; absent: that of Amazon for the region."""

    region: Text = "us-east-1"
    """Region; most services of one's own take any."""

    access_key_id: Text | None = None
    """Who asks; absent: what the environment of an Amazon machine says."""

    secret_access_key: SecretStr | None = None
    """Its secret; best given as ``AGENCY_GATEWAY_ATTACHMENTS__S3__SECRET_ACCESS_KEY``."""


class AttachmentSettings(Section):
    """Content that documents refer to, kept beside the messages."""

    path: Path | None = None
    """Folder that keeps the content; ``s3`` outranks it. Absent: beside the message store, under
    its name with ``.attachments`` at the end. No two message stores may share one."""

    s3: BucketSettings | None = None
    """A bucket that keeps the content instead of the folder; it is in no backup."""

    largest_megabytes: int = Field(default=100, ge=1, le=1_048_576)
    """Longest attachment, in units of 1,048,576 bytes. The wire form is a third longer, and the
    ``timeout`` of the channel must do for sending it."""

    media_types: tuple[MediaType, ...] = (
        "application/pdf",
        "application/xml",
        "application/zip",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "text/xml",
    )
    """Types that are taken. Content of these default types, and of office documents, must also
    begin as its type does."""

    keep_unreferenced: Seconds = timedelta(hours=24)
    """How long an attachment waits for a message that refers to it; then it is erased. One that a
    message refers to is erased with the message."""

    scanner: str | None = Field(
        default=None, max_length=250, pattern=r"^(tcp://[^\s/:]+:[0-9]{1,5}|unix:/[^\s]+)$"
    )
    """A malware scanner that speaks clamd's protocol, ``tcp://127.0.0.1:3310`` or
    ``unix:/run/clamav/clamd.ctl``. Absent: attachments are not scanned, and ``check-config`` says
    so. Its ``StreamMaxLength`` must be no less than ``largest_megabytes``."""

    scanner_timeout: Seconds = timedelta(seconds=60)
    """Longest wait for the scanner to take a piece, and for its answer after the last one."""

    def to_limits(self) -> UploadLimits:
        """What is taken, as a value."""
        return UploadLimits(
            largest_bytes=self.largest_megabytes * 2**20,
            media_types=frozenset(self.media_types),
            kept_for=self.keep_unreferenced,
        )
