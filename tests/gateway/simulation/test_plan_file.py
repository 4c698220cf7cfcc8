"""``gateway.simulation.plan_file``: plans as people write them, and every fault with its line."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.simulation.authority import load_answers
from gateway.simulation.certificate import Certificate
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.plan_file import (
    CONDITIONS,
    DETAILS,
    EFFECTS,
    PLAN_KEYS,
    load_plan,
    quick_plan,
)

DOCS = Path(__file__).parents[3] / "docs" / "simulation.md"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[tuple[str | None, str]]:
    with pytest.raises(ConfigurationError) as caught:
        load_plan(path)
    return [(place.rule, place.keyword) for place in caught.value.places]


def test_default_plan_answers_a_hit_and_drops_some() -> None:
    plan = load_plan()
    assert plan.otherwise == Effect(answer="hit")
    assert {rule.effect.fault for rule in plan.rules} >= {Fault.MALFORMED, Fault.DROP}


def test_plan_is_read_from_yaml(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "answer: hit\n"
        "seed: 7\n"
        "tls: expired\n"
        "opens_after: 1.5m\n"
        "rules:\n"
        "  - { when: { /a: 1, /b: true }, nth: [1, 2], attempt: 3, answer: none, delay: 250ms }\n"
        "  - { every: 3, share: 20%, times: 5, fault: drop }\n"
        "  - { status: 503, body: busy, retry_after: 0, content_type: text/html }\n"
        "  - { fault: oversized, size: 2MiB }\n"
        "  - { fault: trickle, piece: 10, pause: 1s }\n"
        "  - { fault: away, lasts: 2s }\n"
        "  - { fault: redirect, location: 'http://127.0.0.1:1/' }\n",
    )
    plan = load_plan(path)
    assert (plan.seed, plan.tls, plan.opens_after) == (
        7,
        Certificate.EXPIRED,
        timedelta(seconds=90),
    )
    assert plan.rules == (
        Rule(
            when={"/a": 1, "/b": True},
            nth=frozenset({1, 2}),
            attempt=frozenset({3}),
            effect=Effect(answer="none", delay=timedelta(milliseconds=250)),
        ),
        Rule(every=3, share=20, times=5, effect=Effect(answer="hit", fault=Fault.DROP)),
        Rule(
            effect=Effect(
                answer="hit", status=503, body="busy", retry_after=0, content_type="text/html"
            )
        ),
        Rule(effect=Effect(answer="hit", fault=Fault.OVERSIZED, size_bytes=2 << 20)),
        Rule(
            effect=Effect(
                answer="hit", fault=Fault.TRICKLE, piece_bytes=10, pause=timedelta(seconds=1)
            )
        ),
        Rule(effect=Effect(answer="hit", fault=Fault.AWAY, lasts=timedelta(seconds=2))),
        Rule(effect=Effect(answer="hit", fault=Fault.REDIRECT, location="http://127.0.0.1:1/")),
    )
    assert plan.rules[0].effect.place == "plan.yaml:6"


def test_every_fault_of_a_plan_is_listed_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "colour: red\n"
        "tls: pink\n"
        "rules:\n"
        "  - { nth: 0, status: 503 }\n"
        "  - { attempt: [true], fault: melt }\n"
        "  - { status: 200 }\n"
        "  - { delay: soon }\n"
        "  - { when: { a: 1 }, answer: hit }\n"
        "  - { when: hit, answer: [hit] }\n"
        "  - { when: { /a: 1 } }\n"
        "  - { status: 500, fault: drop }\n"
        "  - { delay: 2h }\n"
        "  - { share: 101%, every: 0, times: 0, fault: drop }\n"
        "  - { share: 20, fault: drop }\n"
        "  - { fault: drop, size: 1MiB }\n"
        "  - { fault: oversized, size: 0 }\n"
        "  - { fault: oversized, size: much, retry_after: 1 }\n"
        "  - fault: reset-at-once\n"
        "    when: { /a: 1 }\n"
        "    attempt: 1\n"
        '  - { answer: hit, content_type: "a\\nb" }\n',
    )
    assert faults_of(path) == [
        ("plan.yaml:1", "unknown-key"),
        ("plan.yaml:1", "required"),
        ("plan.yaml:4", "type"),
        ("plan.yaml:5", "type"),
        ("plan.yaml:5", "type"),
        ("plan.yaml:6", "type"),
        ("plan.yaml:7", "type"),
        ("plan.yaml:8", "type"),
        ("plan.yaml:9", "type"),
        ("plan.yaml:9", "type"),
        ("plan.yaml:10", "required"),
        ("plan.yaml:11", "conflict"),
        ("plan.yaml:12", "type"),
        ("plan.yaml:13", "type"),
        ("plan.yaml:13", "type"),
        ("plan.yaml:13", "type"),
        ("plan.yaml:14", "type"),
        ("plan.yaml:15", "conflict"),
        ("plan.yaml:16", "type"),
        ("plan.yaml:17", "conflict"),
        ("plan.yaml:17", "type"),
        ("plan.yaml:20", "conflict"),
        ("plan.yaml:19", "conflict"),
        ("plan.yaml:21", "type"),
        ("plan.yaml:2", "type"),
    ]


def test_rules_must_be_a_list_of_mappings(tmp_path: Path) -> None:
    assert faults_of(written(tmp_path, "answer: hit\nrules: [hit]\n")) == [("plan.yaml:2", "type")]


def test_options_make_the_first_rule_as_a_file_does() -> None:
    options = {"fault": "drop", "every": 3, "delay": "500ms", "share": "20%", "times": 2, "seed": 9}
    plan = quick_plan(options)
    assert (plan.seed, plan.otherwise.answer) == (9, "hit")
    assert plan.rules[0] == Rule(
        every=3,
        share=20,
        times=2,
        effect=Effect(answer="hit", fault=Fault.DROP, delay=timedelta(milliseconds=500)),
    )
    assert plan.rules[1:] == load_plan().rules


def test_another_answer_leaves_the_default_plan_out() -> None:
    plan = quick_plan({"answer": "taken"})
    assert plan.otherwise == plan.rules[0].effect == Effect(answer="taken")
    assert len(plan.rules) == 1


def test_faults_of_options_are_named_by_their_option() -> None:
    with pytest.raises(ConfigurationError) as caught:
        quick_plan({"fault": "melt", "retry_after": -1, "seed": -1, "share": "x"})
    places = {(place.rule, place.keyword) for place in caught.value.places}
    assert places == {
        ("--fault", "type"),
        ("--retry-after", "type"),
        ("--retry-after", "conflict"),
        ("--seed", "type"),
        ("--share", "type"),
    }


def test_options_that_say_when_and_not_what_are_no_plan() -> None:
    with pytest.raises(ConfigurationError) as caught:
        quick_plan({"every": 3})
    assert [place.rule for place in caught.value.places] == ["options"]


def test_the_example_for_people_is_a_plan_with_examples_that_are_there(
    tmp_path: Path, examples: Path
) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    plan = load_plan(written(tmp_path, block))
    assert len(plan.rules) > 5
    assert load_answers(examples, plan.answers())


def test_every_key_is_described_for_people() -> None:
    text = DOCS.read_text("utf-8")
    for key in (*PLAN_KEYS, *CONDITIONS, *EFFECTS, *DETAILS):
        assert f"| `{key}` |" in text, key


def test_every_certificate_is_described_for_people() -> None:
    text = DOCS.read_text("utf-8")
    for kind in Certificate:
        assert f"| `{kind}` |" in text, kind
