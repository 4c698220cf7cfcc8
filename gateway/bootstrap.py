"""Put the gateway together: the only place where the parts meet.

Faults of the gateway's own settings stop the start; those of an adapter close its channels, so that
the others go on. Kept out: running it (``gateway.cli.serve``).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gateway.api import create_app
from gateway.api.app import GatewayApp
from gateway.api.contract import OperationContract, attachment_schemas
from gateway.api.health import Health, HealthLimits, judge
from gateway.api.metrics import Metrics
from gateway.api.retention_metrics import RetentionMetrics
from gateway.errors import ConfigurationError, Place
from gateway.flow.attachments import Attachments
from gateway.flow.backlog import Backlog
from gateway.flow.desk import Desk
from gateway.flow.directory import Directory, Lane, Product
from gateway.flow.door import Door
from gateway.flow.fault_points import FaultHook, no_fault
from gateway.flow.order import order_faults
from gateway.flow.prune import Pruner
from gateway.flow.vitals import Vitals
from gateway.flow.witness import Witnesses
from gateway.installation import find_missing_operations
from gateway.messaging.channel import Channel
from gateway.messaging.operation import BODY_LIMIT_BYTES, Operation
from gateway.messaging.party import Caller
from gateway.messaging.ports import Clock, MessageStore, Transport
from gateway.registry import Registry, find_adapters, load_adapters, load_operation
from gateway.security.clamd import ClamdScanner
from gateway.security.tokens import TokenAuthentication
from gateway.settings.model import Settings
from gateway.settings.retention import with_retention
from gateway.store.attachment_place import attachment_index_in, make_attachment_store
from gateway.store.beside import backlog_in, retention_in
from gateway.store.choice import letters_of, store_of
from gateway.transports.http import HttpTransport
from gateway.validation import CodeListCatalogue, SchemaCatalogue
from gateway.workers.pool import WorkerPool

DISTRIBUTION = "agency-gateway"

EXAMPLE = "request.example.json"
"""File beside an operation's schemas: a request as a caller would send it."""

MakeTransport = Callable[[Channel, Clock], Transport]


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """See ``Clock``."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that everything else takes


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """A gateway that is put together and not started.

    Attributes:
        settings: What it was built from.
        desk: Its use cases.
        app: Its API.
        closed: Channels that cannot carry messages, and why.
        code_lists: Canonical URIs of the lists that codes on open channels are of.
    """

    settings: Settings
    desk: Desk
    app: GatewayApp
    closed: Mapping[str, ConfigurationError]
    code_lists: frozenset[str]

    @property
    def url(self) -> str:
        """Where it listens."""
        server = self.settings.server
        host = f"[{server.host}]" if ":" in server.host else server.host
        return f"http://{host}:{server.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What the settings lead to: usable channels and the closed ones, as in ``Gateway``."""

    directory: Directory
    closed: Mapping[str, ConfigurationError]
    code_lists: frozenset[str]


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    make_transport: MakeTransport | None = None,
    hit: FaultHook = no_fault,
) -> Gateway:
    """Put a gateway together; nothing is opened or started.

    Args:
        settings: Checked settings.
        clock: Tells the time; None: the clock of this machine.
        make_transport: Makes the transport of a channel; None: the one its settings name.
        hit: Called at every fault point; tests let the process die there.

    Raises:
        ConfigurationError: The gateway's own settings or contracts have faults; all are listed.
    """
    catalogue = catalogue_of(settings)
    operations = operations_of(settings)
    contracts = load_contracts(operations, catalogue, settings.schemas.contracts)
    _check_operations(settings, operations)
    require_orders(operations, contracts)
    now = clock or SystemClock()
    make = make_transport or partial(HttpTransport, hit=hit)
    found = _find(settings, catalogue, operations, lambda channel: make(channel, now))
    metrics = Metrics(version=gateway_version())
    store, peers = store_of(settings.store)
    backlog = Backlog(backlog_in(store), settings.limits.to_backlog_limits())
    pruner = Pruner(retention_in(store), now, operations, RetentionMetrics(metrics.registry))
    desk = Desk(
        store=store,
        peers=peers,
        letter_store=letters_of(store),
        callers=[caller for _, caller in _callers(settings)],
        clock=now,
        directory=found.directory,
        hit=hit,
        workers=_workers(settings, operations.values()),
        attachments=_attachments(settings, store, now, contracts.values()),
        witness=Witnesses((metrics, backlog)),
        door=Door(settings.limits.to_call_limits()),
        backlog=backlog,
        chores=(backlog, pruner),
    )
    app = create_app(
        desk,
        authentication_of(settings),
        contracts=contracts,
        judge=_judge(settings, found.closed),
        metrics=metrics,
        version=gateway_version(),
    )
    return Gateway(
        settings=settings,
        desk=desk,
        app=app,
        closed=found.closed,
        code_lists=found.code_lists,
    )


def build_directory(settings: Settings) -> Directory:
    """The directory for a process that checks and translates, and sends nothing.

    Args:
        settings: Those that the gateway was built from.

    Raises:
        ConfigurationError: As ``build``.
    """
    clock = SystemClock()
    return _find(
        settings,
        catalogue_of(settings),
        load_operations(settings.schemas.contracts),
        lambda channel: HttpTransport(channel, clock),
    ).directory


def gateway_version() -> str:
    """Version of the gateway that is running."""
    return version(DISTRIBUTION)


def catalogue_of(settings: Settings) -> SchemaCatalogue:
    """Where schemas are found with these settings."""
    return SchemaCatalogue(installed=settings.schemas.path, shipped=settings.schemas.contracts)


def operations_of(settings: Settings) -> dict[str, Operation]:
    """Every operation of these settings, by key.

    Raises:
        ConfigurationError: A contract has faults, or settings of retention do.
    """
    return with_retention(load_operations(settings.schemas.contracts), settings.retention)


def load_operations(schemas: Path) -> dict[str, Operation]:
    """Every operation with a contract below ``schemas``, by key.

    Raises:
        ConfigurationError: Lists every fault of every contract.
    """
    operations: dict[str, Operation] = {}
    faults: list[Place] = []
    for file in sorted(schemas.glob("*/*/v*/operation.yaml")):
        key = file.parent.relative_to(schemas).as_posix()
        try:
            operations[key] = load_operation(schemas, key)
        except ConfigurationError as error:
            faults.extend(faults_of(error, key))
    if faults:
        raise ConfigurationError("Contracts of operations have faults.", places=faults)
    return operations


def load_contracts(
    operations: Mapping[str, Operation], catalogue: SchemaCatalogue, schemas: Path
) -> dict[str, OperationContract]:
    """What is published about each operation, by key.

    Raises:
        ConfigurationError: A schema is missing or none, or an example is no JSON object.
    """
    return {
        key: OperationContract(
            operation=operation,
            request=catalogue.for_callers(f"{key}/request.schema.json").schema,
            answer=catalogue.canonical(f"{key}/answer.schema.json").schema,
            example=_example(schemas / key / EXAMPLE),
        )
        for key, operation in operations.items()
    }


def require_orders(
    operations: Mapping[str, Operation], contracts: Mapping[str, OperationContract]
) -> None:
    """Refuse contracts whose order cannot be kept.

    Raises:
        ConfigurationError: Lists them.
    """
    faults = order_faults(operations, lambda key: contracts[key].request)
    if faults:
        raise ConfigurationError("Contracts of operations have faults.", places=faults)


def _example(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ConfigurationError(f"The example {path.name} of an operation is no JSON object.")
    return document


def registry_of(settings: Settings, catalogue: SchemaCatalogue) -> Registry:
    """Every adapter that can be found with these settings, and the broken ones with faults."""
    lists = CodeListCatalogue(settings.codelists.path)
    return load_adapters(find_adapters(settings.adapters.paths), catalogue, lists)


def faults_of(error: ConfigurationError, where: str) -> Sequence[Place]:
    """The places of an error, or the error itself as one place."""
    return error.places or [Place(keyword=error.code, detail=error.detail, rule=where)]


def authentication_of(settings: Settings) -> TokenAuthentication:
    """The callers of the settings by their token's digest."""
    return TokenAuthentication(dict(_callers(settings)))


def _callers(settings: Settings) -> list[tuple[str, Caller]]:
    """Every caller behind the digest of its token."""
    parties = settings.parties_by_id()
    return [
        (caller.token_sha256, caller.to_caller(parties[caller.party]))
        for caller in settings.authentication.callers
    ]


def _check_operations(settings: Settings, operations: Mapping[str, Operation]) -> None:
    # A useless grant harms nobody; a route that leads nowhere was meant to lead somewhere.
    faults = [
        fault
        for fault in find_missing_operations(settings, operations)
        if (fault.rule or "").startswith("routes")
    ]
    if faults:
        raise ConfigurationError("The settings have faults.", places=faults)


def _workers(settings: Settings, operations: Iterable[Operation]) -> WorkerPool | None:
    """The processes for large bodies; none is started yet.

    They start with the gateway where an operation announces bodies above the usual limit. Where
    none does, most never see a large body, and would hold the memory for nothing.
    """
    workers = settings.workers
    if workers.count == 0:
        return None
    return WorkerPool(
        partial(build_directory, settings),
        count=workers.count,
        larger_than_bytes=workers.larger_than_bytes,
        most_waiting=workers.most_waiting,
        starts_early=any(one.body_limit_bytes > BODY_LIMIT_BYTES for one in operations),
    )


def _attachments(
    settings: Settings, store: MessageStore, clock: Clock, contracts: Iterable[OperationContract]
) -> Attachments:
    wanted = settings.attachments
    return Attachments(
        index=attachment_index_in(store),
        store=make_attachment_store(settings),
        clock=clock,
        limits=wanted.to_limits(),
        scanner=None
        if wanted.scanner is None
        else ClamdScanner(wanted.scanner, timeout=wanted.scanner_timeout),
        schemas=attachment_schemas(contracts),
    )


def _find(
    settings: Settings,
    catalogue: SchemaCatalogue,
    operations: Mapping[str, Operation],
    make: Callable[[Channel], Transport],
) -> _Found:
    registry = registry_of(settings, catalogue)
    channels = [section.to_channel() for section in settings.channels]
    lanes, closed = _lanes(channels, registry, make)
    directory = Directory(
        operations=operations,
        schemas={key: catalogue.for_callers(f"{key}/request.schema.json") for key in operations},
        lanes=lanes,
        routes=[route.to_route() for route in settings.routes],
        product=_product(settings),
        authorities=settings.authorities_by_id(),
    )
    code_lists = frozenset(
        uri
        for lane in lanes.values()
        for translation in registry.adapters[lane.channel.adapter].maps.values()
        for uri in translation.code_lists
    )
    return _Found(directory=directory, closed=closed, code_lists=code_lists)


def _lanes(
    channels: Sequence[Channel], registry: Registry, make: Callable[[Channel], Transport]
) -> tuple[dict[str, Lane], dict[str, ConfigurationError]]:
    """Channels that work, and those that stay closed with the reason."""
    lanes: dict[str, Lane] = {}
    closed: dict[str, ConfigurationError] = {}
    broken = {fault.name: fault.error for fault in registry.faults}
    for channel in channels:
        adapter = registry.adapters.get(channel.adapter)
        if adapter is None:
            unknown = ConfigurationError(f"There is no adapter {channel.adapter}.")
            closed[channel.name] = broken.get(channel.adapter, unknown)
        elif channel.transport not in adapter.transports:
            closed[channel.name] = ConfigurationError(
                f"The adapter {adapter.name} does not go with the transport {channel.transport}."
            )
        else:
            lanes[channel.name] = Lane(
                channel=channel, transport=make(channel), exchanges=adapter.exchanges
            )
    return lanes, closed


def _product(settings: Settings) -> Product:
    product = settings.product
    return Product(
        name=product.name,
        manufacturer=product.manufacturer,
        version=product.version or gateway_version(),
    )


def _judge(
    settings: Settings, closed: Mapping[str, ConfigurationError]
) -> Callable[[Vitals], Health]:
    channels = {channel.name: channel.name not in closed for channel in settings.channels}
    limits = HealthLimits(
        stalled_after=settings.health.stalled_after,
        least_free_bytes=settings.health.least_free_megabytes * 2**20,
        reserve_bytes=settings.store.reserve_megabytes * 2**20,
    )
    return partial(judge, channels=channels, limits=limits)
