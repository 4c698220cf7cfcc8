"""The example configurations: without faults, and each caller of each can really ask."""

import json
import re
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.main import run
from gateway.errors import ConfigurationError
from gateway.security.tokens import new_token
from gateway.settings import Settings, load_settings
from gateway.settings.load import read_settings

PROJECT = Path(__file__).parents[2]
EXAMPLES = sorted((PROJECT / "deploy" / "examples").glob("*.toml"))
REQUEST = PROJECT / "schemas" / "residents" / "search" / "v1" / "request.example.json"
PLACEHOLDER = re.compile(r'"0{60}[0-9]{4}"')

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def test_there_is_one_for_each_kind_of_house() -> None:
    assert [path.stem for path in EXAMPLES] == ["data-centre", "municipality", "test"]


@each_example
def test_an_example_has_no_faults(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["check-config", "--config", str(example)])
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    assert "No faults." in err
    assert json.loads(out)["channels"]


@each_example
def test_no_example_lets_anybody_in(example: Path) -> None:
    """Every digest is one that nobody knows a token of, and is seen to be made up."""
    digests = [f'"{one.token_sha256}"' for one in load_settings(example).authentication.callers]
    assert digests
    assert all(PLACEHOLDER.fullmatch(digest) for digest in digests)


@each_example
def test_an_example_is_explained_or_says_where_it_is(example: Path) -> None:
    text = example.read_text("utf-8")
    lines = text.splitlines()
    comments = [line for line in lines if "#" in line]
    assert len(comments) > len(lines) / 5 or "municipality.toml, beside this file" in text
    assert all(len(line) <= 100 for line in lines)


@each_example
async def test_every_caller_can_ask_every_authority_it_may_ask(
    example: Path, tmp_path: Path
) -> None:
    settings, tokens = with_tokens(example, tmp_path)
    gateway = build(settings)
    asked = 0
    await gateway.desk.start()
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(gateway.app), base_url="http://gateway"
        ) as http:
            for caller, token in zip(settings.authentication.callers, tokens, strict=True):
                for grant in caller.grants:
                    value = grant.to_grant()
                    purpose = next(iter(grant.purposes), None)
                    for authority in settings.authorities:
                        if not value.allows(grant.operation, authority.id, purpose):
                            continue
                        headers = {
                            "Authorization": f"Bearer {token}",
                            "Content-Type": "application/json",
                            "Recipient": authority.id,
                        }
                        if purpose:
                            headers["Exchange-Purpose"] = purpose
                        answer = await http.post(
                            "/v1/residents/search/check",
                            content=REQUEST.read_bytes(),
                            headers=headers,
                        )
                        assert answer.status_code == 200, answer.text
                        asked += 1
    finally:
        await gateway.desk.stop()
    assert asked >= len(tokens)


def test_the_data_centre_keeps_tenants_apart_and_has_several_ways_out() -> None:
    settings = load_settings(PROJECT / "deploy" / "examples" / "data-centre.toml")
    assert len({caller.tenant for caller in settings.authentication.callers}) >= 3
    assert len(settings.channels) >= 3
    used = {route.channel for route in settings.routes}
    assert used == {channel.name for channel in settings.channels}


def test_variables_outrank_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    example = PROJECT / "deploy" / "examples" / "municipality.toml"
    callers = [{"name": "only", "token_sha256": "f" * 64, "party": "dbs:160990010000"}]
    monkeypatch.setenv("AGENCY_GATEWAY_SERVER__PORT", "9000")
    monkeypatch.setenv("AGENCY_GATEWAY_STORE__PATH", "/srv/messages.sqlite3")
    monkeypatch.setenv("AGENCY_GATEWAY_AUTHENTICATION__CALLERS", json.dumps(callers))
    settings = load_settings(example)
    assert settings.server.port == 9000
    assert settings.server.host == "127.0.0.1"
    assert settings.store.path == Path("/srv/messages.sqlite3")
    assert [caller.name for caller in settings.authentication.callers] == ["only"]


@pytest.mark.parametrize("wrong", [7, True, "x y", "", [], {}, [7], ["x y"], {"x": 1}])
def test_whatever_stands_in_a_file_faults_are_listed(wrong: object, tmp_path: Path) -> None:
    """Each value of an example in turn is replaced: it is taken, or its fault has a place."""
    text = (PROJECT / "deploy" / "examples" / "municipality.toml").read_text("utf-8")
    lines = text.splitlines()
    file = tmp_path / "gateway.toml"
    values = [index for index, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert len(values) > 40
    for index in values:
        name = lines[index].partition(" = ")[0]
        changed = f"{name} = {toml(wrong)}"
        file.write_text("\n".join([*lines[:index], changed, *lines[index + 1 :]]), "utf-8")
        reading = read_settings(file)
        assert reading.settings is not None, changed
        assert all(place.rule for place in reading.faults), changed


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


def with_tokens(example: Path, folder: Path) -> tuple[Settings, list[str]]:
    """The example with a token for each caller, and its data in a folder of the test."""
    tokens = []
    text = example.read_text("utf-8").replace("/var/lib/agency-gateway", str(folder))
    while PLACEHOLDER.search(text):
        made = new_token()
        tokens.append(made.token)
        text = PLACEHOLDER.sub(f'"{made.sha256}"', text, count=1)
    file = folder / "gateway.toml"
    file.write_text(text, "utf-8")
    (folder / "data").mkdir(exist_ok=True)
    return load_settings(file), tokens


def test_a_placeholder_twice_is_a_fault(tmp_path: Path) -> None:
    text = (PROJECT / "deploy" / "examples" / "municipality.toml").read_text("utf-8")
    file = tmp_path / "gateway.toml"
    file.write_text(PLACEHOLDER.sub('"' + "0" * 64 + '"', text), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    assert [place.rule for place in caught.value.places] == [
        "authentication.callers[1].token_sha256"
    ]
