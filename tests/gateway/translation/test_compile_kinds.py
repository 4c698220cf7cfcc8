"""Which rules are about elements of several kinds."""

from gateway.translation.compile_kinds import is_each_of
from gateway.translation.source import YamlMapping


def test_an_each_without_an_element_is_a_repeated_choice() -> None:
    head, rule = YamlMapping("m:1"), YamlMapping("m:1")
    rule["each"] = head
    assert is_each_of(rule)
    head["wire"] = "a"
    assert not is_each_of(rule)
    assert not is_each_of(YamlMapping("m:1"))
