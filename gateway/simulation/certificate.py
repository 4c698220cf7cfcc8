"""Certificates made on the spot: a right one, and those that a client must not trust.

Needs trustme, which is in the extra ``kit``.
"""

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import import_module
from types import ModuleType

from gateway.errors import ConfigurationError

NAMES = ("127.0.0.1", "localhost")
ANOTHER_NAME = "another-authority.invalid"


class Certificate(StrEnum):
    """What the server shows who connects."""

    RIGHT = "right"
    """For loopback, issued by the authority that is handed out, in force."""

    UNKNOWN_CA = "unknown-ca"
    """As ``right``, issued by somebody else."""

    SELF_SIGNED = "self-signed"
    """Issued by itself."""

    OTHER_NAME = "other-name"
    """As ``right``, for another host."""

    EXPIRED = "expired"
    """As ``right``, until yesterday."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """How a server proves who it is.

    Attributes:
        context: For the server.
        trust_pem: Certificate of the authority to trust; issued the server's where that is right.
    """

    context: ssl.SSLContext
    trust_pem: bytes


def make_identity(kind: Certificate, now: datetime) -> Identity:
    """Make keys and certificates; nothing of them is written anywhere.

    Args:
        kind: What is right or wrong with the server's certificate.
        now: The present moment; aware.

    Raises:
        ConfigurationError: trustme is not installed.
    """
    trustme = _trustme()
    trusted = trustme.CA()
    issuer = trusted if kind in _ISSUED else trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind is Certificate.SELF_SIGNED:
        with issuer.private_key_pem.tempfile() as key, issuer.cert_pem.tempfile() as chain:
            context.load_cert_chain(chain, key)
    else:
        names = (ANOTHER_NAME,) if kind is Certificate.OTHER_NAME else NAMES
        day = timedelta(days=1)
        ends = now - day if kind is Certificate.EXPIRED else now + 30 * day
        issuer.issue_cert(*names, not_before=now - 2 * day, not_after=ends).configure_cert(context)
    return Identity(context=context, trust_pem=trusted.cert_pem.bytes())


_ISSUED = frozenset({Certificate.RIGHT, Certificate.OTHER_NAME, Certificate.EXPIRED})
"""Certificates that the handed-out authority issued."""


def _trustme() -> ModuleType:
    try:
        return import_module("trustme")
    except ImportError:
        raise ConfigurationError(
            "Certificates need trustme: pip install 'agency-gateway[kit]'."
        ) from None
