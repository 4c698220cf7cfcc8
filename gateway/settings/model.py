"""Every setting, by section: its unit, its default and why that default.

Frozen pydantic models; unknown names are refused. The ``to_…`` methods turn a section into the
values that the rest of the gateway works with. Callers, channels and attachments have a module
each. Kept out: reading files and variables (``gateway.settings.load``), and faults across sections
(``gateway.settings.faults``).
"""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from gateway.messaging.party import Party
from gateway.settings.attachments import AttachmentSettings
from gateway.settings.callers import AuthenticationSettings, PartySettings
from gateway.settings.channels import ChannelSettings, RouteSettings
from gateway.settings.limits import LimitSettings
from gateway.settings.places import data_folder
from gateway.settings.retention import RetentionSettings
from gateway.settings.section import Seconds, Section, Text
from gateway.settings.store import StoreSettings
from gateway.validation import shipped_schemas


class ServerSettings(Section):
    """Where the API listens."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback, because TLS and the outside are a reverse proxy's work."""

    port: int = Field(default=8080, ge=1, le=65535)
    """TCP port."""


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


class WorkerSettings(Section):
    """Processes that check and translate large bodies, so that these hold up no small ones."""

    count: int = Field(default=2, ge=0, le=64)
    """Processes, each some 120 MB large; started with the gateway where an operation takes bodies
    above 1 MiB, else with the first large body, which then waits a second or two. From two on, one
    is kept free of bodies above 1 MiB, which take long. 0: large bodies are worked on like small
    ones, and everybody waits for them."""

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

    limits: LimitSettings = LimitSettings()
    """How much is taken at a time."""

    retention: tuple[RetentionSettings, ...] = ()
    """How long messages are kept, where not as their contract says."""

    workers: WorkerSettings = WorkerSettings()
    """Processes for large bodies."""

    attachments: AttachmentSettings = Field(default_factory=AttachmentSettings)
    """Content that documents refer to."""

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

    def attachments_folder(self) -> Path:
        """Where the content of attachments is kept, unless in a bucket."""
        store = self.store.path
        return self.attachments.path or store.with_name(f"{store.name}.attachments")
