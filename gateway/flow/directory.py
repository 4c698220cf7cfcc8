"""What this gateway offers and whom it can reach: everything configured, as one value.

Built once at start by ``gateway.bootstrap``; nothing here changes while the gateway runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.messaging.channel import Channel
from gateway.messaging.operation import Operation
from gateway.messaging.party import Party
from gateway.messaging.ports import Transport
from gateway.messaging.route import Route
from gateway.messaging.sequence import SequenceField
from gateway.validation.json_schema import DocumentSchema


class Ledger(Protocol):
    """What became of every value of one translation."""

    def to_json(self) -> bytes:
        """The short form."""
        ...


class Map(Protocol):
    """The map that a translation used."""

    @property
    def reference(self) -> str:
        """``xmeld/person-search@1``."""
        ...

    @property
    def wire_schema_source(self) -> str:
        """``official:<sha256>`` or ``profile:<sha256>``."""
        ...

    @property
    def correlates(self) -> Sequence[str]:
        """JSON Pointers of what ties answers to their message."""
        ...

    @property
    def sequences(self) -> Sequence[SequenceField]:
        """Fields that hold numbers of sequences."""
        ...


class Writing(Protocol):
    """A wire form and how it came about."""

    @property
    def data(self) -> bytes:
        """The bytes."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Of this translation."""
        ...


class Reading(Protocol):
    """A canonical document and how it came about."""

    @property
    def document(self) -> dict[str, Any]:
        """The document."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Of this translation."""
        ...

    @property
    def kept(self) -> dict[str, Any]:
        """Values carried beside the document."""
        ...


class Written(Protocol):
    """A completed document, its wire form, and the map that made it."""

    @property
    def document(self) -> dict[str, Any]:
        """The completed document."""
        ...

    @property
    def writing(self) -> Writing:
        """Its wire form."""
        ...

    @property
    def map(self) -> Map:
        """The map that wrote it."""
        ...


class Read(Protocol):
    """What a wire message says, and the map that read it."""

    @property
    def reading(self) -> Reading:
        """The canonical document."""
        ...

    @property
    def map(self) -> Map:
        """The map that read it."""
        ...


class Exchange(Protocol):
    """Translates one operation to an adapter's format and back; the engine's ``Exchange``."""

    @property
    def trial_numbers(self) -> Mapping[str, int]:
        """The largest number of each sequence that a request may need, by its supplied name."""
        ...

    @property
    def answer_numbers(self) -> Sequence[SequenceField]:
        """Fields of answers that hold numbers of sequences."""
        ...

    def write_request(self, document: Mapping[str, Any], supplies: Mapping[str, Any]) -> Written:
        """Complete a valid caller's document with what is supplied, and write it.

        Raises:
            SchemaViolationError: The completed document breaks its schema.
            NotExpressibleError: The wire form cannot carry a value of it.
        """
        ...

    def read_answer(self, data: bytes) -> Read:
        """Read an answer.

        Raises:
            MalformedBodyError: The bytes are not in the wire format.
            SchemaViolationError: They break the wire schema, the map or the canonical schema.
            NotExpressibleError: They hold something that no rule mentions.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """A channel with what makes it work.

    Attributes:
        channel: The configured way.
        transport: Carries its bytes.
        exchanges: Translations by operation key ``residents/search/v1``.
    """

    channel: Channel
    transport: Transport
    exchanges: Mapping[str, Exchange]


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """How this gateway names itself in message heads."""

    name: str
    manufacturer: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Directory:
    """Operations, routes, channels and parties.

    Attributes:
        operations: By key ``residents/search/v1``.
        schemas: Schema of the caller's document, by operation key.
        lanes: By channel name.
        routes: Which channel leads where; free of overlaps.
        authorities: What is known about recipients, by id; one that is missing has only its id.
        product: How the gateway names itself.
    """

    operations: Mapping[str, Operation]
    schemas: Mapping[str, DocumentSchema]
    lanes: Mapping[str, Lane]
    routes: Sequence[Route]
    product: Product
    authorities: Mapping[str, Party] = field(default_factory=dict)
