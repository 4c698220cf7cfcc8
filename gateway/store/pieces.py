"""Large content, stored piece by piece before the message it belongs to.

Written whole, 10 MB would hold up every other message for the time of their commit. Each piece
shares a transaction with what else waits; the last one, which names the content, makes all of them
count. Kept out: the transactions (``writer``), and what else they write (``transactions``).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import apsw

from gateway.messaging.message import MessageId, Stage, StageKind
from gateway.store.rows import PiecedStage, Row, stage_of
from gateway.store.transactions import Transactions
from gateway.store.writer import Writer

PIECE_BYTES = 256 * 1024
"""Of one piece; a fraction of a millisecond to write, and longest body that is stored whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pieces:
    """Writes large content; used from the event loop."""

    transactions: Transactions
    writer: Writer

    async def put(self, stages: Sequence[Stage]) -> list[Stage]:
        """Make the pieces of large stages durable.

        Returns:
            The stages to store with their message: small ones as they are.
        """
        return [
            stage if len(stage.body) <= PIECE_BYTES else await self._put(stage) for stage in stages
        ]

    async def drop(self, stages: Sequence[Stage]) -> None:
        """Remove the pieces of stages that will not be stored."""
        for stage in stages:
            if isinstance(stage, PiecedStage):
                await self.writer.submit(partial(self.transactions.drop_content, stage.content))

    async def _put(self, stage: Stage) -> PiecedStage:
        body = memoryview(stage.body)
        content = self.transactions.new_content()
        for number, start in enumerate(range(0, len(body), PIECE_BYTES)):
            piece = body[start : start + PIECE_BYTES]
            put = partial(self.transactions.put_piece, content, number, piece)
            await self.writer.submit(put, size_bytes=len(piece))
        fields = {name.name: getattr(stage, name.name) for name in dataclasses.fields(Stage)}
        return PiecedStage(**{**fields, "body": b""}, content=content)


def read_stage(
    connection: apsw.Connection,
    queries: Mapping[str, str],
    message_id: MessageId,
    kind: StageKind,
) -> Stage | None:
    """One stage of a message with its whole body, or None."""
    row = connection.execute(queries["stage"], (message_id, kind)).fetchone()
    return None if row is None else whole(connection, queries, row)


def whole(connection: apsw.Connection, queries: Mapping[str, str], row: Row) -> Stage:
    """The stage in a row that ends with the number of its content, with its whole body."""
    *columns, content = row
    stage = stage_of(tuple(columns))
    if content is None:
        return stage
    pieces = [body for (body,) in connection.execute(queries["pieces"], (content,))]
    return dataclasses.replace(stage, body=b"".join(pieces))
