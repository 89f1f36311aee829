"""`slawatch run`: the daemon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from slawatch import app
from slawatch.cli.lines import harmless
from slawatch.cli.logs import Log, log_option, teller
from slawatch.cli.options import DURATION, config_option, examples, line_of
from slawatch.cli.options import log as log_line
from slawatch.engine import Runner, Trouble
from slawatch.errors import UsageError
from slawatch.exposition import CONTENT_TYPE
from slawatch.runner import service
from slawatch.store import Store
from slawatch.usecases import metrics
from slawatch.usecases.daemon import Daemon, Outside, alone
from slawatch.usecases.world import News

LEVELS = {"failed": "error", "halted": "warning", "late": "warning"}
SOONEST = timedelta(seconds=1)


@click.command("run", epilog=examples("slawatch run", 'slawatch run --every "5 min" -c shop/config.toml'))
@config_option
@log_option
@click.option("--every", type=DURATION, default="1 min", show_default=True, help="How often to do a pass at least.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="Serve metrics for Prometheus there; 0 takes any.",
)
@click.option(
    "--metrics-host",
    default="127.0.0.1",
    show_default=True,
    help="Whom to serve them to; they name companies and accounts.",
)
def command(
    config_path: Path, *, every: timedelta, metrics_port: int | None, metrics_host: str, log: Log | None
) -> None:
    """Do what `tick` does, again and again and as soon as something comes in, until told to end.

    SIGTERM and Ctrl-C end it after the request that is on its way, a second one at once; SIGHUP reads the config anew.
    Cron's `tick` and `audit` may work beside it.
    """
    if every < SOONEST:
        raise UsageError('run --every: "0 s" is too often; take "1 s" or more')
    load = partial(app.load_config, config_path)
    loaded = load()
    print_line = _quietly(click.echo if service.in_journal() else log_line)
    how = teller(log, lambda news: print_line(line_of(news)))

    def say(event: str, line: str) -> None:
        if log is None:
            print_line(harmless(line))
        else:
            log.write(event, line, level=LEVELS.get(event, ""))

    daemon: Daemon

    def tell(news: News) -> None:
        daemon.tell(news, how)

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
    with ExitStack() as stack:
        stack.enter_context(alone(loaded[0].store))
        if metrics_port is not None:
            from slawatch.runner.serving import serving  # noqa: PLC0415  hardly anybody's, and 30 ms

            page = serving(metrics_host, metrics_port, partial(_metrics, daemon), CONTENT_TYPE)
            say("metrics", f"metrics: http://{metrics_host}:{stack.enter_context(page)}/metrics")
        daemon.serve(loaded)


def _metrics(daemon: Daemon) -> str:
    """Return all metrics. The store is opened for each time anew: a reload may close the daemon's meanwhile."""
    world = daemon.world
    if world is None:
        return ""
    with Store(world.config.store, clock=world.clock) as store:
        return metrics.text(replace(world, store=store))


def _runner(between: Callable[[], object], heard: Callable[[Trouble], object]) -> Runner:
    from slawatch.runner.local import LocalRunner  # noqa: PLC0415  its library takes a while, and --help has no use for it

    return LocalRunner(between=between, heard=heard)


def _quietly(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what prints lines and lets that fail: a full disk under the log stops no work."""

    def quiet(line: str) -> None:
        with suppress(OSError):
            say(line)

    return quiet
