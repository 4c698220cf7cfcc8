"""Text as it must stand inside XML.

Source: W3C XML 1.0 (5th edition) §2.4, §2.11, §3.3.3.
"""


def escape_text(text: str) -> str:
    """Escape character data; a carriage return would be read back as a line feed (§2.11)."""
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return (
            text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\r", "&#13;")
        )
    return text


def escape_attribute(text: str) -> str:
    """Escape an attribute value for double quotes; blanks but the space are kept (§3.3.3)."""
    text = escape_text(text)
    if '"' in text or "\t" in text or "\n" in text:
        return text.replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")
    return text
