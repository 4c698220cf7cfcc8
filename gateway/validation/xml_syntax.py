"""Say in our own words why text is not well-formed XML.

libxml2's messages quote names and text of the document; only its error numbers are used.
"""

from lxml import etree

_E = etree.ErrorTypes

# Error numbers of libxml2 (xmlParserErrors), each with a stable keyword and our words.
_KINDS = {
    _E.ERR_DOCUMENT_EMPTY: ("incomplete", "there is no root element"),
    _E.ERR_DOCUMENT_END: ("trailing", "more content follows the root element"),
    _E.ERR_INVALID_CHAR: ("character", "a character that XML does not allow"),
    _E.ERR_INVALID_ENCODING: ("encoding", "bytes that are not of the declared encoding"),
    _E.ERR_UNSUPPORTED_ENCODING: ("encoding", "an encoding that is not supported"),
    _E.ERR_UNDECLARED_ENTITY: ("entity", "an entity that is not declared"),
    _E.ERR_ENTITYREF_SEMICOL_MISSING: ("entity", "an ampersand that starts no entity"),
    _E.ERR_NAME_REQUIRED: ("syntax", "a name is missing"),
    _E.ERR_LT_IN_ATTRIBUTE: ("syntax", "an opening bracket inside an attribute value"),
    _E.ERR_ATTRIBUTE_NOT_STARTED: ("syntax", "an attribute value without quotation marks"),
    _E.ERR_ATTRIBUTE_REDEFINED: ("syntax", "an attribute that is there twice"),
    _E.ERR_GT_REQUIRED: ("syntax", "a start tag that does not end"),
    _E.ERR_TAG_NAME_MISMATCH: ("syntax", "an end tag that does not match its start tag"),
    _E.ERR_TAG_NOT_FINISHED: ("incomplete", "an element that does not end"),
    _E.ERR_RESERVED_XML_NAME: ("syntax", "an XML declaration that is not at the start"),
    _E.ERR_CDATA_NOT_FINISHED: ("incomplete", "a CDATA section that does not end"),
    _E.ERR_COMMENT_NOT_FINISHED: ("incomplete", "a comment that does not end"),
    _E.ERR_HYPHEN_IN_COMMENT: ("syntax", "a double hyphen inside a comment"),
    _E.ERR_NAME_TOO_LONG: ("limit", "a name that is too long"),
    _E.NS_ERR_UNDEFINED_NAMESPACE: ("namespace", "a prefix that is bound to no namespace"),
    _E.NS_ERR_QNAME: ("namespace", "a name with more than one colon"),
    _E.NS_ERR_ATTRIBUTE_REDEFINED: ("namespace", "an attribute that is there twice"),
    _E.NS_ERR_XML_NAMESPACE: ("namespace", "a namespace declaration that is not allowed"),
    # libxml2's numbers of newer releases that lxml has no name for.
    114: ("limit", "nested deeper than 256 levels, or a text or attribute of more than 10 MB"),
}
_OTHER = ("syntax", "the text is not well-formed")


def describe_syntax_error(error: etree.XMLSyntaxError) -> tuple[str, str]:
    """Return keyword and text for a refusal of the parser.

    Returns:
        The keyword is short and stable (``syntax``, ``encoding``, ``entity`` …); the text ends with
        line and column, counted from 1.
    """
    keyword, text = _KINDS.get(error.code, _OTHER)
    line, column = error.position
    return keyword, f"{text}, line {line}, column {column}"
