"""TLS on loopback. The certificate and key of ``loopback.pem`` are for these tests only."""

import ssl
from pathlib import Path

import pytest

PEM = Path(__file__).with_name("loopback.pem")


@pytest.fixture
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


@pytest.fixture
def client_tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(PEM))
