"""Count what is not settled, in the database of a ``SqliteStore``."""

from collections.abc import Sequence

import apsw

from gateway.messaging.backlog import Unsettled
from gateway.store.queries import load_queries
from gateway.store.sqlite import SqliteStore


class SqliteBacklog:
    """A ``BacklogStore`` in the database of a ``SqliteStore``, which must be open."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._statement = load_queries()["unsettled"]

    async def unsettled(self) -> Sequence[Unsettled]:
        """See ``BacklogStore``."""
        return await self._store.look(self._count)

    def _count(self, connection: apsw.Connection) -> list[Unsettled]:
        return [
            Unsettled(tenant=tenant, caller=caller, channel=channel, count=count)
            for tenant, caller, channel, count in connection.execute(self._statement)
        ]
