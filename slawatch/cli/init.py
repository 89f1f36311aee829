"""`slawatch init`: a working folder, to edit or, with an address, ready to ask oneself. Never overwrites a file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slawatch import resources
from slawatch.cli.lines import harmless
from slawatch.cli.options import examples, machine_zone, program
from slawatch.errors import UsageError
from slawatch.secret import Secret, Source

if TYPE_CHECKING:
    from slawatch.usecases.setup import Proven, Servers, Wish
    from slawatch.usecases.world import News

GITIGNORE = "out/\n*.db\n*.db-*\n*.lock\n*.token\n"
TRIES = 3  # at the keyboard; providers lock an account out after a handful

NEXT = """\
Next:
  1. edit {config}
  2. {call} check{option}   tries your account and says what is wrong
  3. {call} plan{option}    shows what would be asked; sends nothing
  4. {call} audit{option}   asks, waits, and writes the report
"""

READY = """\
Next:
  {call} audit{option}
It asks you one question by e-mail. Answer it in your mail program as a shop would, in a sentence or two; take half a
minute at least, or it is held for a machine's. Then the report is there.
"""

MARKS = {"ok": "ok    ", "server": "found ", "wait": "...   ", "note": "note  "}


@click.command(
    "init",
    epilog=examples(
        "slawatch init my-audit",
        "slawatch init --email anna@example.org my-audit",
        "slawatch init --email anna@example.org --imap imap.example.org --smtp smtp.example.org:587",
        "slawatch init --email anna@example.org --password-env MAIL_PASSWORD --yes",
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--email", "address", help="Your address: find its servers, try everything, write a config that works.")
@click.option("--name", default="", help="Your name, as it stands beside the address and under the letter.")
@click.option("--imap", default="", help="The server to read from, HOST or HOST:PORT; found by itself otherwise.")
@click.option("--smtp", default="", help="The server to send through, likewise.")
@click.option("--user", default="", help="The login where it is not the address.")
@click.option("--password-env", help="The variable that holds the password.")
@click.option("--password-file", type=click.Path(path_type=Path), help="The file that holds it.")
@click.option("--password-command", help="The command that prints it, run without a shell.")
@click.option("--token-command", help="The command that prints an access token, where no password is taken (OAuth).")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate authorities to trust instead of the system's.",
)
@click.option(
    "--lang", type=click.Choice(["de", "en"]), help="The language of the question; else that of this machine."
)
@click.option("--yes", is_flag=True, help="Ask nothing: take the servers that are found.")
def command(
    folder: Path,
    *,
    address: str | None,
    name: str,
    imap: str,
    smtp: str,
    user: str,
    password_env: str | None,
    password_file: Path | None,
    password_command: str | None,
    token_command: str | None,
    ca_file: Path | None,
    lang: str | None,
    yes: bool,
) -> None:
    """Make a working folder: a config.toml that explains its keys, for you to edit or ready for a first audit.

    FOLDER is the current one unless named. Nothing that is there already is overwritten. Own probes go to a folder
    probes/ beside the config, own templates to reports/.

    With --email nothing needs to be edited: the servers are found (well-known providers, what the domain publishes, the
    usual names), the login is tried on both, a letter to yourself shows whether replies come back and where, and the
    config makes you the first company. The password is asked for and kept in password.txt beside it, readable by you
    alone, unless a variable, file or command gives it. Where something fails, nothing is written.
    """
    if address is None:
        given = [imap, smtp, user, name, password_env, password_file, password_command]
        if any([*given, token_command, ca_file, lang, yes]):
            raise UsageError("init: the other options need an address; write --email YOUR@ADDRESS")
        _to_edit(folder)
        return
    from slawatch.usecases.setup import Wish  # noqa: PLC0415 - what talks to mail servers is loaded on use

    wish = Wish(
        address=address.strip(),
        name=name,
        imap=imap,
        smtp=smtp,
        user=user,
        ca_file=str(ca_file.resolve()) if ca_file else "",
        by_token=token_command is not None,
    )
    source = _secret_source(password_env, password_file, password_command, token_command)
    _for_myself(folder, wish, source, lang or _lang(), yes=yes)


def _to_edit(folder: Path) -> None:
    config = folder / "config.toml"
    if config.exists():
        raise UsageError(f'{config}: exists already and is left as it is; name another folder: slawatch init "DIR"')
    folder.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)  # before it may hold a password
    config.write_text(resources.read("config.example.toml"), encoding="utf-8")
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text(GITIGNORE, encoding="utf-8")
    click.echo(f"made {config}")
    click.echo(NEXT.format(config=config, call=program(), option=_option(folder)), nl=False)


def _for_myself(folder: Path, wish: Wish, source: tuple[Source, str] | None, lang: str, *, yes: bool) -> None:
    from slawatch.app import load_config  # noqa: PLC0415 - on use
    from slawatch.channels.email.settings import address_problem  # noqa: PLC0415 - same
    from slawatch.usecases import first_config, setup  # noqa: PLC0415 - same

    problem = address_problem(wish.address)
    if problem:
        raise UsageError(f"--email: {problem}")
    first_config.refuse_to_overwrite(folder, password=source is None)
    if source is None and not sys.stdin.isatty():
        raise UsageError(
            "init: nobody is there to type the password; name where it is: --password-env, --password-file or "
            "--password-command"
        )
    click.echo(f"looking for the mail servers of {wish.domain}")
    servers = setup.find_servers(wish, _tell)
    _confirm(servers, wish, yes=yes)
    if servers.provider is not None and servers.provider.note and not wish.by_token:
        click.echo(f"note  {servers.provider.note}")
    proven, typed = _proven(wish, servers, source, folder)
    key, value = _secret_key(source, wish)
    text = first_config.config_text(proven, zone=machine_zone(), lang=lang, secret_key=key, secret_value=value)
    for path in first_config.write(folder, text, password=typed, sound=load_config):
        click.echo(f"made {path}")
    click.echo(READY.format(call=program(), option=_option(folder)), nl=False)


def _proven(wish: Wish, servers: Servers, source: tuple[Source, str] | None, folder: Path) -> tuple[Proven, str | None]:
    """Return what worked, and the password where it was typed. At the keyboard a wrong one may be typed again."""
    from slawatch.clock import SystemClock  # noqa: PLC0415 - on use
    from slawatch.usecases import first_config, setup  # noqa: PLC0415 - same

    if source is not None:
        kind, given = source
        option = f"--{'token' if wish.by_token else 'password'}{kind.value.replace('_', '-')}"
        secret = Secret(given, kind, place=lambda: option)
        secret.resolve()  # before anybody is connected to
        return setup.prove(wish, servers, secret, clock=SystemClock(), tell=_tell), None
    where = folder / first_config.PASSWORD
    for left in reversed(range(TRIES)):
        typed = click.prompt(f"Password of {wish.address} (kept in {where}, for you alone)", hide_input=True)
        try:
            return setup.prove(wish, servers, Secret(typed), clock=SystemClock(), tell=_tell), typed
        except setup.LoginError as error:
            if not left:
                raise
            click.echo(f"FAULT {harmless(str(error))}")
    raise AssertionError("unreachable")  # the last try returns or raises


def _confirm(servers: Servers, wish: Wish, *, yes: bool) -> None:
    """Let a person say whether the password may go to a host that only the DNS ties to the address."""
    for host in servers.strangers(wish.domain):
        if yes:
            continue
        if not sys.stdin.isatty():
            raise UsageError(
                f'init: "{host}" is not a host of {wish.domain}; if your mail is there, say --yes, or name the server'
            )
        if not click.confirm(f"{host} is not a host of {wish.domain}. Is your mail there?"):
            raise UsageError("init: nothing was written; name your servers with --imap and --smtp")


def _secret_source(
    variable: str | None, file: Path | None, command_line: str | None, token_command: str | None
) -> tuple[Source, str] | None:
    given = [
        (Source.ENVIRONMENT, variable),
        (Source.FILE, str(file.expanduser().resolve()) if file else None),
        (Source.COMMAND, command_line),
        (Source.COMMAND, token_command),
    ]
    named = [(source, value) for source, value in given if value]
    if len(named) > 1:
        raise UsageError("init: the password is given in several ways; keep one")
    return named[0] if named else None


def _secret_key(source: tuple[Source, str] | None, wish: Wish) -> tuple[str, str]:
    """Return key and value of the config by which the password or token is found."""
    from slawatch.usecases.first_config import PASSWORD  # noqa: PLC0415 - on use

    kind, value = source or (Source.FILE, PASSWORD)
    return f"{'token' if wish.by_token else 'smtp_password'}{kind.value}", value


def _tell(news: News) -> None:
    click.echo(f"{MARKS.get(news.what, '')}{harmless(news.words)}")


def _option(folder: Path) -> str:
    return f" -c {shlex.quote(str(folder / 'config.toml'))}" if folder != Path() else ""


def _lang() -> str:
    """Return the language this machine speaks, as far as there are questions in it."""
    said = next((value for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(key))), "")
    return "de" if said.lower().startswith("de") else "en"
