"""`slawatch run`: the daemon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from slawatch import app
from slawatch.cli.options import DURATION, config_option, examples, line_of, log
from slawatch.engine import Runner, Trouble
from slawatch.errors import UsageError
from slawatch.runner import service
from slawatch.usecases.daemon import Daemon, Outside, alone
from slawatch.usecases.world import News

SOONEST = timedelta(seconds=1)


@click.command("run", epilog=examples("slawatch run", 'slawatch run --every "5 min" -c shop/config.toml'))
@config_option
@click.option("--every", type=DURATION, default="1 min", show_default=True, help="How often to do a pass at least.")
def command(config_path: Path, *, every: timedelta) -> None:
    """Do what `tick` does, again and again and as soon as something comes in, until told to end.

    SIGTERM and Ctrl-C end it after the request that is on its way, a second one at once; SIGHUP reads the config anew.
    Cron's `tick` and `audit` may work beside it.
    """
    if every < SOONEST:
        raise UsageError('run --every: "0 s" is too often; take "1 s" or more')
    load = partial(app.load_config, config_path)
    loaded = load()
    say = _quietly(click.echo if service.in_journal() else log)
    daemon: Daemon

    def tell(news: News) -> None:
        daemon.tell(news, line_of(news))

    daemon = Daemon(
        Outside(
            load=load,
            open=lambda one: app.world(config_path, tell=tell, loaded=one),
            runner=_runner,
            service=service.Service(),
            log=say,
        ),
        every=every,
    )
    with alone(loaded[0].store):
        daemon.serve(loaded)


def _runner(between: Callable[[], object], heard: Callable[[Trouble], object]) -> Runner:
    from slawatch.runner.local import LocalRunner  # noqa: PLC0415  its library takes a while, and --help has no use for it

    return LocalRunner(between=between, heard=heard)


def _quietly(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what prints lines and lets that fail: a full disk under the log stops no work."""

    def quiet(line: str) -> None:
        with suppress(OSError):
            say(line)

    return quiet
