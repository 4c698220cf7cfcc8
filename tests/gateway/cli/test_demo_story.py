"""What the demo does when something is wrong."""

from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import build
from gateway.cli.demo import free_port, write_config
from gateway.cli.demo_story import Story
from gateway.cli.screen import Screen
from gateway.cli.serve import run, run_gateway
from gateway.errors import DeliveryError, GatewayError, NotAuthenticatedError
from gateway.security.tokens import new_token
from gateway.settings import load_settings


def story(tmp_path: Path, *, knows_token: bool) -> Story:
    token = new_token()
    ports = {"gateway": free_port(0), "authority": free_port(0)}
    path = write_config(tmp_path, token, ports)
    text = path.read_text("utf-8").replace("timeout = 10 ", "retry.max_attempts = 1\ntimeout = 10 ")
    path.write_text(text, "utf-8")
    gateway = build(load_settings(path))
    search = gateway.app.contracts["residents/search/v1"].example or {}
    used = token.token if knows_token else new_token().token
    return Story(gateway=gateway, token=used, search=search, screen=Screen())


def test_a_refusal_ends_the_demo(data_home: Path, tmp_path: Path) -> None:
    told = story(tmp_path, knows_token=False)
    with pytest.raises(NotAuthenticatedError):
        run(run_gateway(told.gateway, meanwhile=told.tell))


def test_an_authority_that_is_not_there_ends_the_demo(data_home: Path, tmp_path: Path) -> None:
    told = story(tmp_path, knows_token=True)
    with pytest.raises(DeliveryError):
        run(run_gateway(told.gateway, meanwhile=told.tell))


async def test_an_unexpected_outcome_ends_the_demo(data_home: Path, tmp_path: Path) -> None:
    told = story(tmp_path, knows_token=True)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"outcome": "rejected"}))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        with pytest.raises(GatewayError, match="expected"):
            await told._found(http)
