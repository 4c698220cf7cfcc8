"""All that is known after a run, and what follows from it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.scenarios.crash.letters import Told
from tests.scenarios.crash.looking import Case
from tests.scenarios.crash.sightings import Sighting
from tests.scenarios.crash.verdict import (
    Finding,
    Kind,
    Seen,
    Times,
    judge_letter,
    judge_message,
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known after a run.

    Attributes:
        told: What callers were told, by the number of the letter, in that order.
        cases: What the gateway tells of its messages, by id.
        sightings: What the authorities saw.
        sent: When each message left the gateway, by id; monotonic seconds.
        times: When gateways were paused.
    """

    told: Mapping[int, Sequence[Told]]
    cases: Mapping[str, Case]
    sightings: Sequence[Sighting]
    sent: Mapping[str, Sequence[float]]
    times: Times = field(default_factory=Times)

    def findings(self) -> list[Finding]:
        """Everything that must not be."""
        return list(self._findings())

    def _findings(self) -> Iterator[Finding]:
        seen, letters = self._seen(), self._letters()
        for message_id, case in self.cases.items():
            yield from judge_message(case, seen.get(message_id, Seen()))
        for number, told in self.told.items():
            ids = letters.get(number, set())
            yield from judge_letter(
                told, self.cases, {one: seen[one] for one in ids if one in seen}, self.times
            )
        for message_id in seen.keys() - self.cases.keys():
            text = "was sent, and the gateway knows no such message"
            yield Finding(kind=Kind.LOST, message_id=message_id, text=text)

    def _seen(self) -> dict[str, Seen]:
        """What was seen of each message."""
        taken = Counter(one.message_id for one in self.sightings if one.taken)
        turned_away = Counter(one.message_id for one in self.sightings if not one.taken)
        return {
            message_id: Seen(
                sent=self.sent.get(message_id, ()),
                taken=taken[message_id],
                turned_away=turned_away[message_id],
            )
            for message_id in {*self.sent, *taken, *turned_away}
        }

    def _letters(self) -> dict[int, set[str]]:
        """The messages that carry each letter, as far as anybody knows."""
        letters: defaultdict[int, set[str]] = defaultdict(set)
        for one in self.sightings:
            if one.letter is not None:
                letters[one.letter].add(one.message_id)
        for number, told in self.told.items():
            letters[number] |= {one.message_id for one in told if one.message_id is not None}
        return dict(letters)
