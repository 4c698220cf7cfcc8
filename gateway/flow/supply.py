"""What the gateway fills into a caller's document: ids, times, parties, product, code lists.

Values only; which of them a document takes, its map says.
"""

from datetime import datetime
from typing import Any

from gateway.flow.directory import Product
from gateway.messaging.channel import Channel
from gateway.messaging.message import MessageId
from gateway.messaging.party import Party


def supply_message(message_id: MessageId, created_at: datetime) -> dict[str, Any]:
    """Identity of the message; the time in ISO 8601 with offset, to the second."""
    return {
        "message.id": message_id,
        "message.createdAt": created_at.isoformat(timespec="seconds"),
    }


def supply_party(role: str, party: Party) -> dict[str, Any]:
    """A party as ``sender`` or ``recipient``; what is not known of it is left out."""
    supplies: dict[str, Any] = {f"{role}.id": party.id}
    if party.directory:
        supplies[f"{role}.directory"] = party.directory
    if party.name:
        supplies[f"{role}.name"] = party.name
    if party.contacts:
        supplies[f"{role}.contacts"] = [dict(contact) for contact in party.contacts]
    if party.address is not None:
        supplies[f"{role}.address"] = dict(party.address)
    return supplies


def party_supplies(role: str) -> list[str]:
    """Every name that ``supply_party`` can supply."""
    return [f"{role}.{part}" for part in ("id", "directory", "name", "contacts", "address")]


def supply_product(product: Product) -> dict[str, Any]:
    """How the gateway names itself."""
    return {
        "product.name": product.name,
        "product.manufacturer": product.manufacturer,
        "product.version": product.version,
    }


def supply_channel(channel: Channel, *, test: bool) -> dict[str, Any]:
    """Code-list versions the backend speaks, and the mark of a test message."""
    supplies: dict[str, Any] = {
        f"codelist.{codelist}.version": version
        for codelist, version in channel.codelist_versions.items()
    }
    if test and channel.test_text is not None:
        supplies["test"] = channel.test_text
    return supplies
