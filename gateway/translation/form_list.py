"""Every rule form of this release: its rules, what it may write to the ledger, and what it does.

A form may be added only with its reverse, its ledger entry, its lint rule and its specimen; a test
walks this list and fails where one of the four is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.translation.forms.choice import Choice
from gateway.translation.forms.computed import Computed
from gateway.translation.forms.const import Const
from gateway.translation.forms.drop import Drop
from gateway.translation.forms.each import Each
from gateway.translation.forms.each_of import EachOf
from gateway.translation.forms.group import Group
from gateway.translation.forms.join import JoinedAttribute, JoinedElement, JoinedText
from gateway.translation.forms.keep import Keep
from gateway.translation.forms.leaf import AttributeLeaf, ElementLeaf, PartsLeaf, TextLeaf
from gateway.translation.forms.one_way import OneWay
from gateway.translation.forms.opaque import Opaque
from gateway.translation.forms.truncate import (
    TruncatedAttribute,
    TruncatedElement,
    TruncatedText,
)
from gateway.translation.forms.typed import TypeMark
from gateway.translation.forms.unsupported import Unsupported
from gateway.translation.forms.where import Where
from gateway.translation.forms.zip import Column, Zip
from gateway.translation.rule import Rule

_LEAVES: tuple[type[Rule], ...] = (ElementLeaf, AttributeLeaf, TextLeaf, PartsLeaf)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One rule form.

    Attributes:
        name: Key that marks it in a map.
        rules: What it compiles to; empty: it is replaced by other forms before that.
        ledger: Fields of the ledger that it may write to.
        says: What it does, in one sentence.
    """

    name: str
    rules: tuple[type[Rule], ...]
    ledger: tuple[str, ...]
    says: str


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(
            name="api",
            rules=_LEAVES,
            ledger=("mapped", "normalised"),
            says="Carries one value between a wire node and a canonical field.",
        ),
        Form(
            name="const",
            rules=(Const,),
            ledger=("normalised",),
            says="Checks a value that the standard fixes when reading, and writes it.",
        ),
        Form(
            name="supply",
            rules=(*_LEAVES, Group, Each),
            ledger=("supplied", "normalised"),
            says="Carries a value that the gateway fills in where the caller leaves it open.",
        ),
        Form(
            name="group",
            rules=(Group,),
            ledger=("normalised",),
            says="Enters a child element, with or without a canonical object of its own.",
        ),
        Form(
            name="each",
            rules=(Each, EachOf),
            ledger=("mapped",),
            says="Carries repeats of an element into an array, and back in the same order.",
        ),
        Form(
            name="choice",
            rules=(Choice, TypeMark),
            ledger=("mapped",),
            says="Takes exactly one of several branches, which a canonical tag names.",
        ),
        Form(
            name="use",
            rules=(),
            ledger=("mapped",),
            says="Puts a fragment's rules in its place, parameters replaced by whole values.",
        ),
        Form(
            name="drop",
            rules=(Drop,),
            ledger=("dropped",),
            says="Throws a wire value away, with a reason that everybody can read.",
        ),
        Form(
            name="keep",
            rules=(Keep,),
            ledger=("kept",),
            says="Carries a wire value beside the document and puts it back on the way out.",
        ),
        Form(
            name="truncate",
            rules=(TruncatedElement, TruncatedAttribute, TruncatedText),
            ledger=("kept", "mapped"),
            says="Cuts a text to its place on the wire and keeps the full one beside the document.",
        ),
        Form(
            name="unsupported",
            rules=(Unsupported,),
            ledger=("leftovers",),
            says="Refuses, with the reason, what only one side can say.",
        ),
        Form(
            name="opaque",
            rules=(Opaque,),
            ledger=("mapped",),
            says="Carries a subtree as one text of canonical XML, its inside unknown to the map.",
        ),
        Form(
            name="join",
            rules=(JoinedElement, JoinedAttribute, JoinedText),
            ledger=("mapped", "normalised"),
            says="Carries several texts that stand in one wire node, a separator between them.",
        ),
        Form(
            name="zip",
            rules=(Zip, Column),
            ledger=("mapped",),
            says="Carries parallel lists of elements as one array, the first with the first.",
        ),
        Form(
            name="only",
            rules=(OneWay,),
            ledger=("dropped",),
            says="Lets a value travel in one direction, with a reason that everybody can read.",
        ),
        Form(
            name="python",
            rules=_LEAVES,
            ledger=("mapped", "normalised"),
            says="Takes a value's type from a class with `decode` and `encode`.",
        ),
        Form(
            name="codes",
            rules=_LEAVES,
            ledger=("mapped", "normalised"),
            says="Translates a code of the wire into a word, and back into one code.",
        ),
        Form(
            name="list",
            rules=_LEAVES,
            ledger=("mapped", "warnings"),
            says="Looks codes up in the installed editions: reading warns, writing refuses.",
        ),
        Form(
            name="where",
            rules=(Where,),
            ledger=("mapped",),
            says="Tells nodes of the same name apart by a constant that they carry.",
        ),
        Form(
            name="default",
            rules=_LEAVES,
            ledger=("defaulted", "normalised"),
            says="Reads an absent node as a value, which is written out or left out.",
        ),
        Form(
            name="computed",
            rules=(Computed,),
            ledger=("computed", "normalised"),
            says="Writes a number that follows from the rest, and verifies it when reading.",
        ),
    )
}
"""Every form by its name."""
