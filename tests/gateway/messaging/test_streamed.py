from gateway.messaging.ports import Transport
from gateway.messaging.streamed import StreamingTransport
from gateway.transports.http import HttpTransport
from tests.gateway.flow.world import Authority


def test_a_transport_that_streams_is_told_from_one_that_does_not() -> None:
    plain: Transport = Authority()
    assert not isinstance(plain, StreamingTransport)
    assert issubclass(HttpTransport, StreamingTransport)
