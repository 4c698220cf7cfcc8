"""How bytes travel: one module a transport, each an implementation of ``messaging.Transport``."""
