"""What settings ask of the installation and do not find."""

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.installation import (
    find_missing_adapters,
    find_missing_folders,
    find_missing_operations,
    find_usable_paths,
)
from gateway.registry import Adapter, AdapterFault, Registry
from gateway.settings.model import Settings
from gateway.translation.exchange import Exchange

SEARCH = "residents/search/v1"
CHANNEL = {"name": "tannau", "adapter": "xmeld", "address": "http://127.0.0.1:8090/"}
ROUTE = {"operation": SEARCH, "authority": "ags:16099001", "channel": "tannau"}
CALLER = {
    "name": "portal",
    "token_sha256": "0" * 64,
    "party": "dbs:1",
    "grants": [{"operation": "residents/none/v1", "authorities": ["ags:16*"]}],
}


def settings(**sections: Any) -> Settings:
    return Settings.model_validate({"channels": [CHANNEL], "routes": [ROUTE], **sections})


def registry(*operations: str, transports: tuple[str, ...] = ("http",)) -> Registry:
    adapter = Adapter(
        name="xmeld",
        version=1,
        standard="XMeld",
        edition="1",
        path=Path(),
        transports=transports,
        exchanges=dict.fromkeys(operations, Exchange([], [])),
        maps={},
    )
    return Registry(adapters={"xmeld": adapter})


def folders(tmp_path: Path, **sections: Any) -> dict[str, str]:
    given = {"store": {"path": str(tmp_path / "new" / "messages.sqlite3")}, **sections}
    return {
        place.rule or "": place.keyword
        for place in find_missing_folders(Settings.model_validate(given))
    }


def test_what_is_made_at_the_first_start_may_be_missing(tmp_path: Path) -> None:
    later = {"path": str(tmp_path / "later")}
    assert folders(tmp_path, schemas=later, codelists=later) == {}


def test_each_folder_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = folders(
        tmp_path,
        store={"path": str(file / "messages.sqlite3")},
        schemas={"path": str(file), "contracts": str(tmp_path / "none")},
        codelists={"path": str(file)},
        adapters={"paths": [str(tmp_path / "none"), str(tmp_path)]},
    )
    assert found == {
        "schemas.contracts": "folder",
        "schemas.path": "folder",
        "codelists.path": "folder",
        "adapters.paths[0]": "folder",
        "adapters.paths[1]": "folder",
        "store.path": "folder",
    }


def test_a_store_is_a_file(tmp_path: Path) -> None:
    assert folders(tmp_path, store={"path": str(tmp_path)}) == {"store.path": "file"}


def test_a_folder_without_contracts_is_named(tmp_path: Path) -> None:
    found = folders(tmp_path, schemas={"contracts": str(tmp_path)})
    assert found == {"schemas.contracts": "folder"}


def test_only_paths_with_adapters_are_usable(tmp_path: Path) -> None:
    manifest = tmp_path / "ours" / "xbau" / "adapter.yaml"
    manifest.parent.mkdir(parents=True)
    manifest.touch()
    paths = [str(tmp_path / "ours"), str(tmp_path / "none")]
    usable = find_usable_paths(settings(adapters={"paths": paths}))
    assert usable == (tmp_path / "ours",)


def test_operations_without_a_contract_are_named_in_routes_and_grants() -> None:
    asked = settings(authentication={"callers": [CALLER]})
    assert [place.rule for place in find_missing_operations(asked, [])] == [
        "authentication.callers[0].grants[0].operation",
        "routes[0].operation",
    ]
    assert [place.rule for place in find_missing_operations(asked, [SEARCH])] == [
        "authentication.callers[0].grants[0].operation"
    ]


def test_a_route_needs_an_adapter_that_translates_its_operation() -> None:
    assert find_missing_adapters(settings(), registry(SEARCH)) == []
    (fault,) = find_missing_adapters(settings(), registry("residents/report/v1"))
    assert (fault.keyword, fault.rule) == ("operation-untranslated", "routes[0].operation")
    assert "residents/report/v1" in fault.detail


@pytest.mark.parametrize(
    ("found", "keyword", "place"),
    [
        (registry(SEARCH, transports=("osci",)), "transport", "channels[0].transport"),
        (Registry(adapters={}), "unknown-adapter", "channels[0].adapter"),
        (
            Registry(
                adapters={}, faults=(AdapterFault(name="xmeld", error=ConfigurationError("x")),)
            ),
            "adapter-faulty",
            "channels[0].adapter",
        ),
    ],
)
def test_a_channel_without_a_usable_adapter_is_named(
    found: Registry, keyword: str, place: str
) -> None:
    (fault,) = find_missing_adapters(settings(), found)
    assert (fault.keyword, fault.rule) == (keyword, place)
    assert "tannau" in fault.detail


def test_a_password_file_can_be_read(tmp_path: Path) -> None:
    store = {"url": "postgresql://h/d", "password_file": str(tmp_path / "none")}
    assert folders(tmp_path, store=store) == {"store.password_file": "file"}
    store["password_file"] = str(tmp_path)
    assert folders(tmp_path, store={"url": "postgresql://h/d"}) == {}
