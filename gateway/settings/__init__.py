"""Every setting, by section, and how they are read."""

from gateway.settings.load import load_settings
from gateway.settings.model import ChannelSettings, PartySettings, Settings

__all__ = ["ChannelSettings", "PartySettings", "Settings", "load_settings"]
