from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.simulation.plan import Effect, Fault, Plan, Rule, load_plan, value_at

DOCUMENT = {"search": {"names": [{"text": "Quendel"}], "a/b": True, "c~d": 7}}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[tuple[str | None, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load_plan(path)
    return [(place.rule, place.keyword) for place in caught.value.places]


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


def test_first_rule_that_fits_decides() -> None:
    first = Rule(effect=Effect(answer="one"), when={"/kind": "a"})
    second = Rule(effect=Effect(answer="two"))
    plan = Plan(otherwise=Effect(answer="rest"), rules=(first, second))
    assert plan.choose({"kind": "a"}, number=1, attempt=1).answer == "one"
    assert plan.choose({"kind": "b"}, number=1, attempt=1).answer == "two"
    assert plan.answers() == {"one", "two", "rest"}


def test_rule_is_limited_to_the_numbers_and_attempts_it_names() -> None:
    rule = Rule(effect=Effect(answer="x"), nth=frozenset({2, 3}), attempt=frozenset({1}))
    plan = Plan(otherwise=Effect(answer="rest"), rules=(rule,))
    chosen = [plan.choose({}, number=n, attempt=a).answer for n, a in ((1, 1), (2, 1), (3, 2))]
    assert chosen == ["rest", "x", "rest"]


def test_default_plan_answers_a_hit_and_knows_every_fault() -> None:
    plan = load_plan()
    assert plan.otherwise == Effect(answer="hit")
    assert {rule.effect.fault for rule in plan.rules} >= set(Fault)


def test_plan_is_read_from_yaml(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "answer: hit\n"
        "rules:\n"
        "  - { when: { /a: 1, /b: true }, nth: [1, 2], attempt: 3, answer: none, delay_ms: 250 }\n"
        "  - { status: 503 }\n"
        "  - { fault: drop }\n",
    )
    assert load_plan(path).rules == (
        Rule(
            when={"/a": 1, "/b": True},
            nth=frozenset({1, 2}),
            attempt=frozenset({3}),
            effect=Effect(answer="none", delay=timedelta(milliseconds=250)),
        ),
        Rule(effect=Effect(answer="hit", status=503)),
        Rule(effect=Effect(answer="hit", fault=Fault.DROP)),
    )


def test_every_fault_of_a_plan_is_listed_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "colour: red\n"
        "rules:\n"
        "  - { nth: 0, status: 503 }\n"
        "  - { attempt: [true], fault: melt }\n"
        "  - { status: 200 }\n"
        "  - { delay_ms: soon }\n"
        "  - { when: { a: 1 }, answer: hit }\n"
        "  - { when: hit, answer: [hit] }\n"
        "  - { when: { /a: 1 } }\n"
        "  - { status: 500, fault: drop }\n",
    )
    assert faults_of(path) == [
        ("plan.yaml:1", "unknown-key"),
        ("plan.yaml:1", "required"),
        ("plan.yaml:3", "type"),
        ("plan.yaml:4", "type"),
        ("plan.yaml:4", "type"),
        ("plan.yaml:5", "type"),
        ("plan.yaml:6", "type"),
        ("plan.yaml:7", "type"),
        ("plan.yaml:8", "type"),
        ("plan.yaml:8", "type"),
        ("plan.yaml:9", "required"),
        ("plan.yaml:10", "conflict"),
    ]


def test_rules_must_be_a_list_of_mappings(tmp_path: Path) -> None:
    assert faults_of(written(tmp_path, "answer: hit\nrules: [hit]\n")) == [("plan.yaml:2", "type")]
