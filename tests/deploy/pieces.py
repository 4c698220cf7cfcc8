"""What is deployed: the files, and what the Dockerfile says."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
DOCKERFILE = (PROJECT / "Dockerfile").read_text("utf-8")
WRITTEN = [
    PROJECT / "Dockerfile",
    PROJECT / "docs" / "install.md",
    *(path for path in sorted(DEPLOY.rglob("*")) if path.is_file()),
]
"""Every file that tells somebody how to run the gateway."""


def instructions(name: str) -> list[str]:
    """Arguments of an instruction of the Dockerfile, in order, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [
        re.sub(r"\s+", " ", line.removeprefix(f"{name} ")).strip()
        for line in joined.splitlines()
        if line.startswith(f"{name} ")
    ]


def image_variables() -> dict[str, str]:
    """Variables that the image sets."""
    (last,) = (line for line in instructions("ENV") if "AGENCY_GATEWAY_" in line)
    return {name: value.strip('"') for name, value in re.findall(r"(\w+)=(\S+)", last)}


def exec_form(name: str) -> list[str]:
    """The command of ``ENTRYPOINT`` or ``CMD``; it is a JSON list, so no shell stands between."""
    command: list[str] = json.loads(instructions(name)[-1])
    return command


def manifest(kind: str) -> dict[str, Any]:
    """The one Kubernetes object of a kind."""
    (found,) = (document for document in manifests() if document["kind"] == kind)
    return found


def manifests() -> list[dict[str, Any]]:
    """Every Kubernetes object."""
    return [
        document
        for path in sorted(KUBERNETES.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def pod() -> dict[str, Any]:
    """What the Deployment runs."""
    spec: dict[str, Any] = manifest("Deployment")["spec"]["template"]["spec"]
    return spec


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    """A Compose file."""
    document: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text("utf-8"))
    return document
