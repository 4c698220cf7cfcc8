"""What the gateway supplies; what it does not know is left out."""

from datetime import UTC, datetime

from gateway.flow.directory import Product
from gateway.flow.supply import (
    party_supplies,
    supply_channel,
    supply_message,
    supply_party,
    supply_product,
)
from gateway.messaging.channel import Channel
from gateway.messaging.message import MessageId
from gateway.messaging.party import Party

CHANNEL = Channel(
    name="c",
    adapter="a",
    transport="http",
    address="x",
    codelist_versions={"countries": "7"},
    test_text="test",
)


def test_time_has_an_offset() -> None:
    supplies = supply_message(MessageId("1"), datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    assert supplies == {"message.id": "1", "message.createdAt": "2026-01-02T03:04:05+00:00"}


def test_unknown_party_has_an_id_only() -> None:
    assert supply_party("recipient", Party(id="x", directory="", name="")) == {"recipient.id": "x"}


def test_known_party_is_supplied_whole_and_as_copies() -> None:
    contact, address = {"mail": "m"}, {"city": "c"}
    party = Party(id="x", directory="d", name="n", contacts=(contact,), address=address)
    supplies = supply_party("sender", party)
    assert list(supplies) == party_supplies("sender")
    assert supplies["sender.contacts"] == [contact]
    assert supplies["sender.contacts"][0] is not contact
    assert supplies["sender.address"] is not address


def test_product_names_itself() -> None:
    supplies = supply_product(Product(name="n", manufacturer="m", version="v"))
    assert supplies == {"product.name": "n", "product.manufacturer": "m", "product.version": "v"}


def test_channel_gives_code_list_versions_and_marks_tests() -> None:
    assert supply_channel(CHANNEL, test=False) == {"codelist.countries.version": "7"}
    assert supply_channel(CHANNEL, test=True) == {"codelist.countries.version": "7", "test": "test"}
