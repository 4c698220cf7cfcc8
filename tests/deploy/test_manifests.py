"""Dockerfile, Compose file and Kubernetes objects: locked down, and able to start."""

import re
from pathlib import Path

import pytest
import yaml

from gateway.cli.main import run
from gateway.errors import ConfigurationError
from gateway.settings import load_settings
from tests.deploy.pieces import (
    DOCKERFILE,
    KUBERNETES,
    PROJECT,
    compose,
    instructions,
    manifest,
    manifests,
    pod,
)


def test_packages_are_installed_by_hash_as_wheels_and_from_nowhere_else() -> None:
    installs = re.findall(
        r"pip (?:--python \S+ )?(?:install|wheel) .*?(?=&&|$)", joined(), re.MULTILINE
    )
    assert len(installs) == 4
    for command in installs:
        assert "--no-deps" in command
        hashed = "--require-hashes --only-binary :all:" in command
        assert hashed or "--no-index" in command, command
    assert "http" not in " ".join(installs)


def joined() -> str:
    return DOCKERFILE.replace("\\\n", " ")


def test_secrets_of_the_build_are_mounted_and_never_copied() -> None:
    assert re.findall(r"--mount=type=secret,id=(\w+)", DOCKERFILE) == ["pip", "ca"]
    assert not re.search(r"^ARG .*(?i:token|password|index)", DOCKERFILE, re.MULTILINE)


def test_nothing_is_copied_that_the_ignore_file_does_not_let_through() -> None:
    ignore = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignore
    assert not any(line.startswith("!") and "*" in line for line in ignore)
    let_through = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    }
    assert copied == let_through


def test_the_last_stage_takes_one_folder_of_the_first() -> None:
    _, last = joined().split("\nFROM ${PYTHON_IMAGE}\n")
    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == [
        "--from=build /opt/agency-gateway /opt/agency-gateway"
    ]
    assert "pip" not in last
    assert "apt" not in last


def test_the_container_of_compose_is_locked_down() -> None:
    gateway = compose()["services"]["gateway"]
    assert gateway["read_only"] is True
    assert gateway["cap_drop"] == ["ALL"]
    assert gateway["security_opt"] == ["no-new-privileges:true"]
    assert gateway["mem_limit"]
    assert gateway["pids_limit"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(gateway)


def test_the_database_is_reached_by_the_gateway_alone() -> None:
    over = compose("compose.postgres.yaml")
    gateway, postgres = over["services"]["gateway"], over["services"]["postgres"]
    assert "ports" not in postgres
    assert postgres["networks"] == ["database"]
    assert over["networks"]["database"] == {"internal": True}
    # Named, because without a name not every implementation gives it the default network.
    assert compose()["services"]["gateway"]["networks"] == ["callers"]
    assert compose()["networks"] == {"callers": None}
    assert gateway["networks"] == ["callers", "database"]


def test_the_gateway_of_compose_finds_its_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    over = compose("compose.postgres.yaml")
    gateway, postgres = over["services"]["gateway"], over["services"]["postgres"]
    assert "POSTGRES_PASSWORD" not in postgres["environment"]
    assert gateway["secrets"] == postgres["secrets"] == list(over["secrets"])
    for name, value in gateway["environment"].items():
        monkeypatch.setenv(name, value)
    text = (PROJECT / "deploy" / "examples" / "municipality.toml").read_text("utf-8")
    config = tmp_path / "gateway.toml"
    config.write_text(text.replace('path = "/var/lib/agency-gateway/messages.sqlite3"', ""))
    store = load_settings(config).store
    variables = postgres["environment"]
    assert store.shown_url == f"postgresql://postgres:5432/{variables['POSTGRES_DB']}"
    assert str(store.password_file) == variables["POSTGRES_PASSWORD_FILE"]
    assert f"//{variables['POSTGRES_USER']}@" in gateway["environment"]["AGENCY_GATEWAY_STORE__URL"]


def test_the_pod_meets_the_restricted_standard() -> None:
    (container,) = pod()["containers"]
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod())
    assert not any("hostPath" in volume for volume in pod()["volumes"])
    labels = manifest("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_pod_has_no_key_to_the_cluster() -> None:
    assert pod()["automountServiceAccountToken"] is False
    assert manifest("ServiceAccount")["automountServiceAccountToken"] is False
    assert pod()["serviceAccountName"] == manifest("ServiceAccount")["metadata"]["name"]


def test_there_is_never_a_second_process_on_the_store() -> None:
    spec = manifest("Deployment")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    assert manifest("PersistentVolumeClaim")["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_probes_ask_what_they_decide() -> None:
    (container,) = pod()["containers"]
    paths = {
        name: container[name]["httpGet"]["path"]
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


def test_the_objects_find_each_other() -> None:
    label = {"app.kubernetes.io/name": "agency-gateway"}
    deployment = manifest("Deployment")["spec"]
    assert deployment["template"]["metadata"]["labels"] == label
    assert deployment["selector"]["matchLabels"] == label
    assert manifest("Service")["spec"]["selector"] == label
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == label
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    claim = volumes["data"]["persistentVolumeClaim"]["claimName"]
    assert claim == manifest("PersistentVolumeClaim")["metadata"]["name"]
    (generated,) = manifest("Kustomization")["configMapGenerator"]
    assert volumes["config"]["configMap"]["name"] == generated["name"]
    (container,) = pod()["containers"]
    (source,) = container["envFrom"]
    assert source["secretRef"]["name"] == manifest("Secret")["metadata"]["name"]


def test_every_object_is_listed_and_of_a_known_kind() -> None:
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(manifest("Kustomization")["resources"]) == files
    versions = {one["kind"]: one["apiVersion"] for one in manifests()}
    assert versions == {
        "Deployment": "apps/v1",
        "Kustomization": "kustomize.config.k8s.io/v1beta1",
        "Namespace": "v1",
        "NetworkPolicy": "networking.k8s.io/v1",
        "PersistentVolumeClaim": "v1",
        "Secret": "v1",
        "Service": "v1",
        "ServiceAccount": "v1",
    }


def test_nothing_goes_out_but_to_names_and_authorities() -> None:
    spec = manifest("NetworkPolicy")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    ports = [{port["port"] for port in rule["ports"]} for rule in spec["egress"]]
    assert ports == [{53}, {443}]
    assert all(rule["to"] for rule in spec["egress"])
    assert all(rule["from"] for rule in spec["ingress"])


def test_the_configuration_of_the_pod_has_no_faults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in manifest("Secret")["stringData"].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        run(["check-config", "--config", str(KUBERNETES / "gateway.toml")])
    assert ended.value.code == 0, capsys.readouterr().err


def test_variables_of_a_service_of_this_name_would_stop_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the pod must not get them."""
    assert pod()["enableServiceLinks"] is False
    prefix = manifest("Service")["metadata"]["name"].upper().replace("-", "_")
    monkeypatch.setenv(f"{prefix}_PORT", "tcp://192.0.2.1:80")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(KUBERNETES / "gateway.toml")
    assert f"{prefix}_PORT" in {place.rule for place in caught.value.places}


def test_the_files_are_plain_yaml() -> None:
    """No anchors, no tags: what is read here is what a cluster reads."""
    for path in (*KUBERNETES.glob("*.yaml"), *(PROJECT / "deploy").glob("*.yaml")):
        tokens = list(yaml.scan(path.read_text("utf-8")))
        assert not any(isinstance(t, yaml.AnchorToken | yaml.TagToken) for t in tokens), path.name
