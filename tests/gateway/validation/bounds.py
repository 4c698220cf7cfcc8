"""Measure what hostile input costs: processor time and memory, in processes of their own.

``python -m tests.gateway.validation.bounds`` prints one line of JSON an attack.
"""

import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gateway.errors import MalformedBodyError
from gateway.validation.catalogue import shipped_schemas
from gateway.validation.json_document import parse_json
from gateway.validation.xml_document import parse_xml
from gateway.validation.xml_schema import WireSchema
from tests.gateway.validation.attacks import JSON, MIB, XML, Attack, valid_xml

ROUNDS = 3
Check = Callable[[bytes], str]


def measure(check: Check, attack: Attack, valid: bytes) -> dict[str, object]:
    """Say verdict, times the work of a valid message, and mebibytes above the start."""
    usual = _work(check, valid)
    data = attack()
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    verdict = check(data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
    attacked = _work(check, data)
    return {"verdict": verdict, "work": attacked / usual, "usual": usual, "memory": memory / 1024, "size": len(data)}


def _work(check: Check, message: bytes) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        check(message)
        times.append(time.process_time() - began)
    return statistics.median(times)


def xml_check() -> Check:
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


def json_check(data: bytes) -> str:
    try:
        parse_json(data)
    except MalformedBodyError as error:
        return error.places[0].keyword
    return "valid"
if __name__ == "__main__":
    check = xml_check()
    valid = valid_xml()
    print(len(valid), check(valid), valid.count(b"<")/len(valid)*1000)
    ctx = multiprocessing.get_context("fork")
    def run(name, check, attack, valid, want, q):
        q.put(measure(check, attack, valid))
    vj = json.dumps([{"name": f"n{i}", "code": "abc", "n": i, "l": ["x", "y"]} for i in range(17000)]).encode()
    print(len(vj))
    for table, c, v in ((XML, check, valid), (JSON, json_check, vj)):
        for name, (attack, want) in table.items():
            q = ctx.SimpleQueue()
            p = ctx.Process(target=run, args=(name, c, attack, v, want, q)); p.start(); p.join()
            r = q.get() if not q.empty() else {"dead": p.exitcode}
            bad = " <<<<" if r.get("verdict") != want or r.get("work",0) > 3 or r.get("memory",0) > 64 else ""
            print(name, want, {k: round(x, 4) if isinstance(x, float) else x for k, x in r.items()}, bad, flush=True)
