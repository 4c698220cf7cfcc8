"""The command ``agency-gateway``: its commands, and how it ends."""

import sys
from collections.abc import Sequence

import typer

from gateway.cli.adapter import adapter_cli
from gateway.cli.backup import backup, restore
from gateway.cli.catalogue import openapi, operations, schemas_cli
from gateway.cli.channels import channels_cli
from gateway.cli.check_config import check_config
from gateway.cli.code_lists import code_lists_cli
from gateway.cli.demo import demo
from gateway.cli.failures import UNFORESEEN, exit_code_of, print_error, print_unforeseen
from gateway.cli.hold_back import hold_back_messages
from gateway.cli.letters import add_letters
from gateway.cli.messages import messages_cli
from gateway.cli.replays import replays_cli
from gateway.cli.retention import retention_cli
from gateway.cli.send import send
from gateway.cli.sequences import sequences_cli
from gateway.cli.serve import serve
from gateway.cli.simulate import simulate
from gateway.cli.token import token_cli
from gateway.cli.translate import translate
from gateway.errors import GatewayError


def create_cli() -> typer.Typer:
    """Build the command with all its groups."""
    cli = typer.Typer(
        help="Interoperability gateway for public administration.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for command in (serve, demo, simulate, send, translate, operations, openapi, backup, restore):
        cli.command()(command)
    cli.command("check-config")(check_config)
    cli.add_typer(retention_cli(), name="retention")
    cli.command("hold-back")(hold_back_messages)
    messages = messages_cli()
    add_letters(messages)
    cli.add_typer(messages, name="messages")
    cli.add_typer(replays_cli(), name="replays")
    cli.add_typer(channels_cli(), name="channels")
    cli.add_typer(sequences_cli(), name="sequences")
    cli.add_typer(schemas_cli(), name="schemas")
    cli.add_typer(code_lists_cli(), name="codelists")
    cli.add_typer(adapter_cli(), name="adapter")
    cli.add_typer(token_cli(), name="token")
    return cli


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process: 0, 2 for wrong usage, else see ``failures``."""
    try:
        create_cli()(args=arguments)
    except GatewayError as error:
        print_error(error)
        sys.exit(exit_code_of(type(error)))
    except Exception as error:  # noqa: BLE001 - the border: a traceback would quote messages
        print_unforeseen(error)
        sys.exit(UNFORESEEN)
