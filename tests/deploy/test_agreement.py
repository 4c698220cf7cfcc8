"""What deployment files and the gateway both say is the same in all of them."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from gateway.bootstrap import gateway_version
from gateway.cli.main import create_cli
from gateway.settings.channels import ChannelSettings
from gateway.settings.load import OTHERS
from gateway.settings.model import ServerSettings, Settings
from tests.deploy.pieces import (
    DEPLOY,
    WRITTEN,
    compose,
    exec_form,
    image_variables,
    instructions,
    manifest,
    pod,
)

PORT = ServerSettings().port
UID = 10001
COMMAND = re.compile(r"\bagency-gateway ([a-z][a-z-]+)(?![\w/.])(?: ([a-z][a-z-]+))?")


def is_setting(variable: str) -> bool:
    section: object = Settings
    for name in variable.removeprefix("AGENCY_GATEWAY_").lower().split("__"):
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return False
        fields = {field.alias or own: field for own, field in section.model_fields.items()}
        if name not in fields:
            return False
        section = fields[name].annotation
    return True


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"AGENCY_GATEWAY_[A-Z0-9_]*[A-Z0-9]", path.read_text("utf-8")))
    assert [name for name in sorted(named) if name not in OTHERS and not is_setting(name)] == []


def test_a_misspelt_variable_would_be_seen() -> None:
    assert is_setting("AGENCY_GATEWAY_LOG__JSON")
    assert not is_setting("AGENCY_GATEWAY_SERVER__PROT")
    assert not is_setting("AGENCY_GATEWAY_SERVER__PORT__X")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_command_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    groups = commands()
    for name, second in COMMAND.findall(text):
        assert name in groups, name
        assert not groups[name] or second in groups[name], f"{name} {second}"


def commands() -> dict[str, set[str]]:
    """Commands, and those of a group."""
    cli = typer.main.get_command(create_cli())
    found: dict[str, object] = dict(getattr(cli, "commands", {}))
    return {name: set(getattr(command, "commands", {})) for name, command in found.items()}


def test_one_name_of_the_image() -> None:
    image = f"agency-gateway:{gateway_version()}"
    (container,) = pod()["containers"]
    (replaced,) = manifest("Kustomization")["images"]
    assert container["image"] == compose()["services"]["gateway"]["image"] == image
    assert f"{replaced['name']}:{replaced['newTag']}" == image
    script = (DEPLOY / "build-image.sh").read_text("utf-8")
    assert "image=${IMAGE:-agency-gateway:$version}" in script


def test_one_port() -> None:
    (container,) = pod()["containers"]
    (port,) = container["ports"]
    (rule,) = manifest("NetworkPolicy")["spec"]["ingress"]
    (published,) = compose()["services"]["gateway"]["ports"]
    assert instructions("EXPOSE") == [str(PORT)]
    assert image_variables()["AGENCY_GATEWAY_SERVER__PORT"] == str(PORT)
    assert port["containerPort"] == PORT
    assert [one["port"] for one in rule["ports"]] == [PORT]
    assert published == f"127.0.0.1:{PORT}:{PORT}"
    (service,) = manifest("Service")["spec"]["ports"]
    assert service["targetPort"] == port["name"]


def test_one_user_who_is_not_root() -> None:
    assert instructions("USER") == [f"{UID}:{UID}"]
    assert compose()["services"]["gateway"]["user"] == f"{UID}:{UID}"
    security = pod()["securityContext"]
    assert {security[key] for key in ("runAsUser", "runAsGroup", "fsGroup")} == {UID}


def test_one_place_for_data_and_one_for_the_configuration() -> None:
    data, config = "/var/lib/agency-gateway", "/etc/agency-gateway"
    (container,) = pod()["containers"]
    mounts = {one["mountPath"]: one.get("readOnly", False) for one in container["volumeMounts"]}
    assert mounts == {config: True, data: False, "/tmp": False}  # noqa: S108 - in the container
    assert compose()["services"]["gateway"]["volumes"] == [f"./config:{config}:ro", f"data:{data}"]
    variables = image_variables()
    assert f"{variables['XDG_DATA_HOME']}/agency-gateway" == data
    assert variables["AGENCY_GATEWAY_CONFIG"] == f"{config}/gateway.toml"
    unit = (DEPLOY / "agency-gateway.service").read_text("utf-8")
    assert f"--config {config}/gateway.toml" in unit


def test_one_command_started_without_a_shell() -> None:
    (container,) = pod()["containers"]
    assert exec_form("ENTRYPOINT") == ["agency-gateway"]
    assert exec_form("CMD") == container["args"] == ["serve"]
    assert "command" not in container
    assert "entrypoint" not in compose()["services"]["gateway"]


def test_a_stop_waits_longer_than_any_attempt_may_take() -> None:
    longest = max(
        *(
            timedelta(seconds=channel.get("timeout", 0))
            for path in DEPLOY.rglob("*.toml")
            for channel in tomllib.loads(path.read_text("utf-8")).get("channels", [])
        ),
        ChannelSettings.model_fields["timeout"].default,
    )
    unit = (DEPLOY / "agency-gateway.service").read_text("utf-8")
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    waits = [
        int(stop),
        pod()["terminationGracePeriodSeconds"],
        int(compose()["services"]["gateway"]["stop_grace_period"].removesuffix("s")),
    ]
    assert all(timedelta(seconds=wait) > longest for wait in waits)
