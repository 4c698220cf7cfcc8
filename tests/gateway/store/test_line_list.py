"""Looking at lines reads those that wait, and no other message."""

import apsw

from gateway.store.queries import load_queries
from gateway.store.schema import load_migrations, migrate


def test_lists_of_who_waits_use_the_indexes_of_these_few() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, load_migrations())
    values = dict.fromkeys(
        ("before_at", "before_id", "since", "until", "tenant", "caller", "states", "operation"), ""
    )
    for name, bindings in (
        ("lines", ()),
        (
            "find_waiting",
            {
                **values,
                "authority": "",
                "case_reference": "",
                "channel": "",
                "code": "",
                "limit": 1,
            },
        ),
    ):
        steps = connection.execute(f"EXPLAIN QUERY PLAN {load_queries()[name]}", bindings)
        scans = [step[3] for step in steps if step[3].startswith(("SCAN", "SEARCH"))]
        of_messages = [scan for scan in scans if "messages" in scan]
        assert of_messages
        assert all("messages_waiting" in s or "messages_in_line" in s for s in of_messages)
    connection.close()
