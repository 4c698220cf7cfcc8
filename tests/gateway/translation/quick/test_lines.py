import pytest

from gateway.translation.quick.lines import Lines, is_flat, is_usual
from tests.gateway.translation.making import INT, STR, Maker, arr, obj


def test_lines_become_a_function() -> None:
    lines = Lines()
    with lines.block("def answer(value):"):
        with lines.block("if value:"):
            lines.add(f"return {lines.bind(42, 'number')}")
        with lines.block("else:"):
            pass
    answer = lines.function("answer")
    assert answer(1) == 42
    assert answer(0) is None


def test_bound_objects_have_names_of_their_own() -> None:
    lines = Lines()
    assert lines.bind(1, "rule") != lines.bind(2, "rule")


def test_a_short_scope_of_values_is_flat(make: Maker) -> None:
    flat = make("- { api: a, wire: a }", obj(a=STR))
    deep = make("- group: { wire: g }\n  rules:\n    - { api: a, wire: a }", obj(a=STR))
    assert is_flat(flat.scope)
    assert not is_flat(deep.scope)


@pytest.mark.parametrize(
    "rules",
    [
        "- each: { wire: i, api: items, as: integer }\n- { computed: count items, wire: n }",
        """
- each: { wire: i, api: items, as: integer }
- { api: a, wire: w, where: { "@k": "1" }, optional: true }
""",
    ],
)
def test_a_map_that_counts_or_tells_nodes_apart_is_left_to_the_rules(
    make: Maker, rules: str
) -> None:
    found = make(rules, obj("a", items=arr(INT), a=STR))
    assert not is_usual(found.scope)
