"""What only some errors carry."""

import pickle
from datetime import timedelta

from gateway.errors import AuthorityRefusedError, NotSentError


def test_delivery_errors_carry_what_is_decided_by() -> None:
    assert NotSentError("busy").retry_after is None
    assert NotSentError("busy", retry_after=timedelta(seconds=1)).retry_after == timedelta(
        seconds=1
    )
    assert AuthorityRefusedError("never").body == b""
    assert AuthorityRefusedError("never", body=b"<no/>").body == b"<no/>"


def test_what_only_some_errors_carry_reaches_another_process() -> None:
    busy = NotSentError("busy", retry_after=timedelta(seconds=1))
    never = AuthorityRefusedError("never", body=b"<no/>")
    assert pickle.loads(pickle.dumps(busy)).retry_after == busy.retry_after  # noqa: S301 - our own
    assert pickle.loads(pickle.dumps(never)).body == never.body  # noqa: S301 - our own
