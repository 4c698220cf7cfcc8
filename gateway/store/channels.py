"""Channels in the store: between values and rows, and how one is changed.

Kept out: the statements (``queries_channels.sql``) and when they run (``sqlite``).
"""

from collections.abc import Mapping
from dataclasses import replace

import apsw

from gateway.messaging.breaker import Breaker, BreakerState
from gateway.messaging.channel_state import ChannelEntry, ChannelEvent, ChannelState, Pause
from gateway.store.rows import Row, micros, micros_or_none, moment, moment_or_none


def change_channel(
    connection: apsw.Connection,
    queries: Mapping[str, str],
    state: ChannelState,
    entry: ChannelEntry | None,
) -> ChannelState | None:
    """Write a channel and its line of history, inside a transaction; see ``ChannelStates``."""
    changed = replace(state, revision=state.revision + 1)
    if connection.execute(queries["change_channel"], channel_row(changed)).fetchone() is None:
        return None
    if entry is not None:
        connection.execute(queries["add_channel_event"], entry_row(state.name, entry))
    return changed


def channel_row(state: ChannelState) -> Row:
    """The values of ``change_channel``."""
    breaker, pause = state.breaker, state.pause
    return (
        state.name,
        state.revision,
        breaker.state,
        micros_or_none(breaker.since),
        micros_or_none(breaker.until),
        breaker.openings,
        None if pause is None else micros(pause.since),
        None if pause is None else pause.by,
        None if pause is None else pause.reason,
    )


def channel_of(row: Row) -> ChannelState:
    """The channel in a row of ``channels``."""
    name, revision, state, since, until, openings, *paused = row
    return ChannelState(
        name=name,
        breaker=Breaker(
            state=BreakerState(state),
            since=moment_or_none(since),
            until=moment_or_none(until),
            openings=openings,
        ),
        pause=_pause_of(paused),
        revision=revision,
    )


def entry_row(channel: str, entry: ChannelEntry) -> Row:
    """The values of ``add_channel_event``."""
    return channel, micros(entry.at), entry.event, entry.by, entry.reason


def entry_of(row: Row) -> ChannelEntry:
    """The line in a row of ``channel_history``."""
    at, event, by, reason = row
    return ChannelEntry(at=moment(at), event=ChannelEvent(event), by=by, reason=reason)


def _pause_of(row: Row) -> Pause | None:
    since, by, reason = row
    return None if since is None else Pause(since=moment(since), by=by, reason=reason)
