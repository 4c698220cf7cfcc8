"""The same promise for real processes: what ``serve`` logs, and what the other commands print."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from gateway.cli.main import run
from gateway.security.tokens import new_token
from gateway.settings import Settings, load_settings
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Effect, Rule
from gateway.simulation.server import serve
from tests.scenarios.crash.house import write_config
from tests.scenarios.crash.nursery import await_live
from tests.scenarios.house import authority
from tests.scenarios.marked import MARK, body_of, marked_search

RECIPIENT = "ags:16099001"
FAMILY = "/search/name/familyName/text"
EFFECTS = {
    "Good": Effect(answer="hit"),
    "Refused": Effect(answer="hit", status=400),
    "Failing": Effect(answer="hit", status=500),
    "Malformed": Effect(answer="hit", fault=Fault.MALFORMED),
    "Dropped": Effect(answer="hit", fault=Fault.DROP),
}


def plan() -> list[Rule]:
    """What the authority does, by the end of the marker that it is sent as a family name."""
    return [Rule(effect=effect, when={FAMILY: f"{MARK}{name}"}) for name, effect in EFFECTS.items()]


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with serve(authority(*plan())) as url:
        token = new_token()
        path = write_config(tmp_path, token, search_url=url, notice_url=url)
        text = path.read_text().replace("json = false", "json = true").replace("info", "debug")
        path.write_text(text)
        (tmp_path / "token").write_text(token.token)
        yield path


@pytest.fixture
def gateway(config: Path) -> Iterator[Settings]:
    """``agency-gateway serve`` in a process of its own; its log is ``serve.log``."""
    settings = load_settings(config)
    program = "from gateway.cli.main import run; run()"
    with config.with_name("serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, our own command
            [sys.executable, "-c", program, "serve", "--config", str(config)],
            stdout=log,
            stderr=log,
        )
        try:
            await_live(url_of(settings), lambda: process.poll() is None)
            yield settings
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()


def url_of(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.server.port}"


class Console:
    """The command line of a caller; collects what it prints."""

    def __init__(
        self, config: Path, settings: Settings, caught: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = config.parent
        token = (self.folder / "token").read_text()
        self.to_gateway = ["--url", url_of(settings), "--token", token]
        self.caught = caught
        self.errors: list[str] = []

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Run a command; returns its exit code and standard output."""
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        said = self.caught.readouterr()
        self.errors.append(said.err)
        code = ended.value.code
        return (code if isinstance(code, int) else 0), said.out

    def send(self, name: str, *options: str, recipient: str = RECIPIENT) -> tuple[int, str]:
        """Send a marked search; ``name`` ends the marker that the authority decides by."""
        document = marked_search()
        document["search"]["name"]["familyName"]["text"] = f"{MARK}{name}"
        return self.send_body(body_of(document), *options, recipient=recipient)

    def send_body(self, body: bytes, *options: str, recipient: str = RECIPIENT) -> tuple[int, str]:
        """Send a document."""
        path = self.folder / "document.json"
        path.write_bytes(body)
        to = ["--recipient", recipient, *options, *self.to_gateway]
        return self("send", "residents/search", str(path), *to)


@pytest.fixture
def console(config: Path, gateway: Settings, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(config, gateway, capsys)


def test_processes_quote_nothing(config: Path, gateway: Settings, console: Console) -> None:
    assert console.send("Good")[0] == 0
    failures = [
        console.send("Refused"),
        console.send("Failing"),
        console.send("Malformed"),
        console.send("Dropped"),
        console.send("Good", recipient="ags:16000000"),
        console.send("Good", recipient="ags:09162000"),
        console.send("Good", recipient=MARK),
        console.send("Good\u2603"),
        console.send_body(body_of(marked_search(officer=[MARK]))),
        console.send_body(body_of(marked_search(recipient={"id": MARK}))),
        console.send_body(b'{"a": ' + MARK.encode()),
    ]
    assert all(code for code, _ in failures)
    assert all(error.count("\n") >= 2 for error in console.errors[1:])
    shown = [*look_at_everything(console), *misuse(gateway)]
    metrics = httpx.get(f"{url_of(gateway)}/metrics", trust_env=False).text
    log = config.with_name("serve.log").read_text()
    assert all(json.loads(line)["message"] for line in log.splitlines())
    assert_unmarked([log, metrics, *shown, *console.errors, *(out for _, out in failures)])


def misuse(gateway: Settings) -> list[str]:
    """What the server says to calls that are not HTTP, or that break off."""
    said = []
    for call in (
        f"{MARK}\r\n\r\n",
        f"POST /{MARK} HTTP/1.1\r\n{MARK}\r\n\r\n",
        f"GET /v1/{MARK}?{MARK} HTTP/1.1\r\nHost: {MARK}\r\nConnection: close\r\n\r\n",
        f"POST /v1/residents/search HTTP/1.1\r\nContent-Length: 500\r\n\r\n{MARK}",
    ):
        with socket.create_connection(("127.0.0.1", gateway.server.port)) as connection:
            connection.sendall(call.encode())
            connection.shutdown(socket.SHUT_WR)
            said.append(connection.makefile("rb").read().decode())
    return said


def look_at_everything(console: Console) -> list[str]:
    """What the command line shows of messages, answers excepted."""
    code, listed = console("messages", "list", "--json", *console.to_gateway)
    assert code == 0
    shown = [
        console("messages", "show", message["id"], *console.to_gateway)[1]
        for message in json.loads(listed)["messages"]
    ]
    assert len(shown) == len(EFFECTS)
    return [listed, *shown]


def test_translating_a_wrong_document_quotes_nothing(config: Path, console: Console) -> None:
    files = {
        "schema.json": body_of(marked_search(officer=[MARK])),
        "characters.json": body_of(marked_search(purpose=f"{MARK}\u2603")),
        "none.json": MARK.encode(),
    }
    options = ["translate", "--adapter", "xmeld", "--config", str(config)]
    for name, body in files.items():
        (config.parent / name).write_bytes(body)
        assert console(*options, "--write", str(config.parent / name))[0]
    wire = config.parent / "wire.xml"
    for text in (f"<{MARK}/>", f"<a>{MARK}", f"<!DOCTYPE a [<!ENTITY b '{MARK}'>]><a>&b;</a>"):
        wire.write_text(text)
        assert console(*options, "--read", str(wire))[0]
    assert all(console.errors)
    assert_unmarked(console.errors)


def assert_unmarked(texts: Sequence[str]) -> None:
    for text in texts:
        at = text.find(MARK)
        assert at < 0, f"marked: …{text[max(at - 200, 0) : at + 60]}…"
