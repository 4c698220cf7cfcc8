"""Every setting, by section: its unit, its default and why that default.

Frozen pydantic models; unknown names are refused. The ``to_…`` methods turn a section into the
values that the rest of the gateway works with. Kept out: reading files and variables
(``gateway.settings.load``), and faults across sections (``gateway.settings.faults``).
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from gateway.messaging.channel import Channel, RetryPolicy
from gateway.messaging.party import Caller, Grant, Party
from gateway.messaging.route import Route
from gateway.settings.places import data_folder
from gateway.validation import shipped_schemas

Seconds = Annotated[timedelta, Field(gt=timedelta(0))]
"""A duration: a number of seconds (``30``, ``0.5``) or ISO 8601 (``"PT30S"``); above zero."""

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""A name within the configuration: letters, digits, ``.``, ``_`` and ``-``."""

Identifier = Annotated[str, Field(max_length=120, pattern=r"^[a-z][a-z0-9]{1,15}:[A-Za-z0-9._-]+$")]
"""A party's identifier with its scheme, ``ags:09162000``, ``dbs:060030010000``."""

OperationKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*/v[1-9][0-9]*$")]
"""Name and version of an operation, ``residents/search/v1``."""

Text = Annotated[str, Field(min_length=1, max_length=250)]


class Section(BaseModel):
    """What all sections have in common: they cannot be changed and know no strangers."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )


class ServerSettings(Section):
    """Where the API listens."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback, because TLS and the outside are a reverse proxy's work."""

    port: int = Field(default=8080, ge=1, le=65535)
    """TCP port."""


class StoreSettings(Section):
    """Where messages are kept."""

    path: Path = Field(default_factory=lambda: data_folder() / "messages.sqlite3")
    """SQLite database. Default: the data folder of the user the gateway runs as,
    ``$XDG_DATA_HOME/agency-gateway`` or ``~/.local/share/agency-gateway``, never the current
    folder, so that a start from elsewhere finds the same messages. On a local disk: SQLite does
    not lock reliably over a network file system."""


class SchemaSettings(Section):
    """Where schemas are found."""

    contracts: Path = Field(default_factory=shipped_schemas)
    """Folder of the operations' contracts and schemas; default: those of this release."""

    path: Path = Field(default_factory=lambda: data_folder() / "schemas")
    """Folder that ``schemas install`` puts official editions into; they take precedence over the
    profiles of this release. Default: beside the messages, because it outlives an update."""


class CodeListSettings(Section):
    """Where code lists are found."""

    path: Path = Field(default_factory=lambda: data_folder() / "codelists")
    """Folder that ``codelists install`` puts editions of code lists into. Default: beside the
    messages, because it outlives an update."""


class AdapterSettings(Section):
    """Where adapters are found, beside those that installed packages declare."""

    paths: tuple[Path, ...] = ()
    """Folders whose subfolders are adapters, each with its ``adapter.yaml``."""


class ProductSettings(Section):
    """How the gateway names itself in the head of a message (``product.*``)."""

    manufacturer: Text = "agency-gateway"
    """Who answers for the software, as registered with the standard's operator if that asks."""

    name: Text = "agency-gateway"
    """Product name."""

    version: Text | None = None
    """Product version; default: the version that is running."""


class GrantSettings(Section):
    """One thing a caller may do; everything else is denied."""

    operation: OperationKey
    """Operation with version, ``residents/search/v1``."""

    authorities: tuple[str, ...] = Field(min_length=1)
    """Recipients, exact (``ags:09162000``) or as a prefix with ``*`` at the end (``ags:09*``)."""

    purposes: tuple[str, ...] = ()
    """Values of ``Exchange-Purpose`` allowed; empty: any, also none."""

    def to_grant(self) -> Grant:
        """The same as a value."""
        return Grant(operation=self.operation, authorities=self.authorities, purposes=self.purposes)


class CallerSettings(Section):
    """One agency system that calls the API."""

    name: Name
    """Stands in messages, logs and metrics."""

    tenant: Name = "default"
    """Owner of the caller; ``default`` where there is one owner only."""

    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the caller's bearer token, in lower-case hexadecimal. The token itself is shown
    once by ``agency-gateway token new`` and is nowhere kept; the digest of a random token of 256
    bits does not lead back to it, so it may stand in this file."""

    party: Identifier
    """Party the caller sends for: what ``sender.*`` is supplied from; one of ``parties``."""

    grants: tuple[GrantSettings, ...] = ()
    """What the caller may do; empty: nothing."""

    def to_caller(self, party: Party) -> Caller:
        """The same as a value, with its party looked up."""
        return Caller(
            name=self.name,
            tenant=self.tenant,
            party=party,
            grants=tuple(grant.to_grant() for grant in self.grants),
        )


class AuthenticationSettings(Section):
    """Who may call. Without a caller the gateway does not start: it could answer nobody."""

    callers: tuple[CallerSettings, ...] = ()
    """Every caller; names and tokens are unique."""


class PartySettings(Section):
    """An agency or authority as it stands in a message's head."""

    id: Identifier
    """Identifier with its scheme, ``ags:09162000``."""

    directory: Text
    """Directory the identifier is listed in, in the standard's own words or codes."""

    name: Text
    """Its name as it signs."""

    contacts: tuple[dict[str, Any], ...] = ()
    """Ways to reach it, in the form of the operation's canonical schema."""

    address: dict[str, Any] | None = None
    """Postal address in the form of the operation's canonical schema; absent: unknown."""

    def to_party(self) -> Party:
        """The same as a value."""
        return Party(
            id=self.id,
            directory=self.directory,
            name=self.name,
            contacts=self.contacts,
            address=self.address,
        )


class RetrySettings(Section):
    """When a failed delivery is tried again."""

    first_wait: Seconds = timedelta(milliseconds=500)
    """Wait after the first failure; doubles with each further one. Short: a caller may wait."""

    longest_wait: Seconds = timedelta(minutes=10)
    """Upper limit of the wait."""

    max_attempts: int = Field(default=12, ge=1, le=1000)
    """Attempts in all; the last failure leads to the dead letters."""


class ChannelSettings(Section):
    """One configured way to one backend."""

    name: Name
    """Unique; stands in messages, logs and metrics."""

    adapter: Name
    """Name of the adapter that translates, ``xmeld``."""

    transport: Literal["http"] = "http"
    """How bytes travel; this version knows ``http`` only."""

    address: str = Field(max_length=2000, pattern=r"^https?://[^@\s/]+(/[^@\s]*)?$")
    """URL the transport posts to; without user name or password."""

    timeout: Seconds = timedelta(seconds=30)
    """Longest wait for one answer."""

    max_in_flight: int = Field(default=64, ge=1, le=10_000)
    """Attempts at a time; more wait in the gateway, so a slow backend is not overrun."""

    retry: RetrySettings = RetrySettings()
    """When a failed delivery is tried again."""

    codelist_versions: dict[str, str] = Field(default_factory=dict)
    """Version of each code list this backend speaks, by code-list id."""

    accepts_tests: bool = False
    """Whether messages with ``Test-Message: true`` may leave through it. Off: a productive
    register must never get a test by mistake."""

    test_text: Text | None = None
    """Free text that marks a test message where the standard has a field for it; required when
    tests are accepted."""

    def to_channel(self) -> Channel:
        """The same as a value."""
        policy = RetryPolicy(
            first_wait=self.retry.first_wait,
            longest_wait=self.retry.longest_wait,
            max_attempts=self.retry.max_attempts,
        )
        return Channel(
            name=self.name,
            adapter=self.adapter,
            transport=self.transport,
            address=self.address,
            timeout=self.timeout,
            max_in_flight=self.max_in_flight,
            retry=policy,
            codelist_versions=dict(self.codelist_versions),
            accepts_tests=self.accepts_tests,
            test_text=self.test_text,
        )


class RouteSettings(Section):
    """One rule of the router; routes of equal rank must not overlap."""

    operation: OperationKey
    """Operation with version, ``residents/search/v1``."""

    channel: Name
    """One of ``channels``."""

    authority: Identifier | None = None
    """Exact recipient; either this or ``area``."""

    area: str | None = Field(default=None, min_length=2, max_length=120)
    """Declared prefix of recipients, ``ags:09162``; an exact route and a longer area outrank it."""

    valid_from: date | None = None
    """First day, inclusive, in UTC; absent: always was."""

    valid_until: date | None = None
    """Last day, inclusive, in UTC; absent: no end known."""

    def to_route(self) -> Route:
        """The same as a value."""
        return Route(
            operation=self.operation,
            channel=self.channel,
            authority=self.authority,
            area=self.area,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class WorkerSettings(Section):
    """Processes that check and translate large bodies, so that these hold up no small ones."""

    count: int = Field(default=1, ge=0, le=64)
    """Processes, each some 120 MB large; started with the gateway where an operation takes bodies
    above 1 MiB, else with the first large body, which then waits a second or two. 0: large bodies
    are worked on like small ones, and everybody waits for them."""

    larger_than_bytes: int = Field(default=65_536, ge=0)
    """Longest request or answer that is worked on without a worker, which is sooner for it."""

    most_waiting: int = Field(default=16, ge=0, le=10_000)
    """Large requests that wait for a worker; one more is refused with 503. Answers go first."""


class HealthSettings(Section):
    """When ``/health/ready`` says ``degraded``; see ``docs/operations.md``."""

    stalled_after: Seconds = timedelta(seconds=60)
    """Longest that a message may have been due, or a channel may only have failed. Longer than one
    attempt takes; a backend that takes its time with long queues needs more."""

    least_free_megabytes: int = Field(default=256, ge=1)
    """Least free space on the store's disk, in units of 1,048,576 bytes: room to act in."""


class LogSettings(Section):
    """What is logged; records never carry the content of messages."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level written. ``info`` writes one record for each step of a message."""

    json_lines: bool | None = Field(default=None, alias="json")
    """One JSON object a line, for a log collector; false: text for a person. Absent: text if
    standard error is a terminal, else JSON."""


class Settings(BaseSettings):
    """Everything that can be set; read once at start and passed on as values."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="AGENCY_GATEWAY_",
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    server: ServerSettings = ServerSettings()
    """Where the API listens."""

    store: StoreSettings = Field(default_factory=StoreSettings)
    """Where messages are kept."""

    schemas: SchemaSettings = Field(default_factory=SchemaSettings)
    """Where schemas are found."""

    codelists: CodeListSettings = Field(default_factory=CodeListSettings)
    """Where code lists are found."""

    adapters: AdapterSettings = AdapterSettings()
    """Where adapters are found."""

    product: ProductSettings = ProductSettings()
    """How the gateway names itself in messages."""

    authentication: AuthenticationSettings = AuthenticationSettings()
    """Who may call."""

    parties: tuple[PartySettings, ...] = ()
    """Agencies that callers send for."""

    authorities: tuple[PartySettings, ...] = ()
    """Authorities as they stand in a message's head; an authority that a route leads to and that
    is not listed here must be written out by the caller."""

    channels: tuple[ChannelSettings, ...] = ()
    """Ways to backends."""

    routes: tuple[RouteSettings, ...] = ()
    """Which channel leads to which authority."""

    workers: WorkerSettings = WorkerSettings()
    """Processes for large bodies."""

    health: HealthSettings = HealthSettings()
    """When something is wrong."""

    log: LogSettings = LogSettings()
    """What is logged."""

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables outrank the file; no ``.env`` of the current folder is read."""
        return env_settings, init_settings

    def parties_by_id(self) -> dict[str, Party]:
        """Agencies that callers send for."""
        return {party.id: party.to_party() for party in self.parties}

    def authorities_by_id(self) -> dict[str, Party]:
        """Authorities whose head data are configured."""
        return {party.id: party.to_party() for party in self.authorities}
