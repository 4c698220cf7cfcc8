"""The journey of a message, one verb a module; I/O only through the ports of ``messaging``."""
