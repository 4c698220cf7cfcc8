"""One finding of ``adapter lint``, and what to do about each kind. Kept out: how they are found."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

REMEDIES = {
    "undecided-wire": "Give it a rule: `api`, `const`, or `drop` with the reason.",
    "undecided-canonical": "Give it a rule in one of the maps, or take it out of the schema.",
    "required-dropped": "Use `const`: what is written must hold it.",
    "required-unsupported": "Carry it over: no message could be read without it.",
    "required-not-written": "Nothing to do where such messages are only read; else carry it over.",
    "optional-required": "Make the field optional in the canonical schema, or give a `default`.",
    "const-optional": "Say `write: always` or `write: never`: the node may be absent then.",
    "one-way": "Nothing to do; it counts what travels in one direction only.",
    "when-overlaps": "Give the two entries of the manifest different values of one field.",
    "when-incomplete": "Add an entry for these documents to the manifest.",
    "when-never": "Correct its `when`, or take the entry out.",
    "same-root": "Two maps of one side must have different root elements.",
    "order": "Put the rules in the order of the wire schema.",
    "schema-subset": "Keep to the subset that docs/adapters.md lists.",
}
"""What to do about each rule of lint."""

_CORRECT = "Correct the named place; docs/map-language.md says what may stand there."


@dataclass(frozen=True, kw_only=True, slots=True)
class LintFinding:
    """One finding: a stable name, where it is on all sides, why, and what to do."""

    rule: str
    severity: Severity
    detail: str
    place: str | None = None
    wire: str | None = None
    pointer: str | None = None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES.get(self.rule, _CORRECT)
