from lxml import etree

from gateway.adapter_kit.profile_print import Header, print_profile
from gateway.adapter_kit.profile_shape import Again, Attribute, Choice, Complex, Element, Simple

HEADER = Header(title="A title.", notes="Run x --write <now>\n\nand more")
SHORT = Simple(base="string", facets=(("maxLength", "3"),), label="short")


def element(
    name: str, kind: Simple | Complex | Again, *, qualified: bool = False, minimum: int = 1
) -> Element:
    namespace = "urn:x" if qualified else None
    return Element(name=name, namespace=namespace, type=kind, minimum=minimum)


def compiled(*roots: Element) -> etree.XMLSchema:
    text = print_profile(roots, namespace="urn:x", header=HEADER)
    return etree.XMLSchema(etree.fromstring(text.encode()))


def takes(schema: etree.XMLSchema, inside: str) -> bool:
    return schema.validate(etree.fromstring(f'<x:r xmlns:x="urn:x"{inside}</x:r>'))


def test_each_local_element_says_whether_it_is_qualified() -> None:
    kind = Complex(particles=(element("a", SHORT), element("b", SHORT, qualified=True)))
    schema = compiled(element("r", kind))
    assert takes(schema, "><a>1</a><x:b>2</x:b>")
    assert not takes(schema, "><x:a>1</x:a><x:b>2</x:b>")
    assert not takes(schema, "><a>1</a><b>2</b>")


def test_equal_types_are_declared_once_and_named_after_the_first() -> None:
    kind = Complex(particles=(element("a", SHORT), element("b", SHORT)))
    text = print_profile([element("r", kind)], namespace="urn:x", header=HEADER)
    assert text.count('simpleType name="short"') == 1
    assert text.count('type="p:short"') == 2


def test_types_of_one_label_get_different_names() -> None:
    other = Simple(base=SHORT, facets=(("maxLength", "2"),), label="short")
    kind = Complex(particles=(element("a", SHORT), element("b", other)))
    schema = compiled(element("r", kind))
    assert takes(schema, "><a>123</a><b>12</b>")
    assert not takes(schema, "><a>123</a><b>123</b>")


def test_text_with_attributes_is_printed() -> None:
    attribute = Attribute(name="v", namespace=None, type=SHORT, required=True, fixed="1")
    schema = compiled(element("r", Complex(attributes=(attribute,), text=SHORT, label="r")))
    assert takes(schema, ' v="1">abc')
    assert not takes(schema, ">abc")
    assert not takes(schema, ' v="2">abc')


def test_branches_of_several_elements_are_sequences() -> None:
    branches = ((element("a", SHORT), element("b", SHORT)), (element("c", SHORT),))
    schema = compiled(element("r", Complex(particles=(Choice(branches=branches, minimum=0),))))
    assert takes(schema, ">")
    assert takes(schema, "><a/><b/>")
    assert takes(schema, "><c/>")
    assert not takes(schema, "><a/><c/>")


def test_an_element_may_hold_itself() -> None:
    again = element("node", Again(cycle="n"), minimum=0)
    node = Complex(particles=(element("v", SHORT), again), label="node", cycle="n")
    schema = compiled(element("r", Complex(particles=(element("node", node),), label="r")))
    assert takes(schema, "><node><v>1</v><node><v>2</v></node></node>")
    assert not takes(schema, "><node><v>1</v><node/></node>")


def test_blanks_and_marks_survive_in_patterns() -> None:
    kind = Simple(base="string", facets=(("pattern", '\t|C\u0306|"'),), label="t")
    schema = compiled(element("r", Complex(particles=(element("a", kind),))))
    assert takes(schema, "><a>\t</a>")
    assert takes(schema, "><a>C\u0306</a>")
    assert takes(schema, '><a>"</a>')
    assert not takes(schema, "><a> </a>")


def test_notes_may_hold_command_lines() -> None:
    text = print_profile([element("r", SHORT)], namespace=None, header=HEADER)
    root = etree.fromstring(text.encode())
    assert "x --write <now>" in "".join(str(part) for part in root.itertext())
    assert root.get("targetNamespace") is None
