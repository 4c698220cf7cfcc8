"""``agency-gateway token``: make bearer tokens for callers."""

import typer

from gateway.security.tokens import new_token


def token_cli() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(help="Make bearer tokens.", no_args_is_help=True)
    group.command("new")(new)
    # A group of one command would lose its name without a callback.
    group.callback()(_group)
    return group


def new() -> None:
    """Make a token: print it once, and the digest that goes into the configuration."""
    made = new_token()
    typer.echo("Token, shown once; give it to the caller:", err=True)
    typer.echo(made.token)
    typer.echo("Digest for authentication.callers in the configuration:", err=True)
    typer.echo(f'token_sha256 = "{made.sha256}"')


def _group() -> None:
    """Make bearer tokens."""
