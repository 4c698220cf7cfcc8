"""Measure what hostile input costs: processor time and memory, each attack in its own process.

``python -m tests.gateway.validation.bounds [file …]`` prints JSON, attack or file to cost.
"""

import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gateway.errors import MalformedBodyError
from gateway.validation.catalogue import shipped_schemas
from gateway.validation.json_document import parse_json
from gateway.validation.json_schema import DocumentSchema
from gateway.validation.xml_document import parse_xml
from gateway.validation.xml_schema import WireSchema
from tests.gateway.validation.attacks import JSON, MIB, XML, Attack, valid_json, valid_xml

ROUNDS = 3
USUAL_ROUNDS = 9
Check = Callable[[bytes], str]
Costs = dict[str, dict[str, Any]]
Attacks = Mapping[str, tuple[Attack, str]]


def xml_check() -> Check:
    """Parse and check as an answer of XMeld."""
    path = shipped_schemas() / "wire/xmeld/25.11a.xsd"
    schema = WireSchema.from_file(path, name="xmeld/25.11a")

    def check(data: bytes) -> str:
        try:
            document = parse_xml(data, limit=MIB, drop_notes=True)
        except MalformedBodyError as error:
            return error.places[0].keyword
        faults = schema.check(document.root, data=data if document.is_utf8 else b"")
        return "faulty" if faults else "valid"

    return check


def json_check() -> Check:
    """Parse and check as an answer of the search."""
    path = shipped_schemas() / "residents/search/v1/answer.schema.json"
    schema = DocumentSchema.from_file(path)

    def check(data: bytes) -> str:
        try:
            document = parse_json(data)
        except MalformedBodyError as error:
            return error.places[0].keyword
        return "faulty" if schema.check(document) else "valid"

    return check


def measure(check: Check, attack: Attack, usual: float) -> dict[str, Any]:
    """Say verdict, work as a multiple of the usual, and mebibytes above the start."""
    data = attack()
    start = _peak()
    verdict = check(data)
    memory = _peak() - start
    return {"verdict": verdict, "work": _work(check, data) / usual, "memory": memory / 1024}


def _work(check: Check, message: bytes, rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        check(message)
        times.append(time.process_time() - began)
    return statistics.median(times)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _apart(check: Check, attack: Attack, usual: float) -> dict[str, Any]:
    """Measure in a fork: its peak starts where this process is."""

    def send(to: Connection) -> None:
        to.send(measure(check, attack, usual))

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send, args=(sender,))
    process.start()
    sender.close()
    try:
        cost: dict[str, Any] = receiver.recv()
    except EOFError:
        cost = {"verdict": "died", "work": 0.0, "memory": 0.0}
    process.join()
    return cost


def of_files(files: list[str]) -> Costs:
    """Measure files against a small valid message."""
    check = xml_check()
    usual = _work(check, valid_xml(0), USUAL_ROUNDS)
    return {Path(file).name: _apart(check, Path(file).read_bytes, usual) for file in files}


def of_attacks(kind: str, check: Check, valid: bytes, attacks: Attacks) -> Costs:
    """Measure attacks against a valid message."""
    costs = {f"usual {kind}": {"verdict": check(valid)}}
    usual = _work(check, valid, USUAL_ROUNDS)
    for name, (attack, _) in attacks.items():
        costs[f"{kind}: {name}"] = _apart(check, attack, usual)
    return costs


def main(files: list[str]) -> None:
    """Print the cost of the files given, else of every attack."""
    costs = (
        of_files(files)
        if files
        else {
            **of_attacks("XML", xml_check(), valid_xml(), XML),
            **of_attacks("JSON", json_check(), valid_json(), JSON),
        }
    )
    json.dump(costs, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
