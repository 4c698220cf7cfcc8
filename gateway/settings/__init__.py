"""Every setting, by section, and how they are read."""

from gateway.settings.callers import PartySettings
from gateway.settings.channels import ChannelSettings
from gateway.settings.load import Reading, load_settings, read_settings
from gateway.settings.model import Settings

__all__ = [
    "ChannelSettings",
    "PartySettings",
    "Reading",
    "Settings",
    "load_settings",
    "read_settings",
]
