"""All that is kept of dead letters beside their messages, as one port."""

from typing import Protocol

from gateway.messaging.causes import CauseStore
from gateway.messaging.corrections import CorrectionStore
from gateway.messaging.replays import ReplayStore


class LetterStore(CauseStore, CorrectionStore, ReplayStore, Protocol):
    """Causes, corrected copies and replays of many, in the database of a ``MessageStore``.

    It is open while that is.
    """
