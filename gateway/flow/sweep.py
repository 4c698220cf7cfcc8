"""Remove attachments that nobody needs any more, and what a crash left behind.

The index alone decides, in its transactions: a location that is out of use never is in use again.
So a sweep may run at any moment, beside uploads, acceptances and other sweeps.
"""

import asyncio
import logging
from contextlib import aclosing
from datetime import timedelta

from gateway.messaging.attachment_ports import AttachmentIndex, AttachmentStore
from gateway.messaging.ports import Clock

PAUSE = timedelta(minutes=5)
"""Between two looks for attachments whose time is over."""

STRAYS_EVERY = 288
"""Sweeps between two looks through all the bytes: once a day, and at the start."""

BATCH = 100
"""Attachments forgotten in one transaction."""

log = logging.getLogger(__name__)


async def sweep(index: AttachmentIndex, store: AttachmentStore, clock: Clock) -> int:
    """Remove attachments whose time is over and that no message refers to; returns how many."""
    total, count = 0, BATCH
    while count == BATCH:
        count, locations = await index.discard_expired(now=clock.now(), limit=BATCH)
        for location in locations:
            await store.remove(location)
        total += count
    return total


async def sweep_strays(index: AttachmentIndex, store: AttachmentStore) -> int:
    """Remove bytes that belong to nothing; returns how many there were."""
    total = 0
    async with aclosing(store.locations()) as batches:
        async for batch in batches:
            for location in await index.out_of_use(batch):
                await store.remove(location)
                total += 1
    return total


async def keep_swept(index: AttachmentIndex, store: AttachmentStore, clock: Clock) -> None:
    """Sweep again and again, until cancelled."""
    number = 0
    while True:
        try:
            removed = await sweep(index, store, clock)
            if number % STRAYS_EVERY == 0:
                removed += await sweep_strays(index, store)
            if removed:
                extra = {"event": "attachments.removed", "count": removed}
                log.info("attachments removed", extra=extra)
        except Exception as error:  # noqa: BLE001 - whatever it is, messages must go on
            extra = {"event": "attachments.sweep_failed", "error": type(error).__qualname__}
            log.warning("attachments cannot be removed", extra=extra)
        number += 1
        await asyncio.sleep(PAUSE.total_seconds())
