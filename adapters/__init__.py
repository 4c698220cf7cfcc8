"""The adapters that ship with the gateway: one folder a standard."""
