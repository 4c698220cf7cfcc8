"""Text survives XML, whatever it holds."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.translation.wire.escape import escape_attribute, escape_text

QUICK = settings(deadline=None)  # a busy machine is no fault
XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r\"'<>&\x85\u2028 ")
)


@QUICK
@given(XML_TEXT)
@example("\r\n \t\"'<&>]]>")
@example("\r")
def test_parser_gives_back_what_was_escaped(text: str) -> None:
    node = etree.fromstring(f'<a b="{escape_attribute(text)}">{escape_text(text)}</a>')
    assert (node.get("b"), node.text or "") == (text, text)


def test_plain_text_is_not_copied() -> None:
    assert escape_text("abc") == "abc"
    assert escape_attribute("abc'") == "abc'"
