"""`slawatch key`: keys for raw evidence: make, change, bring what is kept under them. Prints ids, never a key."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from slawatch.app import world
from slawatch.cli.lines import counted
from slawatch.cli.options import config_option, examples, json_option, print_json


@click.group("key", epilog=examples("slawatch key new", "slawatch key rotate", "slawatch key status"))
def command() -> None:
    """Encrypt raw evidence with keys in a file that the config names: key_file = "evidence.key".

    Without the file raw evidence is lost, and figures are not. Keep a copy of it where copies of the store are not.
    """


@command.command("new", epilog=examples("slawatch key new"))
@config_option
def new(config_path: Path) -> None:
    """Make the first key, and encrypt what is kept."""
    from slawatch.usecases import locking  # noqa: PLC0415  costs 20 ms

    with world(config_path) as here:
        made = locking.new(here)
        click.echo(f"{locking.key_file(here)}: key {made}; keep a copy of this file where copies of the store are not")
    _lock(config_path)


@command.command("rotate", epilog=examples("slawatch key rotate"))
@config_option
def rotate(config_path: Path) -> None:
    """Put a new key into the file, encrypt all evidence with it, and take out keys that open nothing any more."""
    from slawatch.usecases import locking  # noqa: PLC0415  costs 20 ms

    with world(config_path) as here:
        click.echo(f"new key {locking.rotate(here)}")
    _lock(config_path)
    with world(config_path) as here:
        dropped = locking.drop_old(here)
    if dropped:
        click.echo(f"taken out: {', '.join(dropped)}; copies of the store from before need the old file")


@command.command("apply", epilog=examples("slawatch key apply"))
@config_option
def apply(config_path: Path) -> None:
    """Encrypt with the newest key what is not under it: goes on where it was broken off."""
    _lock(config_path)


@command.command("undo", epilog=examples("slawatch key undo"))
@config_option
def undo(config_path: Path) -> None:
    """Decrypt all evidence. Take key_file out of the config afterwards."""
    from slawatch.usecases import locking  # noqa: PLC0415  costs 20 ms
    from slawatch.usecases.tick import only_pass  # noqa: PLC0415  same

    with world(config_path) as here, only_pass(here.config.store):
        done = locking.open_all(here, _progress(sum(here.store.keys_in_use().values())))
        click.echo(f"{counted(done, 'raw form')} decrypted; now take key_file out of {here.config.path.name}")


@command.command("status", epilog=examples("slawatch key status --json"))
@config_option
@json_option
def status(config_path: Path, *, as_json: bool) -> None:
    """Say how much evidence is under which key, and whether the keys open it."""
    from slawatch.usecases import locking  # noqa: PLC0415  costs 20 ms

    with world(config_path) as here:
        used = here.store.keys_in_use()
        trouble = locking.trouble(here)
        path = here.config.privacy.key_file
    if as_json:
        print_json({"key_file": str(path) if path else None, "raw_forms": used, "trouble": trouble})
    else:
        click.echo(f"key file: {path or 'none; evidence is kept in the clear'}")
        for key, number in sorted(used.items()):
            click.echo(f"  {f'key {key}' if key else 'in the clear'}: {counted(number, 'raw form')}")
        if trouble:
            click.echo(trouble)
    sys.exit(1 if trouble else 0)


def _lock(config_path: Path) -> None:
    from slawatch.usecases import locking  # noqa: PLC0415  costs 20 ms
    from slawatch.usecases.tick import only_pass  # noqa: PLC0415  same

    with world(config_path) as here, only_pass(here.config.store):
        done = locking.lock_all(here, _progress(sum(here.store.keys_in_use().values())))
        click.echo(f"{counted(done, 'raw form')} encrypted anew; all evidence is under the newest key")


def _progress(total: int) -> Callable[[int], object]:
    """Return what shows on a terminal how far it is."""
    if not sys.stderr.isatty():
        return lambda _done: None
    return lambda done: click.echo(f"\rencrypting evidence: {done} of {total}", err=True, nl=done >= total)
