"""Reading the settings: file, variables, and every fault at once."""

from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.settings import load_settings

SMALLEST = """
[authentication]
callers = [{ name = "portal", token_sha256 = "%s", party = "dbs:1" }]
[[parties]]
id = "dbs:1"
directory = "DVDV"
name = "City of Example"
""" % ("0" * 64)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AGENCY_GATEWAY_CONFIG", raising=False)
    path = tmp_path / "gateway.toml"
    path.write_text(SMALLEST, encoding="utf-8")
    return path


def refused(path: Path | None) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    return {place.rule or "": place.keyword for place in caught.value.places}


def test_the_smallest_file_starts_with_safe_defaults(file: Path) -> None:
    settings = load_settings(file)
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.channels == ()


def test_the_file_may_be_named_by_a_variable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_CONFIG", str(file))
    assert load_settings().parties[0].name == "City of Example"


def test_a_variable_outranks_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[server]\nport = 9000\nhost = '::1'\n" + SMALLEST, encoding="utf-8")
    monkeypatch.setenv("AGENCY_GATEWAY_SERVER__PORT", "9001")
    settings = load_settings(file)
    assert (settings.server.port, settings.server.host) == (9001, "::1")


def test_paths_are_relative_to_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[store]\npath = "data/m.sqlite3"\n[adapters]\npaths = ["a"]\n' + SMALLEST)
    settings = load_settings(file)
    assert settings.store.path == file.parent / "data" / "m.sqlite3"
    assert settings.adapters.paths == (file.parent / "a",)


def test_misspelt_variables_are_refused_all_at_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_STORE_PATH", "secret-value")
    monkeypatch.setenv("AGENCY_GATEWAY_SERVER__PROT", "secret-value")
    assert refused(file) == {
        "AGENCY_GATEWAY_STORE_PATH": "unknown-variable",
        "server.prot": "unknown-setting",
    }


def test_every_fault_is_listed_and_no_value_shown(file: Path) -> None:
    file.write_text(
        SMALLEST + '[server]\nport = "secret-value"\n[log]\nlevel = "secret-value"\n', "utf-8"
    )
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    assert {place.rule for place in caught.value.places} == {"server.port", "log.level"}
    assert "secret-value" not in str(caught.value)


def test_a_gateway_without_callers_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENCY_GATEWAY_CONFIG", raising=False)
    assert refused(None) == {"authentication.callers": "callers-missing"}


def test_a_file_that_is_not_toml_names_the_line_and_no_value(file: Path) -> None:
    file.write_text("a = 1\nb = secret-value\n")
    with pytest.raises(ConfigurationError, match="line 2") as caught:
        load_settings(file)
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_a_file_that_is_not_utf8_is_refused(file: Path) -> None:
    file.write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_settings(file)


def test_a_list_in_a_variable_is_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENCY_GATEWAY_ROUTES", "[secret-value")
    assert refused(file) == {"AGENCY_GATEWAY_*": "json"}


def test_a_section_of_the_wrong_kind_is_refused(file: Path) -> None:
    file.write_text("store = 1\n" + SMALLEST)
    assert list(refused(file)) == ["store"]


def test_faults_across_sections_are_found_beside_those_of_one(file: Path) -> None:
    text = SMALLEST.replace('party = "dbs:1"', 'party = "dbs:2"')
    route = "[[routes]]\noperation = 'residents/search/v1'\nauthority = 'ags:1'\nchannel = 'none'\n"
    file.write_text(text + "[server]\nprot = 1\n[log]\nlevel = 'loud'\n" + route, "utf-8")
    assert refused(file) == {
        "server.prot": "unknown-setting",
        "log.level": "enum",
        "authentication.callers[0].party": "unknown-party",
        "routes[0].channel": "unknown-channel",
    }


def test_no_fault_follows_from_a_setting_that_was_already_refused(file: Path) -> None:
    # Without its `authority`, the route would also lack one.
    route = "[[routes]]\noperation = 'x'\nauthority = 'x'\nchannel = 1\n"
    file.write_text(SMALLEST + route, "utf-8")
    assert set(refused(file)) == {"routes[0].operation", "routes[0].authority", "routes[0].channel"}


def test_a_faulty_variable_hides_no_fault_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(SMALLEST.replace('party = "dbs:1"', 'party = "dbs:2"'), "utf-8")
    monkeypatch.setenv("AGENCY_GATEWAY_SERVER__PORT", "high")
    assert set(refused(file)) == {"server.port", "authentication.callers[0].party"}


def test_a_list_in_a_variable_replaces_the_one_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = '[{"name": "other", "token_sha256": "%s", "party": "dbs:1"}]' % ("1" * 64)
    monkeypatch.setenv("AGENCY_GATEWAY_AUTHENTICATION__CALLERS", callers)
    assert [caller.name for caller in load_settings(file).authentication.callers] == ["other"]
