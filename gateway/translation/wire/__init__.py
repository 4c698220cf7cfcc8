"""Codecs: bytes and plain trees. They know encodings and escaping, and no business meaning."""
