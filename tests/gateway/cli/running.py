"""A gateway and a simulated authority that run in a process of their own."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """How to reach it.

    Attributes:
        search: Path of a document that can be sent.
        access: Options with address and token.
        to: Options with the recipient.
    """

    search: str
    access: tuple[str, ...]
    to: tuple[str, ...] = ("--recipient", "ags:16099001")
