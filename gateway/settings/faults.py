"""What can be wrong in settings that are well formed: names that lead nowhere, and contradictions.

Pure functions over the settings; each fault is a ``Place`` that names the setting, never its value.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.errors import Place
from gateway.messaging.route import overlaps
from gateway.settings.channels import RouteSettings
from gateway.settings.model import Settings


def find_faults(settings: Settings) -> list[Place]:
    """Every fault across sections, in the order of the file."""
    return [
        *_store(settings),
        *_callers(settings),
        *_repeated("parties", "id", (party.id for party in settings.parties)),
        *_repeated("authorities", "id", (party.id for party in settings.authorities)),
        *_repeated("channels", "name", (channel.name for channel in settings.channels)),
        *_test_texts(settings),
        *_bucket(settings),
        *_time_zones(settings),
        *_routes(settings),
    ]


def _store(settings: Settings) -> Iterator[Place]:
    store = settings.store
    if store.url is not None and "path" in store.model_fields_set:
        yield _place("path-and-url", "store.path", "`store.url` is set too; keep one of them.")
    if store.url is None and store.password_file is not None:
        yield _place("url-missing", "store.password_file", "Good only with `store.url`.")
    if store.dead_after < 4 * store.heartbeat:
        yield _place(
            "too-soon", "store.dead_after", "Must be at least four times `store.heartbeat`."
        )


def _callers(settings: Settings) -> Iterator[Place]:
    callers = settings.authentication.callers
    where = "authentication.callers"
    if not callers:
        yield _place(
            "callers-missing",
            where,
            "No caller is configured, so nobody could call; make a token with "
            "`agency-gateway token new`.",
        )
    yield from _repeated(where, "name", (caller.name for caller in callers))
    yield from _repeated(where, "token_sha256", (caller.token_sha256 for caller in callers))
    known = {party.id for party in settings.parties}
    for index, caller in enumerate(callers):
        if caller.party not in known:
            yield _place("unknown-party", f"{where}[{index}].party", "Not listed in `parties`.")


def _test_texts(settings: Settings) -> Iterator[Place]:
    for index, channel in enumerate(settings.channels):
        if channel.accepts_tests and channel.test_text is None:
            yield _place(
                "test-text-missing",
                f"channels[{index}].test_text",
                "Required where `accepts_tests` is true, so that a test is marked as one.",
            )


def _bucket(settings: Settings) -> Iterator[Place]:
    bucket = settings.attachments.s3
    if bucket is not None and (bucket.access_key_id is None) != (bucket.secret_access_key is None):
        detail = "Give both `access_key_id` and `secret_access_key`, or neither."
        yield _place("half-a-key", "attachments.s3", detail)


def _time_zones(settings: Settings) -> Iterator[Place]:
    for index, channel in enumerate(settings.channels):
        try:
            ZoneInfo(channel.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # the latter two of odd names
            yield _place(
                "unknown-time-zone",
                f"channels[{index}].time_zone",
                "No such time zone on this machine; names look like `Europe/Berlin`.",
            )


def _routes(settings: Settings) -> Iterator[Place]:
    known = {channel.name for channel in settings.channels}
    for index, route in enumerate(settings.routes):
        yield from _one_route(index, route, known)
    values = [route.to_route() for route in settings.routes]
    for first, second in overlaps(values):
        # Two equal routes are one value; the second of them is the later one.
        later = max(index for index, route in enumerate(values) if route == second)
        yield _place(
            "routes-overlap",
            f"routes[{later}]",
            f"Overlaps routes[{values.index(first)}]: same operation, same recipients, and at "
            "least one common day.",
        )


def _one_route(index: int, route: RouteSettings, channels: set[str]) -> Iterator[Place]:
    where = f"routes[{index}]"
    if route.channel not in channels:
        yield _place("unknown-channel", f"{where}.channel", "Not listed in `channels`.")
    if (route.authority is None) == (route.area is None):
        yield _place("authority-or-area", where, "Give either `authority` or `area`.")
    if route.valid_from and route.valid_until and route.valid_until < route.valid_from:
        yield _place("empty-period", f"{where}.valid_until", "Lies before `valid_from`.")


def _repeated(where: str, field: str, values: Iterable[str]) -> Iterator[Place]:
    seen: Counter[str] = Counter()
    for index, value in enumerate(values):
        if seen[value]:
            yield _place("repeated", f"{where}[{index}].{field}", "Used by an earlier entry too.")
        seen[value] += 1


def _place(keyword: str, setting: str, detail: str) -> Place:
    return Place(keyword=keyword, detail=detail, rule=setting)
