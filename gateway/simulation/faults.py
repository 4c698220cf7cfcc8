"""The ways in which the simulated authority can fail, and what each of them means.

Names and meanings only: choosing one is ``plan``, carrying it out ``spoil`` (the answer's bytes)
and ``sending`` (the connection).
"""

from enum import StrEnum


class Fault(StrEnum):
    """How the exchange goes wrong."""

    RESET_AT_ONCE = "reset-at-once"
    RESET_HALFWAY = "reset-halfway"
    DROP = "drop"
    RESET = "reset"
    AWAY = "away"
    HALF = "half"
    HALF_CHUNKED = "half-chunked"
    TRICKLE = "trickle"
    NOT_HTTP = "not-http"
    TWICE = "twice"
    OVERSIZED = "oversized"
    EMPTY = "empty"
    RECEIPT = "receipt"
    REDIRECT = "redirect"
    RUBBISH = "rubbish"
    MALFORMED = "malformed"
    LATIN_1 = "latin-1"
    UTF_16 = "utf-16"
    INVALID_UTF_8 = "invalid-utf-8"
    OTHER_EDITION = "other-edition"
    OTHER_VERSION = "other-version"
    OTHER_ROOT = "other-root"
    FOREIGN = "foreign"


BLIND = frozenset({Fault.RESET_AT_ONCE, Fault.RESET_HALFWAY})
"""Faults that come before the request is read, so that nothing in it can decide about them."""

MEANINGS: dict[Fault, str] = {
    Fault.RESET_AT_ONCE: "The connection is reset before the body of the request is read.",
    Fault.RESET_HALFWAY: "The connection is reset when half the body of the request is read.",
    Fault.DROP: "The request is read, then the connection is closed without a byte.",
    Fault.RESET: "The request is read, then the connection is reset without a byte.",
    Fault.AWAY: "As `reset`; all connections end, and for `lasts` new ones are refused.",
    Fault.HALF: "The answer's length is announced, half of it comes, the connection is closed.",
    Fault.HALF_CHUNKED: "As `half`, for an answer in chunks: the last ones never come.",
    Fault.TRICKLE: "The answer comes in pieces of `piece`, with a `pause` after each.",
    Fault.NOT_HTTP: "A line of text comes instead of an HTTP response.",
    Fault.TWICE: "The whole response is sent twice on the same connection.",
    Fault.OVERSIZED: "The right answer, with spaces after its end up to `size`; streamed.",
    Fault.EMPTY: "Status 200 without a byte of answer.",
    Fault.RECEIPT: "Status 202 without an answer: taken, to be answered later.",
    Fault.REDIRECT: "Status 307 to `location`.",
    Fault.RUBBISH: "512 random bytes, sent as if they were the answer.",
    Fault.MALFORMED: "The answer's XML ends in the middle; length and status say it is whole.",
    Fault.LATIN_1: "The answer is ISO-8859-1 and declared as UTF-8.",
    Fault.UTF_16: "The answer is UTF-16 with a byte order mark and declared as UTF-8.",
    Fault.INVALID_UTF_8: "The answer is UTF-8 but for one byte that never stands in it.",
    Fault.OTHER_EDITION: "The answer is in the namespace of another edition of its schema.",
    Fault.OTHER_VERSION: "The root element's attribute `version` names another edition.",
    Fault.OTHER_ROOT: "The answer's root element has another name.",
    Fault.FOREIGN: "The answer is right and answers another message.",
}
"""One sentence each, for people; ``docs/simulation.md`` says the same."""
