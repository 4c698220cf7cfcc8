"""The map engine, usable as a library: ``load_map(path).read(data)`` and ``.write(document)``."""

from gateway.translation.exchange import Exchange
from gateway.translation.ledger import Ledger
from gateway.translation.map import Map, Reading, Writing, load_map

__all__ = ["Exchange", "Ledger", "Map", "Reading", "Writing", "load_map"]
