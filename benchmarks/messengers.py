"""How far off the times of lines in messengers are, against the company's own clock.

    python -m benchmarks.messengers [--lines 40]

An agent on a real server on loopback answers that many times and notes when it handed each line over. The error is the
stamp less that; "off by at most" is what slawatch itself says of it (both sides together), and "true" counts the lines
whose instant lies within that. Live lines come over the open connection; fetched ones are read from the server's
archive by another process that was not there, and are stamped by the server. On Matrix the server stamps all of them.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

from benchmarks.measure import table
from slawatch.channels.base import Batch
from slawatch.model import Incoming

LINES = 40
APART = (0.05, 0.6)  # seconds between two lines, at random, so that they lie everywhere within a second

Sample = tuple[datetime, datetime, Incoming]  # the line was handed over between these two


def xmpp(lines: int) -> list[tuple[str, list[Sample], str]]:
    """Return the samples on XMPP: live, fetched by a channel that was just made, and by one that had time."""
    from slawatch.channels.xmpp import XmppChannel  # noqa: PLC0415 - each part needs a library of its own
    from tests.contract.bench_xmpp import XmppBench  # noqa: PLC0415

    with XmppBench() as bench:
        settings = bench.channel()._settings  # noqa: SLF001 - the same account, without the bench's small pages
        said: dict[str, tuple[datetime, datetime]] = {}
        with XmppChannel(settings, account="main", clock=bench.clock) as channel:
            asked, attempt = bench.ask()
            sent = channel.send(asked, attempt)
            for number in range(lines):
                before = datetime.now(UTC)
                message = bench.company.say(bench.me, f"Antwort {number}")
                said[f"xmpp:{message.get('id')}"] = (before, datetime.now(UTC))
                time.sleep(random.uniform(*APART))
            live = _all(channel.collect)
        with XmppChannel(settings, account="main", clock=bench.clock) as just_made:
            fetched = _all(just_made.collect)
        with XmppChannel(settings, account="main", clock=bench.clock) as waiting:
            waiting.collect("")
            waiting.watch(Event(), 0.1)
            time.sleep(6)  # while it waits it looks at the server's clock around its ticks
            sharp = _all(waiting.collect)
    own = f"own line handed over within {sent.uncertainty.total_seconds() * 2000:.1f} ms"
    return [
        ("xmpp, live", _joined(live, said), own),
        ("xmpp, fetched at once", _joined(fetched, said), ""),
        ("xmpp, fetched after 6 s", _joined(sharp, said), ""),
    ]


def matrix(lines: int) -> list[tuple[str, list[Sample], str]]:
    """Return the samples on Matrix: read while they came, and by another channel after the server was killed."""
    from slawatch.channels.matrix.channel import MatrixChannel  # noqa: PLC0415
    from slawatch.clock import SystemClock  # noqa: PLC0415
    from tests.peers.at_matrix import ask, settings  # noqa: PLC0415
    from tests.servers import local, synapse  # noqa: PLC0415

    clock = SystemClock()
    with synapse.running() as server, local.folder("matrix") as base:
        me, company = server.person("robin"), server.person("acme")
        room = company.room(me.id)
        me.join(room)
        account = settings(me, server.url)

        def say(count: int) -> dict[str, tuple[datetime, datetime]]:
            said = {}
            for number in range(count):
                before = datetime.now(UTC)
                event = company.say(room, f"Antwort {number}")
                said[f"matrix:{event}"] = (before, datetime.now(UTC))
                time.sleep(random.uniform(*APART))
            return said

        with MatrixChannel(account, account="main", clock=clock, store=base / "slawatch.db") as channel:
            asked, attempt = ask(room)
            before = clock.now()
            sent = channel.send(asked, attempt)
            own = (sent.accepted_at - before) / timedelta(milliseconds=1)
            with ThreadPoolExecutor() as beside:
                saying = beside.submit(say, lines)
                found, cursor = [], ""
                while not saying.done():
                    channel.watch(Event(), 1)
                    some, cursor = _from(channel.collect, cursor)
                    found += some
                some, cursor = _from(channel.collect, cursor)
            live = _joined([*found, *some], saying.result())
        said = say(lines)
        server.stop()
        server.start()
        with MatrixChannel(account, account="main", clock=clock, store=base / "slawatch.db") as later:
            fetched = _joined(_from(later.collect, cursor)[0], said)
    return [
        ("matrix, live", live, f"own line stamped {own:.0f} ms after it was handed over"),
        ("matrix, server killed", fetched, ""),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=LINES)
    lines = parser.parse_args().lines
    rows, notes = [], []
    for part in (xmpp, matrix):
        for name, samples, note in part(lines):
            rows.append(_row(name, samples))
            notes += [f"{name}: {note}"] if note else []
    table(("stamp less truth", "lines", "least ms", "median ms", "most ms", "off by at most ms", "true"), rows)
    print("\n".join(notes))


def _row(name: str, samples: Sequence[Sample]) -> tuple[str, ...]:
    errors = [
        (one.stamps.at - (before + (after - before) / 2)) / timedelta(milliseconds=1) for before, after, one in samples
    ]
    widths = [(one.stamps.earlier + one.stamps.later) / timedelta(milliseconds=1) for _, _, one in samples]
    true = sum(
        one.stamps.at - one.stamps.earlier <= after and before <= one.stamps.at + one.stamps.later
        for before, after, one in samples
    )
    return (
        name,
        str(len(samples)),
        f"{min(errors):.1f}",
        f"{statistics.median(errors):.1f}",
        f"{max(errors):.1f}",
        f"{max(widths):.0f}",
        f"{true}/{len(samples)}",
    )


def _all(collect: Callable[[str], Batch]) -> list[Incoming]:
    return _from(collect, "")[0]


def _from(collect: Callable[[str], Batch], cursor: str) -> tuple[list[Incoming], str]:
    found: list[Incoming] = []
    more = True
    while more:
        batch = collect(cursor)
        found += batch.messages
        cursor, more = batch.cursor, batch.more
    return found, cursor


def _joined(found: Sequence[Incoming], said: dict[str, tuple[datetime, datetime]]) -> list[Sample]:
    return [(*said[one.facts.own_id], one) for one in found if one.facts.own_id in said]


if __name__ == "__main__":
    main()
