"""Tests of ``gateway.validation.xml_syntax``."""

import pytest
from lxml import etree

from gateway.validation.xml_syntax import describe_syntax_error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a b=SECRET/>", ("syntax", "an attribute value without quotation marks")),
        ("<a SECRET='' SECRET=''/>", ("syntax", "an attribute that is there twice")),
        ("<a b='<'/>", ("syntax", "an opening bracket inside an attribute value")),
        ("<a>SECRET & </a>", ("syntax", "a name is missing")),
        ("<a>&SECRET</a>", ("entity", "an ampersand that starts no entity")),
        ("<a><!-- SECRET -- --></a>", ("syntax", "a double hyphen inside a comment")),
        ("<a><!-- SECRET", ("incomplete", "a comment that does not end")),
        ("<a><![CDATA[SECRET", ("incomplete", "a CDATA section that does not end")),
        ("<a", ("syntax", "a start tag that does not end")),
        ("<a>]]></a>", ("syntax", "the text is not well-formed")),
    ],
)
def test_text_is_ours(text: str, expected: tuple[str, str]) -> None:
    with pytest.raises(etree.XMLSyntaxError) as caught:
        etree.fromstring(text.encode())
    keyword, detail = describe_syntax_error(caught.value)
    assert (keyword, detail.split(", line ")[0]) == expected
    assert "SECRET" not in detail
