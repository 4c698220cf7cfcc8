"""Lines of generated Python, and the objects that they refer to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.translation.forms.each import Each
from gateway.translation.forms.group import AnyScope, Group
from gateway.translation.forms.where import Where
from gateway.translation.ledger import Run
from gateway.translation.scope import Scope

MAPPED = 1
SUPPLIED = 1 << 32
"""What a value adds to the one number in which generated functions count both kinds."""


class UnusualError(Exception):
    """The generated function does not go on; the rules translate the message instead."""


class Lines:
    """Collects lines with their indentation; ``bound`` are the objects they name."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self.bound: dict[str, Any] = {"Unusual": UnusualError}

    def add(self, line: str) -> None:
        """Add one line at the present depth."""
        self._lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A block: its head, and everything added meanwhile one level deeper."""
        self.add(head)
        self._depth += 1
        start = len(self._lines)
        yield
        if len(self._lines) == start:
            self.add("pass")
        self._depth -= 1

    def bind(self, value: object, hint: str) -> str:
        """A name under which the lines can use an object."""
        name = f"{hint}{len(self.bound)}"
        self.bound[name] = value
        return name

    def function(self, name: str) -> Callable[..., int]:
        """Compile everything and return one of its functions."""
        code = compile("\n".join(self._lines), f"<{name}>", "exec")
        exec(code, self.bound)  # noqa: S102 - our own text; names and codes of a map go in by repr
        found: Callable[..., int] = self.bound[name]
        return found


def counted(function: Callable[..., int]) -> Callable[[Any, Any, Run], None]:
    """The function, entering what it counts into the books of the run."""

    def run_it(source: Any, target: Any, run: Run) -> None:
        number = function(source, target, run)
        run.mapped += number % SUPPLIED
        run.supplied += number // SUPPLIED

    return run_it


def is_usual(scope: AnyScope) -> bool:
    """Whether every form below can be generated: none that recurs, counts, or tells nodes apart."""
    if not isinstance(scope, Scope):
        return False
    if any(isinstance(rule, Where) for rule in scope.children.values()):
        return False
    inner = [rule.scope for rule in scope.rules if hasattr(rule, "scope")]
    return not any(rule.unusual for rule in scope.rules) and all(map(is_usual, inner))


def is_flat(scope: Scope) -> bool:
    """Whether a scope is short and holds values only, so that it is written where it is used."""
    few = 8
    return (
        len(scope.rules) <= few
        and not scope.choices
        and not any(hasattr(rule, "scope") for rule in scope.rules)
    )


def scope_of(rule: Group | Each) -> Scope:
    """The scope that a rule enters, of a map that ``is_usual``."""
    if not isinstance(rule.scope, Scope):
        raise TypeError("is_usual has refused a scope that recurs")
    return rule.scope
