"""`slawatch init`: a working folder to edit. Never overwrites a file."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from slawatch import resources
from slawatch.cli.options import examples, program
from slawatch.errors import UsageError

GITIGNORE = "out/\n*.db\n*.db-*\n*.lock\n"

NEXT = """\
Next:
  1. edit {config}
  2. {call} check{option}   tries your account and says what is wrong
  3. {call} plan{option}    shows what would be asked; sends nothing
  4. {call} audit{option}   asks, waits, and writes the report
"""


@click.command("init", epilog=examples("slawatch init my-audit"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Make a working folder: a config.toml that explains every key, for you to edit.

    FOLDER is the current one unless named. Nothing that is there already is overwritten. Own probes go to a folder
    probes/ beside the config, own templates to reports/.
    """
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
    option = f" -c {shlex.quote(str(config))}" if folder != Path() else ""
    click.echo(NEXT.format(config=config, call=program(), option=option), nl=False)
