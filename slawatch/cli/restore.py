"""`slawatch restore`: check a backup, and let it take the store's place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from slawatch import app
from slawatch.cli.lines import counted, some
from slawatch.cli.options import config_option, examples, program
from slawatch.usecases import backing_up
from slawatch.usecases.backing_up import Backup, Restored
from slawatch.usecases.world import World

MOST = 20  # requests that are named


@click.command(
    "restore",
    epilog=examples("slawatch restore --check /media/disk/slawatch.db", "slawatch restore /media/disk/slawatch.db"),
)
@config_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say whether the backup is whole; change nothing.")
def command(config_path: Path, *, file: Path, check: bool) -> None:
    """Check the backup in FILE, and let it take the store's place. The store of before is kept beside it.

    What left after the backup was made, it cannot know. So what was due since is closed, what was about to leave is
    looked for, and sending is paused: have a look, then `slawatch resume`.
    """
    config, probes = app.load_config(config_path)

    def opening(store: Path) -> AbstractContextManager[World]:
        return app.world(config_path, loaded=(replace(config, store=store), probes))

    if check:
        for line in _found(backing_up.check(file, opening)):
            click.echo(line)
        return
    with backing_up.alone(config.store):
        done = backing_up.restore(file, config.store, config.folder, opening, datetime.now(UTC))
    for line in _done(done):
        click.echo(line)


def _found(backup: Backup) -> Iterator[str]:
    yield (
        f"{backup.path} is whole: {counted(backup.requests, 'request')}, {counted(backup.messages, 'message')} as of "
        f"{backup.made_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    yield f"evidence: {counted(backup.links, 'link')} hold, head {backup.head or 'none yet'}"
    if not backup.checksum:
        yield "note: no checksum lies beside it; what it was when it was made, nobody can tell"


def _done(done: Restored) -> Iterator[str]:
    yield from _found(done.backup)
    yield "it is the store now" + (f"; the one of before is {done.kept}" if done.kept else "")
    if done.lost is None:
        yield "note: the store of before cannot be read: see in your mailboxes what left since"
    elif done.lost:
        yield f"{counted(len(done.lost), 'request')} that left since stand only in the store of before:"
        yield from some([f"  {one}" for one in done.lost], MOST, everything=False)
    if done.unknown:
        yield f"{counted(done.unknown, 'letter')} of which nobody knows yet whether they left: passes look for them"
    if done.closed:
        yield f"{counted(done.closed, 'slot')} due by now closed: they may have been asked"
    if done.opted_out:
        yield f"{counted(done.opted_out, 'entry')} of the opt-out register taken over from the store of before"
    if done.erased:
        yield f"{counted(done.erased, 'erasure')} done since must be done again; see: slawatch audit-log"
    yield f"sending is paused; when all is as it should be: {program()} resume"
