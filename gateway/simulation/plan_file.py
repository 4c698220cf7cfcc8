"""Read a plan from YAML, or make one of options; every fault is named by its place.

Kept out: what a plan does (``plan``).
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from gateway.errors import ConfigurationError, Place
from gateway.simulation.certificate import Certificate
from gateway.simulation.faults import BLIND, Fault
from gateway.simulation.plan import MIB, WHOLE, Effect, Plan, Rule
from gateway.translation.source import YamlMapping, load_yaml

DEFAULT_PLAN = Path(__file__).with_name("default-plan.yaml")
"""The plan that is used where none is given."""

PLAN_KEYS = ("answer", "seed", "tls", "opens_after", "rules")
CONDITIONS = ("when", "nth", "every", "attempt", "share", "times")
EFFECTS = ("answer", "status", "fault", "delay", "content_type")
DETAILS: dict[str, str] = {
    "body": "status",
    "retry_after": "status",
    "location": Fault.REDIRECT,
    "lasts": Fault.AWAY,
    "size": Fault.OVERSIZED,
    "piece": Fault.TRICKLE,
    "pause": Fault.TRICKLE,
}
"""Keys that say more about an effect, and the fault they go with, or ``status``."""

ERROR_STATUSES = range(400, 600)
LARGEST = 1_000_000_000
SEEDS = range(LARGEST + 1)
DEFAULT_SEED = 1
LONGEST = timedelta(hours=1)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZES = {"": 1, "B": 1, "kB": 1000, "KiB": 1 << 10, "MB": 1_000_000, "MiB": MIB}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)")
_SIZE = re.compile(r"(\d{1,10})(B|kB|KiB|MB|MiB|)")
_PERCENT = re.compile(r"(\d{1,3})%")
_HEADER_TEXT = re.compile(r"[!-~]([ -~]*[!-~])?")

Name = TypeVar("Name", bound=StrEnum)


def load_plan(path: Path = DEFAULT_PLAN) -> Plan:
    """Read a plan.

    Raises:
        ConfigurationError: Lists every fault with file and line.
    """
    source = load_yaml(path)
    reader = _Reader()
    reader.only(source, PLAN_KEYS)
    if "answer" not in source:
        reader.fault(source.place, "required", "The plan needs `answer`, for all other requests.")
    answer = reader.text(source, "answer") or ""
    seed = reader.integer(source, "seed", SEEDS)
    plan = Plan(
        otherwise=Effect(answer=answer, place=source.places.get("answer", source.place)),
        rules=tuple(reader.rule(item, answer) for item in reader.mappings(source, "rules")),
        seed=DEFAULT_SEED if seed is None else seed,
        tls=reader.name(source, "tls", Certificate),
        opens_after=reader.duration(source, "opens_after") or timedelta(0),
    )
    reader.end(f"The plan {path.name} has faults.")
    return plan


def quick_plan(options: Mapping[str, Any]) -> Plan:
    """Make a plan of one rule from options of the command line.

    Args:
        options: ``seed`` and keys of a rule, with values as YAML would give them. Without a
            condition nothing else can happen; with one, all other requests are answered as in the
            default plan.

    Raises:
        ConfigurationError: Lists every fault with its option.
    """
    default = load_plan()
    answer = options.get("answer", default.otherwise.answer)
    source = YamlMapping("options")
    for key, value in options.items():
        source[key] = value
        source.places[key] = f"--{key.replace('_', '-')}"
    reader = _Reader()
    seed = reader.integer(source, "seed", SEEDS)
    source.pop("seed", None)
    rule = reader.rule(source, answer)
    reader.end("The options do not make a plan.")
    others = default.rules if answer == default.otherwise.answer else ()
    return Plan(
        otherwise=Effect(answer=answer, place="--answer"),
        rules=(rule, *others),
        seed=DEFAULT_SEED if seed is None else seed,
    )


class _Reader:
    """Turns what YAML gave into values and collects every fault on the way."""

    def __init__(self) -> None:
        self.faults: list[Place] = []

    def fault(self, place: str, keyword: str, detail: str) -> None:
        self.faults.append(Place(keyword=keyword, detail=detail, rule=place))

    def end(self, detail: str) -> None:
        if self.faults:
            raise ConfigurationError(detail, places=self.faults)

    def wrong(self, source: YamlMapping, key: str, wanted: str) -> None:
        self.fault(source.places[key], "type", f"`{key}` must be {wanted}.")

    def only(self, source: YamlMapping, known: Collection[str]) -> None:
        for key in source:
            if key not in known:
                self.fault(source.places[key], "unknown-key", f"A plan knows no `{key}` here.")

    def text(self, source: YamlMapping, key: str) -> str | None:
        value = source.get(key)
        if value is None or isinstance(value, str):
            return value
        self.wrong(source, key, "text")
        return None

    def header(self, source: YamlMapping, key: str) -> str | None:
        value = source.get(key)
        if value is None or (isinstance(value, str) and _HEADER_TEXT.fullmatch(value)):
            return value
        self.wrong(source, key, "printable ASCII text")
        return None

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
        value = source.get(key)
        if value is None or (_is_integer(value) and value in allowed):
            return value
        self.wrong(source, key, f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return None

    def duration(self, source: YamlMapping, key: str) -> timedelta | None:
        value = source.get(key)
        if value is None:
            return None
        if isinstance(value, str) and (found := _DURATION.fullmatch(value)):
            wait = timedelta(seconds=float(found[1]) * _UNITS[found[2]])
            if wait <= LONGEST:
                return wait
        self.wrong(source, key, "a duration up to 1h, such as 500ms, 2s or 1.5m")
        return None

    def size(self, source: YamlMapping, key: str) -> int | None:
        value = source.get(key)
        if value is None:
            return None
        if found := _SIZE.fullmatch(str(value)):
            size = int(found[1]) * _SIZES[found[2]]
            if 0 < size <= LARGEST:
                return size
        self.wrong(source, key, f"a size from 1 to {LARGEST} bytes, such as 500, 64kB or 32MiB")
        return None

    def share(self, source: YamlMapping) -> int:
        value = source.get("share")
        if value is None:
            return WHOLE
        if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
            share = int(found[1])
            if 1 <= share <= WHOLE:
                return share
        self.wrong(source, "share", "a percentage from 1% to 100%")
        return WHOLE

    def name(self, source: YamlMapping, key: str, names: type[Name]) -> Name | None:
        value = source.get(key)
        if value is None:
            return None
        if value in list(names):
            return names(value)
        self.wrong(source, key, f"one of {', '.join(names)}")
        return None

    def conditions(self, source: YamlMapping) -> dict[str, Any]:
        value = source.get("when", {})
        if isinstance(value, dict) and all(
            pointer.startswith("/") and isinstance(wanted, str | int | bool)
            for pointer, wanted in value.items()
        ):
            return dict(value)
        self.wrong(source, "when", "a mapping from JSON Pointers to values")
        return {}

    def rule(self, source: YamlMapping, answer: str) -> Rule:
        self.only(source, (*EFFECTS, *DETAILS, *CONDITIONS))
        if source.keys().isdisjoint(EFFECTS):
            self.fault(source.place, "required", f"A rule needs one of {', '.join(EFFECTS)}.")
        return Rule(
            when=self.conditions(source),
            nth=self.numbers(source, "nth"),
            every=self.integer(source, "every", range(1, LARGEST + 1)) or 1,
            attempt=self.numbers(source, "attempt"),
            share=self.share(source),
            times=self.integer(source, "times", range(1, LARGEST + 1)),
            effect=self.effect(source, answer),
        )

    def effect(self, source: YamlMapping, answer: str) -> Effect:
        fault = self.name(source, "fault", Fault)
        self.refuse_conflicts(source, fault)
        given: dict[str, Any] = {
            "status": self.integer(source, "status", ERROR_STATUSES),
            "delay": self.duration(source, "delay"),
            "body": self.text(source, "body"),
            "retry_after": self.integer(source, "retry_after", range(LARGEST + 1)),
            "content_type": self.header(source, "content_type"),
            "location": self.header(source, "location"),
            "lasts": self.duration(source, "lasts"),
            "size_bytes": self.size(source, "size"),
            "piece_bytes": self.size(source, "piece"),
            "pause": self.duration(source, "pause"),
        }
        return Effect(
            answer=self.text(source, "answer") or answer,
            fault=fault,
            place=source.places.get("answer", source.place),
            **{key: value for key, value in given.items() if value is not None},
        )

    def refuse_conflicts(self, source: YamlMapping, fault: Fault | None) -> None:
        if {"status", "fault"} <= source.keys():
            self.fault(source.place, "conflict", "A rule has `status` or `fault`, not both.")
        for key in DETAILS.keys() & source.keys():
            if DETAILS[key] not in (fault, *(["status"] if "status" in source else [])):
                what = DETAILS[key] if DETAILS[key] == "status" else f"fault: {DETAILS[key]}"
                self.fault(source.places[key], "conflict", f"`{key}` goes with `{what}` only.")
        if fault in BLIND:
            for key in sorted({"when", "attempt"} & source.keys()):
                detail = f"`{key}` cannot be known before the request is read, as `{fault}` needs."
                self.fault(source.places[key], "conflict", detail)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
