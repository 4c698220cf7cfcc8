"""Read the settings: one TOML file, then ``AGENCY_GATEWAY_*`` variables over it.

Every fault is found at once and names the setting, never its value. Kept out: what the settings
are (``gateway.settings.model``) and whether an adapter works (``gateway.registry``).
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from gateway.errors import ConfigurationError, Place
from gateway.settings.faults import find_faults
from gateway.settings.model import Settings
from gateway.settings.places import environment

PREFIX = "AGENCY_GATEWAY_"
CONFIG = f"{PREFIX}CONFIG"
TOKEN = f"{PREFIX}TOKEN"
URL = f"{PREFIX}URL"
OTHERS = frozenset({CONFIG, TOKEN, URL})
"""Variables that are no settings: the file's path, and how the command line reaches a gateway."""

PATHS = (
    ("store", "path"),
    ("schemas", "contracts"),
    ("schemas", "path"),
    ("codelists", "path"),
    ("adapters", "paths"),
)
"""Settings that are paths; in a file they are relative to the file's folder."""

TEXTS = {
    "extra_forbidden": ("unknown-setting", "No such setting."),
    "missing": ("required", "Required and not set."),
    "string_pattern_mismatch": ("pattern", "Not in the form that docs/settings.md describes."),
    "literal_error": ("enum", "Not one of the values that docs/settings.md lists."),
}
"""Our keyword and sentence for a fault that pydantic found; its own message quotes the value."""


def load_settings(path: Path | None = None, *, to_serve: bool = True) -> Settings:
    """Read the settings and check them.

    Args:
        path: TOML file; None: the one that ``AGENCY_GATEWAY_CONFIG`` names, else no file.
        to_serve: Whether the gateway shall run with them; false, for commands that only need to
            know where things are, leaves faults across sections unfound.

    Raises:
        ConfigurationError: Lists every fault with its setting.
    """
    variables = environment()
    if path is None and variables.get(CONFIG):
        path = Path(variables[CONFIG])
    data = _read_file(path) if path is not None else {}
    settings, faults = _validate(data)
    faults = [*_strangers(variables), *faults]
    if settings is not None and to_serve:
        faults.extend(find_faults(settings))
    if settings is None or faults:
        raise ConfigurationError("The settings have faults.", places=faults)
    return settings


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


def _validate(data: dict[str, Any]) -> tuple[Settings | None, list[Place]]:
    try:
        return Settings(**data), []
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return None, [_fault(fault["type"], fault["loc"]) for fault in faults]
    except SettingsError:
        # Raised for a variable that should hold JSON; the library's text names field and value.
        return None, [
            Place(
                keyword="json",
                detail="A variable for a list or a table must hold JSON.",
                rule=f"{PREFIX}*",
            )
        ]


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
