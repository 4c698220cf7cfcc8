"""Which answer or fault the simulated authority chooses for which request.

A plan is a YAML file: rules in order, the first that fits decides, else the plan's own answer.
Values and their reading only; carrying a choice out is ``gateway.simulation.authority``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError, Place
from gateway.translation.source import YamlMapping, load_yaml

DEFAULT_PLAN = Path(__file__).with_name("default-plan.yaml")
"""The plan that is used where none is given."""

LONGEST_DELAY_MS = 3_600_000
ERROR_STATUSES = range(400, 600)


class Fault(StrEnum):
    """How an answer goes wrong on its way."""

    MALFORMED = "malformed"
    """The answer is cut off in the middle, sent with status 200."""

    DROP = "drop"
    """The connection is closed without any answer, after the request was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What happens to one request.

    Attributes:
        answer: Name of the example that is answered.
        status: HTTP status sent without an answer; None: 200 with the answer.
        fault: How the answer goes wrong; None: it does not.
        delay: Wait before anything is sent.
    """

    answer: str
    status: int | None = None
    fault: Fault | None = None
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: all conditions must hold.

    Attributes:
        when: JSON Pointers into the canonical request, each with the value that must stand there.
        nth: Numbers of the requests meant, counted from 1 over all requests; empty: any.
        attempt: How often this very message has come, from 1; empty: any.
        effect: What then happens.
    """

    effect: Effect
    when: Mapping[str, Any] = field(default_factory=dict)
    nth: frozenset[int] = frozenset()
    attempt: frozenset[int] = frozenset()

    def fits(self, document: Mapping[str, Any], *, number: int, attempt: int) -> bool:
        """Whether the rule decides about this request."""
        return (
            (not self.nth or number in self.nth)
            and (not self.attempt or attempt in self.attempt)
            and all(value_at(document, pointer) == value for pointer, value in self.when.items())
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All rules, in order, and the effect on requests that no rule fits."""

    otherwise: Effect
    rules: tuple[Rule, ...] = ()

    def choose(self, document: Mapping[str, Any], *, number: int, attempt: int) -> Effect:
        """Decide about one request.

        Args:
            document: The canonical request.
            number: Which request this is, counted from 1.
            attempt: How often the same message has come, this time included.
        """
        for rule in self.rules:
            if rule.fits(document, number=number, attempt=attempt):
                return rule.effect
        return self.otherwise

    def answers(self) -> frozenset[str]:
        """Names of all examples that the plan may answer with."""
        return frozenset(
            effect.answer for effect in (self.otherwise, *(rule.effect for rule in self.rules))
        )


def value_at(document: Any, pointer: str) -> Any:
    """The value a JSON Pointer (RFC 6901) leads to; None if nothing is there."""
    value = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def load_plan(path: Path = DEFAULT_PLAN) -> Plan:
    """Read a plan.

    Raises:
        ConfigurationError: Lists every fault with file and line.
    """
    source = load_yaml(path)
    reader = _Reader(path.name)
    reader.only(source, {"answer", "rules"})
    answer = reader.text(source, "answer")
    if "answer" not in source:
        reader.fault(source.place, "required", "The plan needs `answer`, for all other requests.")
    rules = tuple(reader.rule(item, answer) for item in reader.mappings(source, "rules"))
    if reader.faults:
        raise ConfigurationError(f"The plan {path.name} has faults.", places=reader.faults)
    return Plan(otherwise=Effect(answer=answer), rules=rules)


class _Reader:
    """Turns what YAML gave into values and collects every fault on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Place] = []

    def fault(self, place: str, keyword: str, detail: str) -> None:
        self.faults.append(Place(keyword=keyword, detail=detail, rule=place))

    def wrong(self, source: YamlMapping, key: str, wanted: str) -> None:
        self.fault(source.places[key], "type", f"`{key}` must be {wanted}.")

    def only(self, source: YamlMapping, known: Iterable[str]) -> None:
        for key in source.keys() - set(known):
            self.fault(source.places[key], "unknown-key", f"A plan knows no `{key}` here.")

    def text(self, source: YamlMapping, key: str, default: str = "") -> str:
        value = source.get(key, default)
        if isinstance(value, str):
            return value
        self.wrong(source, key, "text")
        return default

    def mappings(self, source: YamlMapping, key: str) -> list[YamlMapping]:
        value = source.get(key, [])
        if isinstance(value, list) and all(isinstance(item, YamlMapping) for item in value):
            return value
        self.wrong(source, key, "a list of mappings")
        return []

    def numbers(self, source: YamlMapping, key: str) -> frozenset[int]:
        value = source.get(key, [])
        items = value if isinstance(value, list) else [value]
        if all(_is_integer(item) and item >= 1 for item in items):
            return frozenset(items)
        self.wrong(source, key, "a whole number from 1, or a list of them")
        return frozenset()

    def integer(self, source: YamlMapping, key: str, allowed: range) -> int | None:
        if key not in source:
            return None
        value = source[key]
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        self.wrong(source, key, f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return None

    def conditions(self, source: YamlMapping) -> dict[str, Any]:
        value = source.get("when", {})
        if not isinstance(value, dict):
            self.wrong(source, "when", "a mapping from JSON Pointers to values")
            return {}
        for pointer, wanted in value.items():
            if not pointer.startswith("/") or not isinstance(wanted, str | int | bool):
                self.wrong(source, "when", "a mapping from JSON Pointers to values")
        return dict(value)

    def way_to_fail(self, source: YamlMapping) -> Fault | None:
        value = source.get("fault")
        if value is None:
            return None
        if value in list(Fault):
            return Fault(value)
        self.wrong(source, "fault", " or ".join(Fault))
        return None

    def rule(self, source: YamlMapping, answer: str) -> Rule:
        effects = ("answer", "status", "fault", "delay_ms")
        self.only(source, (*effects, "when", "nth", "attempt"))
        if source.keys().isdisjoint(effects):
            self.fault(source.place, "required", f"A rule needs one of {', '.join(effects)}.")
        if {"status", "fault"} <= source.keys():
            self.fault(source.place, "conflict", "A rule has `status` or `fault`, not both.")
        wait = self.integer(source, "delay_ms", range(LONGEST_DELAY_MS + 1))
        return Rule(
            when=self.conditions(source),
            nth=self.numbers(source, "nth"),
            attempt=self.numbers(source, "attempt"),
            effect=Effect(
                answer=self.text(source, "answer", answer),
                status=self.integer(source, "status", ERROR_STATUSES),
                fault=self.way_to_fail(source),
                delay=timedelta(milliseconds=wait or 0),
            ),
        )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
