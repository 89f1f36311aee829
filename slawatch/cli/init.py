"""`slawatch init`: a working folder to edit. Never overwrites a file."""

from __future__ import annotations

from pathlib import Path

import click

from slawatch import resources
from slawatch.errors import UsageError

GITIGNORE = "out/\n*.db\n*.db-*\n*.lock\n"

NEXT = """\
Next:
  1. edit {config}
  2. slawatch check   tries your account and says what is wrong
  3. slawatch plan    shows what would be asked; sends nothing
  4. slawatch audit   asks, waits, and writes the report
"""


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Make a working folder: a config.toml that explains every key, and room for probes and reports of your own."""
    config = folder / "config.toml"
    if config.exists():
        raise UsageError(f'{config}: exists already and is left as it is; name another folder: slawatch init "DIR"')
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(resources.read("config.example.toml"), encoding="utf-8")
    config.chmod(0o600)
    for name, text in ((".gitignore", GITIGNORE),):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    click.echo(f"made {config}")
    click.echo(NEXT.format(config=config), nl=False)
