"""Every setting, by section, and how they are read."""

from gateway.settings.load import Reading, load_settings, read_settings
from gateway.settings.model import ChannelSettings, PartySettings, Settings

__all__ = [
    "ChannelSettings",
    "PartySettings",
    "Reading",
    "Settings",
    "load_settings",
    "read_settings",
]
