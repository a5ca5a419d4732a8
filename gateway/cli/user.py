"""`estate user`: accounts of the console, their estates, and tokens for programs."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.accounts.model import Role, check_name, check_password
from gateway.accounts.secrets import digest, hash_password, new_token
from gateway.cli.opened import opened
from gateway.errors import ConfigError
from gateway.store import accounts
from gateway.store.accounts import UserRow

app = typer.Typer(help="Accounts of the console.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME")]
_Estates = Annotated[list[str] | None, typer.Argument(metavar="[ESTATE]...", help="Ids of estates.")]
_FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.callback()
def user() -> None:
    """Accounts of the console. With the first one, everybody has to log in."""


@app.command("add")
def add_command(
    name: _Name,
    *,
    role: Annotated[Role, typer.Option(help="What the account is for.")] = Role.OPERATOR,
    estate: Annotated[list[str] | None, typer.Option(metavar="ID", help="An estate to see; may be repeated.")] = None,
    all_estates: Annotated[bool, typer.Option("--all-estates", help="See every estate; an admin does anyway.")] = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="For a program that only uses tokens.")] = False,
    password_stdin: _FromStdin = False,
) -> None:
    """Make an account. The password is asked for."""
    check_name(name)
    with opened() as conn:
        first = not accounts.exist(conn)
        hashed = None if no_password else hash_password(_password(name, from_stdin=password_stdin))
        accounts.add(conn, name, role, password_hash=hashed, estates=estate or (), all_estates=all_estates)
    sees = bool(estate) or all_estates or role is Role.ADMIN
    typer.echo(f"{name}: {role}" + ("" if sees else "; sees no estate yet, see: estate user grant"))
    if first:
        typer.echo("from now on everybody has to log in to the console")


@app.command("list")
def list_command() -> None:
    """List the accounts, with their estates and how many tokens they have."""
    table = Table("name", "role", "estates", "password", "tokens", "state", box=None)
    with opened() as conn:
        for row in accounts.users(conn):
            table.add_row(*_cells(row))
    Console(highlight=False).print(table)


@app.command("password")
def password_command(name: _Name, *, password_stdin: _FromStdin = False) -> None:
    """Set another password; whoever is logged in with the old one is logged out."""
    with opened() as conn:
        found = accounts.named(conn, name)
        hashed = hash_password(_password(found.name, from_stdin=password_stdin))
        accounts.set_password(conn, found.user_id, hashed)
    typer.echo(f"{found.name}: password changed")


@app.command("disable")
def disable_command(name: _Name) -> None:
    """Shut an account: sessions end at once, tokens work no more. Histories keep its name."""
    _set_disabled(name, disabled=True)


@app.command("enable")
def enable_command(name: _Name) -> None:
    """Open a shut account again."""
    _set_disabled(name, disabled=False)


@app.command("grant")
def grant_command(
    name: _Name,
    estates: _Estates = None,
    *,
    all_estates: Annotated[bool, typer.Option("--all", help="Every estate, those to come included.")] = False,
    role: Annotated[Role | None, typer.Option(help="Another role.")] = None,
) -> None:
    """Let an account see more estates, or give it another role."""
    with opened() as conn:
        found = accounts.named(conn, name)
        accounts.grant(conn, found.user_id, estates or (), all_estates=all_estates)
        if role is not None:
            accounts.set_role(conn, found.user_id, role)
    typer.echo(f"{found.name}: granted")


@app.command("ungrant")
def ungrant_command(
    name: _Name,
    estates: _Estates = None,
    *,
    all_estates: Annotated[bool, typer.Option("--all", help="Take back --all of grant.")] = False,
) -> None:
    """Let an account see fewer estates."""
    with opened() as conn:
        found = accounts.named(conn, name)
        accounts.ungrant(conn, found.user_id, estates or (), all_estates=all_estates)
    typer.echo(f"{found.name}: taken back")


@app.command("token")
def token_command(
    name: _Name,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days that it is good for; else for ever.")] = None,
) -> None:
    """Make a token for a program (Authorization: Bearer TOKEN) and print it; it is shown this once."""
    token = new_token()
    with opened() as conn:
        found = accounts.named(conn, name)
        lasts = None if days is None else timedelta(days=days)
        token_id = accounts.add_token(conn, found.user_id, digest(token), label=label, lasts=lasts)
    typer.echo(f"token {token_id} of {found.name}; keep it, it is not shown again:", err=True)
    typer.echo(token)


@app.command("tokens")
def tokens_command(name: _Name) -> None:
    """List an account's tokens: their numbers and labels, not the tokens."""
    table = Table("token", "label", "made", "good until", "last used", box=None)
    with opened() as conn:
        for row in accounts.tokens(conn, accounts.named(conn, name).user_id):
            until = f"{row.expires_at:%Y-%m-%d}" if row.expires_at else ""
            used = f"{row.last_used_on:%Y-%m-%d}" if row.last_used_on else "never"
            table.add_row(str(row.token_id), row.label, f"{row.created_at:%Y-%m-%d}", until, used)
    Console(highlight=False).print(table)


@app.command("revoke")
def revoke_command(token: Annotated[int, typer.Argument(metavar="TOKEN", help="Its number.")]) -> None:
    """End a token at once."""
    with opened() as conn:
        accounts.revoke_token(conn, token)
    typer.echo(f"token {token}: revoked")


def _password(name: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return check_password(sys.stdin.readline().rstrip("\r\n"), name)
    if not sys.stdin.isatty():
        raise ConfigError("password", "there is no terminal to ask on; give it with --password-stdin")
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return check_password(given, name)


def _set_disabled(name: str, *, disabled: bool) -> None:
    with opened() as conn:
        found = accounts.named(conn, name)
        accounts.set_disabled(conn, found.user_id, disabled=disabled)
    typer.echo(f"{found.name}: {'disabled' if disabled else 'enabled'}")


def _cells(row: UserRow) -> tuple[str, ...]:
    everything = row.all_estates or row.role == Role.ADMIN
    return (
        row.name,
        row.role,
        "all" if everything else " ".join(row.estates) or "none",
        "yes" if row.has_password else "no",
        str(row.tokens),
        "disabled" if row.disabled else "",
    )
