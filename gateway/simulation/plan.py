"""Which answer or fault the simulated authority chooses for which request.

Rules in order, the first that fits decides, else the plan's own answer. Values and pure choices;
reading a plan is ``plan_file``, carrying a choice out ``authority`` and ``sending``.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.simulation.certificate import Certificate
from gateway.simulation.faults import BLIND, Fault

MIB = 1 << 20
WHOLE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What happens to one request.

    Attributes:
        answer: Name of the example that is answered.
        status: HTTP status sent without an answer; None: the answer is sent.
        fault: How the exchange goes wrong; None: it does not.
        delay: Wait before anything is sent.
        body: Text sent with ``status``; None: a sentence.
        retry_after: Header ``Retry-After`` sent with ``status``, in seconds; None: none.
        content_type: Media type that the response declares; None: the right one.
        location: Where ``redirect`` leads.
        lasts: How long ``away`` refuses connections.
        size_bytes: Length of an ``oversized`` answer.
        piece_bytes: Length of the pieces of ``trickle``.
        pause: Wait after each piece.
        place: Where the effect was written, ``file:line``; for faults found later.
    """

    answer: str
    status: int | None = None
    fault: Fault | None = None
    delay: timedelta = timedelta(0)
    body: str | None = None
    retry_after: int | None = None
    content_type: str | None = None
    location: str = "/elsewhere"
    lasts: timedelta = timedelta(seconds=1)
    size_bytes: int = 32 * MIB
    piece_bytes: int = 64
    pause: timedelta = timedelta(milliseconds=100)
    place: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: all conditions must hold.

    Attributes:
        when: JSON Pointers into the canonical request, each with the value that must stand there.
        nth: Numbers of the requests meant, counted from 1 over all requests; empty: any.
        every: Only requests whose number it divides are meant.
        attempt: How often this very message has come, from 1; empty: any.
        share: Percentage of the requests meant, drawn from the plan's seed.
        times: How often the rule may decide; None: without end.
        effect: What then happens.
    """

    effect: Effect
    when: Mapping[str, Any] = field(default_factory=dict)
    nth: frozenset[int] = frozenset()
    every: int = 1
    attempt: frozenset[int] = frozenset()
    share: int = WHOLE
    times: int | None = None

    def fits(self, document: Mapping[str, Any], *, number: int, attempt: int) -> bool:
        """Whether the request is one that the rule is about, chance and ``times`` left aside."""
        return (
            (not self.nth or number in self.nth)
            and number % self.every == 0
            and (not self.attempt or attempt in self.attempt)
            and all(value_at(document, pointer) == value for pointer, value in self.when.items())
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What was chosen, and the index of the rule that did; None: no rule fitted."""

    effect: Effect
    rule: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All rules, in order, and the effect on requests that no rule fits.

    Attributes:
        otherwise: Effect where no rule decides.
        rules: In order.
        seed: What the shares are drawn from: the same seed draws the same requests.
        tls: Certificate the server shows; None: it speaks plain HTTP.
        opens_after: How long connections are refused after the start.
    """

    otherwise: Effect
    rules: tuple[Rule, ...] = ()
    seed: int = 1
    tls: Certificate | None = None
    opens_after: timedelta = timedelta(0)

    def choose(
        self,
        document: Mapping[str, Any],
        *,
        number: int,
        attempt: int,
        used: Mapping[int, int] | None = None,
    ) -> Choice:
        """Decide about a request that was read.

        Args:
            document: The canonical request.
            number: Which request this is, counted from 1.
            attempt: How often the same message has come, this time included.
            used: How often each rule has decided, by its index.
        """
        for index, rule in enumerate(self.rules):
            if (
                rule.effect.fault not in BLIND
                and rule.fits(document, number=number, attempt=attempt)
                and self._may_decide(index, number, used or {})
            ):
                return Choice(effect=rule.effect, rule=index)
        return Choice(effect=self.otherwise)

    def choose_blind(self, *, number: int, used: Mapping[int, int]) -> Choice | None:
        """Decide about a request of which nothing is read yet; None: read it."""
        for index, rule in enumerate(self.rules):
            if (
                rule.effect.fault in BLIND
                and rule.fits({}, number=number, attempt=0)
                and self._may_decide(index, number, used)
            ):
                return Choice(effect=rule.effect, rule=index)
        return None

    def answers(self) -> dict[str, str]:
        """Names of all examples that the plan may answer with, and where each is first named."""
        effects = (self.otherwise, *(rule.effect for rule in self.rules))
        return {effect.answer: effect.place for effect in reversed(effects)}

    def _may_decide(self, index: int, number: int, used: Mapping[int, int]) -> bool:
        rule = self.rules[index]
        if rule.times is not None and used.get(index, 0) >= rule.times:
            return False
        if rule.share >= WHOLE:
            return True
        # One draw a request and rule, not a row of draws: requests may come in any order.
        draw = random.Random(f"{self.seed}/{index}/{number}")  # noqa: S311 - no secret
        return draw.random() * WHOLE < rule.share


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
