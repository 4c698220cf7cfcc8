"""Compile ``list``: which code list the codes of a rule come from."""

from gateway.translation.code_watch import CodeWatch, ListReference
from gateway.translation.forms.const import Const
from gateway.translation.forms.leaf import Leaf
from gateway.translation.forms.one_way import OneWay
from gateway.translation.keys import LIST, constant, refuse_unknown
from gateway.translation.scope import Scope
from gateway.translation.slots import Slot
from gateway.translation.source import YamlFaultError, YamlMapping
from gateway.validation.code_list_catalogue import CodeListCatalogue

CODED = ("text", "code", "digits")
"""Types of values that may be codes."""


def list_of(rule: YamlMapping) -> ListReference | None:
    """The list that a rule names; None: it names none."""
    if "list" not in rule:
        return None
    named = rule["list"]
    if not isinstance(named, YamlMapping):
        raise YamlFaultError(rule.place, "`list` is a mapping with `uri` and `version`.")
    refuse_unknown(named, LIST, "`list`")
    if "truncate" in rule or rule.get("as", "text") not in CODED:
        raise YamlFaultError(rule.place, f"`list` goes with `as` {', '.join(CODED)}.")
    said = {key: constant(named.get(key, ""), rule.place, f"`{key}`") for key in LIST}
    if not all(said.values()):
        raise YamlFaultError(rule.place, "`list` needs `uri` and `version`.")
    return ListReference(uri=said["uri"], version=said["version"])


def watch_codes(scope: Scope, lists: CodeListCatalogue | None) -> None:
    """Let the codes of a scope be looked up where editions of their lists are installed.

    Args:
        scope: With all its rules: some say which list and version it is.
        lists: Installed editions; None: nothing is looked up.
    """
    for rule in scope.rules:
        leaf = rule.leaf if isinstance(rule, OneWay) else rule
        if not isinstance(leaf, Leaf) or leaf.code_list is None:
            continue
        uri = _said(leaf.code_list.uri, leaf, scope)
        leaf.code_list = ListReference(uri=uri, version=_said(leaf.code_list.version, leaf, scope))
        if lists is not None and (isinstance(uri, Slot) or lists.editions(uri)):
            leaf.watch_with(CodeWatch(leaf.code_list, lists))


def _said(text: str | Slot, leaf: Leaf, scope: Scope) -> str | Slot:
    """A text, or what the attribute of this name says."""
    if isinstance(text, Slot) or not text.startswith("@"):
        return text
    rule = scope.attributes.get(text.removeprefix("@"))
    if isinstance(rule, Const):
        return rule.value
    if isinstance(rule, Leaf):
        return rule.slot
    raise YamlFaultError(leaf.place.rule, f"`list` names `{text}`, which no rule beside it maps.")
