"""Read the settings: one TOML file, then ``AGENCY_GATEWAY_*`` variables over it.

Every fault is found at once and names the setting, never its value. Kept out: what the settings
are (``gateway.settings.model``) and whether an adapter works (``gateway.registry``).
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)
from typing_extensions import override

from gateway.errors import ConfigurationError, Place
from gateway.settings.faults import find_faults
from gateway.settings.model import Settings
from gateway.settings.places import environment
from gateway.settings.repair import is_within, repair

PREFIX = "AGENCY_GATEWAY_"
CONFIG = f"{PREFIX}CONFIG"
TOKEN = f"{PREFIX}TOKEN"
URL = f"{PREFIX}URL"
OTHERS = frozenset({CONFIG, TOKEN, URL})
"""Variables that are no settings: the file's path, and how the command line reaches a gateway."""

PATHS = (
    ("store", "path"),
    ("store", "password_file"),
    ("schemas", "contracts"),
    ("schemas", "path"),
    ("codelists", "path"),
    ("adapters", "paths"),
    ("attachments", "path"),
)
"""Settings that are paths; in a file they are relative to the file's folder."""

TEXTS = {
    "extra_forbidden": ("unknown-setting", "No such setting."),
    "missing": ("required", "Required and not set."),
    "string_pattern_mismatch": ("pattern", "Not in the form that docs/settings.md describes."),
    "literal_error": ("enum", "Not one of the values that docs/settings.md lists."),
}
"""Our keyword and sentence for a fault that pydantic found; its own message quotes the value."""


ROUNDS = 5
"""Attempts to make faulty settings whole: a table that is none lacks its settings only then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What became of the settings.

    Attributes:
        settings: The settings; with ``faults``, what is left without the faulty ones, good only
            for finding more faults; None: too little is left.
        faults: Every fault found, in the file, the variables and across sections.
        replaced: Settings for which ``settings`` holds a stand-in or the default.
    """

    settings: Settings | None
    faults: Sequence[Place]
    replaced: frozenset[str] = frozenset()

    def without_echoes(self, faults: Iterable[Place]) -> list[Place]:
        """Leave out the faults that tell of what was replaced and not of what was set."""
        return [
            fault
            for fault in faults
            if not any(
                is_within(fault.rule or "", place) or is_within(place, fault.rule or "")
                for place in self.replaced
            )
        ]


class _Merged(Settings):
    """The same settings, of data that the variables are in already."""

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
        return (init_settings,)


def load_settings(path: Path | None = None, *, to_serve: bool = True) -> Settings:
    """Read the settings and check them.

    Args:
        path: TOML file; None: the one that ``AGENCY_GATEWAY_CONFIG`` names, else no file.
        to_serve: Whether the gateway shall run with them; false, for commands that only need to
            know where things are, leaves faults across sections unfound.

    Raises:
        ConfigurationError: Lists every fault with its setting.
    """
    reading = read_settings(path, to_serve=to_serve)
    if reading.settings is None or reading.faults:
        raise ConfigurationError("The settings have faults.", places=reading.faults)
    return reading.settings


def read_settings(path: Path | None = None, *, to_serve: bool = True) -> Reading:
    """Read the settings as far as that goes.

    Args:
        path: As for ``load_settings``.
        to_serve: As for ``load_settings``.

    Raises:
        ConfigurationError: The file cannot be read at all.
    """
    variables = environment()
    if path is None and variables.get(CONFIG):
        path = Path(variables[CONFIG])
    reading = _validate(_read_file(path) if path is not None else {})
    faults = [*_strangers(variables), *reading.faults]
    if reading.settings is not None and to_serve:
        faults.extend(reading.without_echoes(find_faults(reading.settings)))
    return Reading(settings=reading.settings, faults=faults, replaced=reading.replaced)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(f"The configuration file {path} cannot be read.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"The configuration file {path} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        # The library's text may quote what stood there; its end says the place only.
        place = str(error).rpartition("(at ")[2].removesuffix(")")
        detail = f"The configuration file {path} is not TOML"
        raise ConfigurationError(
            f"{detail}, see {place}." if "line " in place else f"{detail}."
        ) from None
    folder = path.resolve().parent
    for section, name in PATHS:
        _resolve(data, section, name, folder)
    return data


def _resolve(data: dict[str, Any], section: str, name: str, folder: Path) -> None:
    """Make a path of the file absolute; wrong types are left for the model to refuse."""
    values = data.get(section)
    if not isinstance(values, dict):
        return
    match values.get(name):
        case str() as value:
            values[name] = str(folder / Path(value).expanduser())
        case list() as several if all(isinstance(one, str) for one in several):
            values[name] = [str(folder / Path(one).expanduser()) for one in several]
        case _:
            pass


def _validate(data: dict[str, Any]) -> Reading:
    try:
        return Reading(settings=Settings(**data), faults=())
    except ValidationError as error:
        found = _errors(error)
        faults = [_fault(fault["type"], fault["loc"]) for fault in found]
        return _repaired(_merge(data, EnvSettingsSource(Settings)() or {}), found, faults)
    except SettingsError:
        # Raised for a variable that should hold JSON; the library's text names field and value.
        return Reading(
            settings=None,
            faults=[
                Place(
                    keyword="json",
                    detail="A variable for a list or a table must hold JSON.",
                    rule=f"{PREFIX}*",
                )
            ],
        )


def _repaired(data: dict[str, Any], found: list[ErrorDetails], faults: list[Place]) -> Reading:
    """What is left of settings with faults, as far as that is enough for further checks."""
    replaced: set[str] = set()
    standins = 1
    for _ in range(ROUNDS):
        # A name that is no setting was left out: nothing stands in its place.
        replaced |= {_dotted(f["loc"]) for f in found if f["type"] != "extra_forbidden"}
        data = repair(data, found, first=standins)
        standins += len(found)
        try:
            whole = _Merged(**data)
        except ValidationError as error:
            found = _errors(error)
        else:
            return Reading(settings=whole, faults=faults, replaced=frozenset(replaced))
    return Reading(settings=None, faults=faults)


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other, everything else is replaced; so pydantic-settings does."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            merged[name] = _merge(under, value)
        else:
            merged[name] = value
    return merged


def _fault(kind: str, location: Iterable[int | str]) -> Place:
    keyword, detail = TEXTS.get(kind, (kind.replace("_", "-"), "Wrong kind of value, or too much."))
    return Place(keyword=keyword, detail=detail, rule=_dotted(location))


def _dotted(location: Iterable[int | str]) -> str:
    dotted = ""
    for part in location:
        dotted += f"[{part}]" if isinstance(part, int) else f".{part}"
    return dotted.removeprefix(".")


def _strangers(variables: Mapping[str, str]) -> list[Place]:
    """Variables with our prefix that set nothing: pydantic-settings would ignore a misspelt one."""
    sections = {name.upper() for name in Settings.model_fields}
    return [
        Place(keyword="unknown-variable", detail="No such setting.", rule=name.upper())
        for name in sorted(variables)
        if name.upper().startswith(PREFIX)
        and name.upper() not in OTHERS
        and name.upper().removeprefix(PREFIX).partition("__")[0] not in sections
    ]
