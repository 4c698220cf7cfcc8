"""``gateway.simulation.plan``: which rule decides."""

from collections import Counter

import pytest

from gateway.simulation.faults import Fault
from gateway.simulation.plan import Choice, Effect, Plan, Rule, value_at

DOCUMENT = {"search": {"names": [{"text": "Quendel"}], "a/b": True, "c~d": 7}}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/search/names/0/text", "Quendel"),
        ("/search/a~1b", True),
        ("/search/c~0d", 7),
        ("/search/names/1/text", None),
        ("/search/names/x", None),
        ("/search/names/0/text/deeper", None),
    ],
)
def test_pointer_leads_to_the_value_or_to_nothing(pointer: str, value: object) -> None:
    assert value_at(DOCUMENT, pointer) == value


def chosen(plan: Plan, numbers: range) -> list[str]:
    """Answers to requests one after the other, with their rules counted."""
    used: Counter[int] = Counter()
    answers = []
    for number in numbers:
        choice = plan.choose({}, number=number, attempt=1, used=used)
        if choice.rule is not None:
            used[choice.rule] += 1
        answers.append(choice.effect.answer)
    return answers


def test_first_rule_that_fits_decides() -> None:
    first = Rule(effect=Effect(answer="one"), when={"/kind": "a"})
    second = Rule(effect=Effect(answer="two"))
    plan = Plan(otherwise=Effect(answer="rest"), rules=(first, second))
    assert plan.choose({"kind": "a"}, number=1, attempt=1) == Choice(effect=first.effect, rule=0)
    assert plan.choose({"kind": "b"}, number=1, attempt=1) == Choice(effect=second.effect, rule=1)
    assert plan.answers().keys() == {"one", "two", "rest"}


def test_place_of_an_answer_is_where_it_is_named_first() -> None:
    rule = Rule(effect=Effect(answer="hit", place="plan.yaml:3"))
    plan = Plan(otherwise=Effect(answer="hit", place="plan.yaml:1"), rules=(rule,))
    assert plan.answers() == {"hit": "plan.yaml:1"}


def test_rule_is_limited_to_the_numbers_and_attempts_it_names() -> None:
    rule = Rule(effect=Effect(answer="x"), nth=frozenset({2, 3}), attempt=frozenset({1}))
    plan = Plan(otherwise=Effect(answer="rest"), rules=(rule,))
    chosen = [plan.choose({}, number=n, attempt=a) for n, a in ((1, 1), (2, 1), (3, 2))]
    assert [choice.effect.answer for choice in chosen] == ["rest", "x", "rest"]


def test_rule_for_every_third_request_that_may_decide_twice() -> None:
    rule = Rule(effect=Effect(answer="x"), every=3, times=2)
    plan = Plan(otherwise=Effect(answer="-"), rules=(rule,))
    assert "".join(chosen(plan, range(1, 13))) == "--x--x------"


def test_share_is_drawn_from_the_seed_and_near_what_it_says() -> None:
    rule = Rule(effect=Effect(answer="x"), share=20)
    plans = [Plan(otherwise=Effect(answer="-"), rules=(rule,), seed=seed) for seed in (7, 7, 8)]
    first, same, other = (chosen(plan, range(1, 1001)) for plan in plans)
    assert first == same != other
    assert 150 < first.count("x") < 250


def test_rules_with_the_same_share_draw_for_themselves() -> None:
    rules = tuple(Rule(effect=Effect(answer=name), share=50) for name in "ab")
    plan = Plan(otherwise=Effect(answer="-"), rules=rules)
    answers = chosen(plan, range(1, 1001))
    assert all(answers.count(name) > 150 for name in "ab-")


def test_fault_before_reading_is_chosen_before_and_never_after() -> None:
    blind = Rule(effect=Effect(answer="x", fault=Fault.RESET_AT_ONCE), nth=frozenset({2}), times=1)
    plan = Plan(otherwise=Effect(answer="rest"), rules=(Rule(effect=Effect(answer="a")), blind))
    assert plan.choose_blind(number=1, used={}) is None
    assert plan.choose_blind(number=2, used={}) == Choice(effect=blind.effect, rule=1)
    assert plan.choose_blind(number=2, used={1: 1}) is None
    assert Plan(otherwise=Effect(answer="rest"), rules=(blind,)).choose(
        {}, number=2, attempt=1
    ) == Choice(effect=Effect(answer="rest"))
