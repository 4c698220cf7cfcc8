"""Bad backends, and for each what its caller is told and what becomes of the message.

Each is asked with a query, which may be repeated, and told a submission, which must not be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.simulation import Certificate, Fault
from gateway.simulation.plan import MIB, Effect
from tests.scenarios.backends.street import Backend
from tests.scenarios.marked import MARK

LONG = timedelta(seconds=30)
HASTY = 0.4
"""Time-out of channels to backends that are slow."""

XML = r"<\?xml.*"
WHOLE_XML = r"<\?xml.*>\s*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What a problem document says beside its detail."""

    status: int
    fault: str
    retryable: bool
    next_step: str


PROBLEMS = {
    "not-sent": Problem(
        status=502,
        fault="transport",
        retryable=True,
        next_step="Ask again later; nothing reached the authority.",
    ),
    "authority-busy": Problem(
        status=502,
        fault="authority",
        retryable=True,
        next_step="Ask again later; the authority's server said that it took nothing.",
    ),
    "peer-untrusted": Problem(
        status=502,
        fault="configuration",
        retryable=True,
        next_step="Nothing was sent. The operator checks the channel's address, the authority's "
        "certificate and the certificate authorities that the gateway trusts.",
    ),
    "outcome-unknown": Problem(
        status=502,
        fault="transport",
        retryable=True,
        next_step="A query may be asked again; for a submission ask the authority before "
        "repeating.",
    ),
    "authority-refused": Problem(
        status=502,
        fault="authority",
        retryable=False,
        next_step="See the authority's answer in the message's stages; correct and send anew.",
    ),
    "address-moved": Problem(
        status=502,
        fault="configuration",
        retryable=False,
        next_step="The operator corrects the channel's address; then send the call again.",
    ),
    "answer-unreadable": Problem(
        status=502,
        fault="authority",
        retryable=False,
        next_step="The bytes are kept; the operator can read them again with a corrected map.",
    ),
    "message-expired": Problem(
        status=504,
        fault="authority",
        retryable=True,
        next_step="Ask again, or ask with `Prefer: respond-async` and a longer deadline.",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """What becomes of one message.

    Attributes:
        status: HTTP status of the call.
        state: Where the message rests.
        attempts: How each ended.
        code: Public code of the last failure.
        seen: How often the backend read the message.
    """

    status: int
    state: str
    attempts: Sequence[str]
    code: str | None = None
    seen: int = 1

    @property
    def row(self) -> str:
        """Two cells of the table for people."""
        rests = f"`{self.state}`" + (f" `{self.code}`" if self.code else "")
        return f"{', '.join(self.attempts)} | {rests}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One backend and what comes of it.

    Attributes:
        backend: The backend.
        query: What becomes of a query.
        submission: What becomes of a submission.
        kept: What is kept of the answer, as a pattern; None: no byte came, nothing is kept.
        place: Keyword of the place in the answer, and what is said of it.
        prefer: How long the caller waits.
        detail: Part of what the history says about the failure.
    """

    backend: Backend
    query: End
    submission: End
    kept: str | None = None
    place: tuple[str, str] | None = None
    prefer: str = "wait=10"
    detail: str = ""

    @property
    def row(self) -> str:
        """The line of the table for people."""
        return f"| {self.backend.shown} | {self.query.row} | {self.submission.row} |"


ANSWERED = End(status=200, state="answered", attempts=["answered"])


def failing(fault: Fault | None = None, **effect: Any) -> Backend:
    return Backend(effect=Effect(answer="", fault=fault, **effect))


def unsent(
    backend: Backend, detail: str, *, code: str = "not-sent", kept: str | None = None
) -> Case:
    """Nothing is taken by the authority: both are sent again until the attempts are used up."""
    ended: dict[str, Any] = {"state": "dead", "attempts": ["not_sent"] * 2, "code": code}
    ended["seen"] = 0 if kept is None else 2
    return Case(
        backend=backend,
        query=End(status=502, **ended),
        submission=End(status=202, **ended),
        detail=detail,
        kept=kept,
    )


def unknown(backend: Backend, detail: str, *, seen: int = 1, kept: str | None = None) -> Case:
    """Bytes may have arrived: the query is repeated, the submission never."""
    return Case(
        backend=backend,
        query=End(
            status=502,
            state="dead",
            attempts=["outcome_unknown"] * 2,
            code="outcome-unknown",
            seen=2 * seen,
        ),
        submission=End(
            status=202,
            state="in_doubt",
            attempts=["outcome_unknown"],
            code="outcome-unknown",
            seen=seen,
        ),
        detail=detail,
        kept=kept,
    )


def refused(
    backend: Backend, detail: str, *, code: str = "authority-refused", kept: str | None = MARK
) -> Case:
    """The authority said no, once and for all."""
    end = End(status=502, state="dead", attempts=["refused"], code=code)
    return Case(backend=backend, query=end, submission=end, detail=detail, kept=kept)


def unreadable(backend: Backend, place: tuple[str, str], *, kept: str = WHOLE_XML) -> Case:
    """The authority answered, and nobody can read it: it is never asked again."""
    end = End(status=502, state="invalid", attempts=["unreadable"], code="answer-unreadable")
    return Case(
        backend=backend,
        query=end,
        submission=end,
        kept=kept,
        place=place,
        detail="answer",
    )


def untrusted(kind: Certificate, detail: str) -> Case:
    """No certificate that is trusted: not a byte of the message leaves."""
    return unsent(Backend(tls=kind), detail, code="peer-untrusted")


CASES: dict[str, Case] = {
    "right": Case(backend=Backend(), query=ANSWERED, submission=ANSWERED, kept=XML),
    "right-certificate": Case(
        backend=Backend(tls=Certificate.RIGHT), query=ANSWERED, submission=ANSWERED, kept=WHOLE_XML
    ),
    "refuses-connections": unsent(Backend(opens=False), "no connection can be made"),
    "busy": unsent(
        failing(status=503, body=MARK, retry_after=0),
        "HTTP status 503",
        code="authority-busy",
        kept=MARK,
    ),
    "too-many-requests": unsent(
        failing(status=429, body=MARK, retry_after=0), "429", code="authority-busy", kept=MARK
    ),
    "refuses": refused(failing(status=400, body=MARK), "HTTP status 400"),
    "forbids": refused(failing(status=403, body=MARK), "HTTP status 403"),
    "fails": unknown(failing(status=500, body=MARK), "HTTP status 500", kept=MARK),
    "bad-gateway": unknown(failing(status=502, body=MARK), "HTTP status 502", kept=MARK),
    "resets-at-once": unknown(failing(Fault.RESET_AT_ONCE), "connection", seen=0),
    "resets-halfway": unknown(failing(Fault.RESET_HALFWAY), "connection", seen=0),
    "resets": unknown(failing(Fault.RESET), "connection"),
    "drops": unknown(failing(Fault.DROP), "the server closed the connection"),
    "says-no-http": unknown(failing(Fault.NOT_HTTP), "the answer is not HTTP"),
    "slow": unknown(
        Backend(effect=Effect(answer="", delay=LONG), timeout=HASTY), "no connection or answer"
    ),
    "trickles": unknown(
        Backend(
            effect=Effect(answer="", fault=Fault.TRICKLE, pause=LONG),
            timeout=HASTY,
        ),
        "in time",
        kept=XML,
    ),
    "half": unknown(failing(Fault.HALF), "ended too early", kept=XML),
    "half-chunked": unknown(failing(Fault.HALF_CHUNKED), "ended too early", kept=XML),
    "goes-away": Case(
        backend=failing(Fault.AWAY, lasts=LONG),
        query=End(
            status=502, state="dead", attempts=["outcome_unknown", "not_sent"], code="not-sent"
        ),
        submission=End(
            status=202, state="in_doubt", attempts=["outcome_unknown"], code="outcome-unknown"
        ),
        detail="connection",
    ),
    "oversized": unreadable(
        failing(Fault.OVERSIZED, size_bytes=17 * MIB),
        ("size", "the first 65536 bytes are kept"),
        kept=r"<\?xml.{65531}",
    ),
    "empty": unreadable(failing(Fault.EMPTY), ("incomplete", "no root element"), kept=""),
    "rubbish": unreadable(failing(Fault.RUBBISH), ("incomplete", "line 1"), kept=".{512}"),
    "malformed": unreadable(failing(Fault.MALFORMED), ("", "line 2, column "), kept=XML),
    "latin-1": unreadable(failing(Fault.LATIN_1), ("encoding", "line 2, column 8")),
    "utf-16": unreadable(failing(Fault.UTF_16), ("encoding", "UTF-8"), kept="\xff\xfe<\x00.*"),
    "invalid-utf-8": unreadable(failing(Fault.INVALID_UTF_8), ("encoding", "line 2, column 8")),
    "other-edition": unreadable(failing(Fault.OTHER_EDITION), ("root", "/*")),
    "other-version": unreadable(failing(Fault.OTHER_VERSION), ("", "/@version")),
    "other-root": unreadable(failing(Fault.OTHER_ROOT), ("root", "/*")),
    "foreign": unreadable(failing(Fault.FOREIGN), ("correlation", "/inReplyTo/messageId")),
    "redirects": refused(
        failing(Fault.REDIRECT, location="http://127.0.0.1:1/"),
        "is not followed",
        code="address-moved",
        kept=None,
    ),
    "unknown-ca": untrusted(Certificate.UNKNOWN_CA, "issued by an authority that is not trusted"),
    "self-signed": untrusted(Certificate.SELF_SIGNED, "certificate was issued by"),
    "other-name": untrusted(Certificate.OTHER_NAME, "certificate is for another"),
    "expired": untrusted(Certificate.EXPIRED, "certificate has expired"),
    "wrong-media-type": Case(
        backend=failing(content_type="text/html"),
        query=ANSWERED,
        submission=ANSWERED,
        kept=WHOLE_XML,
    ),
    "answers-twice": Case(
        backend=failing(Fault.TWICE), query=ANSWERED, submission=ANSWERED, kept=WHOLE_XML
    ),
    "gives-a-receipt": Case(
        backend=failing(Fault.RECEIPT),
        query=End(status=504, state="expired", attempts=["receipt"], code="message-expired"),
        submission=End(status=202, state="awaiting_answer", attempts=["receipt"]),
        prefer="wait=1",
    ),
}


PATIENT = "{ first_wait = 0.02, longest_wait = 0.05, max_attempts = 1000 }"
NEVER_THERE = Backend(opens=False, retry=PATIENT)
BACK_AGAIN = Backend(
    effect=Effect(answer="", fault=Fault.AWAY, lasts=timedelta(seconds=0.4)),
    times=1,
    retry=PATIENT,
)
"""Gone for less time than its callers wait."""
