"""What every error has, and what goes wrong in the gateway itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from typing_extensions import override

Fault = Literal["caller", "gateway", "configuration", "transport", "authority"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One wrong place: which rule is broken, and where on either side.

    Attributes:
        keyword: Short stable name of the rule that is broken, e.g. ``required``, ``pattern``,
            ``unknown-element``.
        detail: One sentence of ours; names kind and length of what was there, never the value.
        pointer: JSON Pointer (RFC 6901) into the canonical document; ``""`` is the whole document,
            None when the place has no canonical side.
        wire: Path in the wire form (XPath with the map's prefixes), None when there is none.
        rule: Map file and line, ``person-search.map.yaml:42``, None when no map was involved.
    """

    keyword: str
    detail: str
    pointer: str | None = None
    wire: str | None = None
    rule: str | None = None

    @override
    def __str__(self) -> str:
        where = " · ".join(part for part in (self.pointer, self.wire, self.rule) if part)
        return f"{self.detail} [{where}]" if where else self.detail


class GatewayError(Exception):
    """Something a caller, an operator or an integrator can act on."""

    code: ClassVar[str] = "gateway-error"  # public and stable: problem type, log field
    fault: ClassVar[Fault] = "gateway"
    retryable: ClassVar[bool] = False
    next_step: ClassVar[str] = "Report this to the operator of the gateway."

    def __init__(self, detail: str, *, places: Sequence[Place] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.places = tuple(places)

    @override
    def __str__(self) -> str:
        return "\n".join([self.detail, *(f"  - {place}" for place in self.places)])


class ConfigurationError(GatewayError):
    """A setting, map, schema or manifest is wrong; ``places`` lists every fault at once."""

    code = "configuration-invalid"
    fault: ClassVar[Fault] = "configuration"
    next_step = "Correct the named places and run `agency-gateway check-config`."


class WorkerUnavailableError(GatewayError):
    """No worker process can check a large body now, or the one that did ended meanwhile."""

    code = "worker-unavailable"
    retryable = True
    next_step = "Send the call again after the time in `Retry-After`; nothing was accepted."


class StoreUnavailableError(GatewayError):
    """The message store cannot write; nothing new is accepted."""

    code = "store-unavailable"
    retryable = True
    next_step = "Send the call again after the time in `Retry-After`."


class BackupError(GatewayError):
    """A backup cannot be made, or not be restored; nothing was changed."""

    code = "backup-failed"
    fault: ClassVar[Fault] = "configuration"
    next_step = "Correct what is named, or use another backup; nothing was changed."
