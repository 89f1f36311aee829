"""What a report over a million requests costs, from the store to the HTML file, beside its floor and a pandas script.

    python -m benchmarks.reports [--rows 10000000] [--listed]

Each contender is a process of its own: interpreter and imports are in the figures, as they are for whoever waits. The
floor reads one 64-bit key a wait out of SQLite and sorts them: nothing that orders waits row by row can do with less.
The script is what one writes in a minute; it averages the answered, and so answers another question. With `--listed`
the config names all companies, without it they are as imported.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.measure import table
from slawatch import app, pages
from slawatch.clock import MICROSECOND, to_micros
from slawatch.imported import ACCOUNT
from slawatch.pages import Columns
from slawatch.store.settled import SettledKind, SettledPage
from slawatch.usecases import settled
from slawatch.usecases.outcomes import standard_for
from slawatch.usecases.world import World

ROWS, COMPANIES, ROUNDS = 1_000_000, 5_000, 3
WAYS = ("email", "webchat")
DAYS = 90
UNTIL = datetime.now(UTC).replace(microsecond=0)
HOUR = 3600.0
SILENT = (1.0, 4.5)  # the share of a company's silences is beta-distributed so: 18 % on average
CHECKED = 2_000  # requests derived anew, to see that the store that is timed says the same

ASKING = """
[account.main]
channel = "email"
address = "asks@own.example"
name = "Anna Beispiel"
smtp_host = "localhost"
smtp_security = "none"
smtp_password_env = "UNSET"
imap_host = "localhost"
imap_security = "none"
"""
LISTED = """
[company.company-{one:04}]
name = "Company {one:04}"
relationship = "public_interest"
[[company.company-{one:04}.target]]
channel = "email"
address = "service@company-{one:04}.example"
"""

FLOOR = """
import sqlite3, sys
from itertools import chain
import numpy as np
rows = sqlite3.connect(sys.argv[1]).execute("SELECT grp << 47 | length << 1 | open FROM wait")
keys = np.fromiter(chain.from_iterable(rows), np.int64)
keys.sort()
"""
PANDAS = """
import sqlite3, sys
import pandas as pd
frame = pd.read_sql("SELECT grp, length, open FROM wait", sqlite3.connect(sys.argv[1]))
by_group = frame[frame["open"] == 0].groupby("grp")["length"]
figures = pd.DataFrame({"n": frame.groupby("grp").size(), "mean": by_group.mean(), "median": by_group.median(),
                        "p90": by_group.quantile(0.9)})
open(sys.argv[2], "w").write(figures.to_html())
"""


class Run(NamedTuple):
    """What one process took: seconds by the wall and of processor time, and the most memory it ever had, in MB."""

    wall: float
    cpu: float
    rss: float


def run(*command: str) -> Run:
    """Run a process to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    if status:
        raise SystemExit(f"{' '.join(command)[:200]} failed")
    return Run(took, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def write_config(folder: Path, *, listed: bool) -> Path:
    """Write the config of the store that is timed."""
    path = folder / "config.toml"
    companies = "".join(LISTED.format(one=one) for one in range(COMPANIES)) if listed else ""
    path.write_text(
        'timezone = "UTC"\nlanguage = "en"\nstore = "slawatch.db"\nout = "out"\n'
        + (ASKING + companies if listed else ""),
        encoding="utf-8",
    )
    return path


def fill(config: Path, rows: int) -> tuple[float, float]:
    """Make requests that others have timed, and pages that speak for them; returns seconds to make and to fill."""
    began = time.perf_counter()
    dice = np.random.default_rng(20261122)
    groups = COMPANIES * len(WAYS)
    group = dice.integers(0, groups, rows)
    typical = dice.lognormal(np.log(2 * HOUR), 1.0, groups)
    length = typical[group] * dice.lognormal(0.0, 1.3, rows)
    length[dice.random(rows) < dice.beta(*SILENT, groups)[group]] = np.inf
    asked = to_micros(UNTIL) - dice.integers(1, DAYS * 86_400, rows) * 1_000_000
    observed = to_micros(UNTIL)
    length[~(length * 1e6 <= observed - asked)] = np.inf
    came = np.where(np.isfinite(length), asked + np.where(np.isfinite(length), length * 1e6, 0).astype(np.int64), -1)
    with app.world(config) as world:
        world.store.open()
    made = sqlite3.connect(config.parent / "slawatch.db", isolation_level=None)
    made.execute("PRAGMA synchronous = OFF")
    made.execute("PRAGMA cache_size = -200000")
    # What keeps the store in order row by row would take most of the time here; it is put back below.
    aside = made.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name IN ('request', 'given') AND sql IS NOT NULL"
        " AND type IN ('trigger', 'index')"
    ).fetchall()
    for kind, one, _ in aside:
        made.execute(f"DROP {kind} {one}")
    made.execute("BEGIN")
    made.execute("INSERT INTO import VALUES (1, ?, 'made.csv', '', 'tidy', ?)", (observed, rows))
    for start in range(0, rows, 100_000):
        part = slice(start, start + 100_000)
        some = list(
            zip(range(start + 1, rows + 1), group[part].tolist(), asked[part].tolist(), came[part].tolist())  # noqa: B905
        )
        made.executemany(
            "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant,"
            " subject, body, token, message_id, delivery, due_at, zone, intended_at, accepted_at)"
            " VALUES (?, ?, 'imported', ?, ?, '', ?, 'made', 'en', 0, ?, '', ?, ?, 'sent', ?, 'UTC', ?, ?)",
            (
                (number, f"I{number}", f"company-{one // 2:04}", WAYS[one % 2], ACCOUNT, f"ref {number}", f"t{number}",
                 f"m{number}", at, at, at)
                for number, one, at, _ in some
            ),
        )  # fmt: skip
        made.executemany(
            "INSERT INTO given (request_id, import_id, line, first_response_at, answered_at, observed_until)"
            " VALUES (?, 1, ?, ?, ?, ?)",
            ((number, number, *([end, end] if end >= 0 else [None, None]), observed) for number, _, _, end in some),
        )
    made.execute("COMMIT")
    for _, _, sql in aside:
        made.execute(sql)
    made.close()
    took = time.perf_counter() - began
    began = time.perf_counter()
    _fill_pages(config, group, asked, came, observed)
    _write_plain(config.parent, group, asked, came, observed)
    return took, time.perf_counter() - began


def _fill_pages(config: Path, group: pages.Ints, asked: pages.Ints, came: pages.Ints, observed: int) -> None:
    """Keep what settled.py would derive request by request in an hour; `check` holds some of it against that."""
    with app.world(config) as world:
        kinds = [
            SettledKind(f"company-{one // 2:04}", WAYS[one % 2], "", "", ACCOUNT, "imported")
            for one in range(COMPANIES * len(WAYS))
        ]
        numbers = world.store.put_settled_kinds({kind: settled.basis_of(world, kind) for kind in kinds})
        kind = np.array([numbers[one] for one in kinds], np.int32)[group]
        windows = [standard_for(world, "", way, "").window // MICROSECOND for way in WAYS]
        window = np.array(windows)[group % 2]
        seen = observed - asked
        ended = (came >= 0) & (came - asked <= window)
        wait = np.where(ended, came - asked, np.minimum(seen, window))
        number = wait << 2 | np.where(ended, pages.ENDED, pages.OPEN)
        verdict = np.where(ended, 0, np.where(seen >= window, 1, 2))
        nothing = np.full(len(group), pages.NOTHING)
        late = (came >= 0) & ~ended & (came - asked <= to_late(world)) & (seen >= window)
        flags = verdict | pages.LATE * late | pages.PROVEN * (came >= 0)
        whole = Columns(
            np.arange(1, len(group) + 1),
            kind,
            asked,
            number,
            number,
            flags.astype(np.uint16),
            nothing,
            nothing,
            nothing,
        )
        for page in range(len(group) // pages.PAGE + 1):
            ids = slice(max(0, page * pages.PAGE - 1), (page + 1) * pages.PAGE - 1)
            part = whole.where(np.arange(len(group))[ids])
            if len(part):
                packed, hours = pages.pack(part)
                world.store.put_settled_page(
                    SettledPage(page, len(part), packed, hours),
                    first=int(part.asked.min()),
                    last=int(part.asked.max()),
                )
    made = sqlite3.connect(config.parent / "slawatch.db")
    made.execute("DELETE FROM unsettled")
    made.commit()
    made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()


def to_late(world: World) -> int:
    """Return until when a reply after the window is one, in microseconds."""
    late: int = standard_for(world, "", WAYS[0], "").late // MICROSECOND
    return late


def _write_plain(folder: Path, group: pages.Ints, asked: pages.Ints, came: pages.Ints, observed: int) -> None:
    """Write the same waits as plain rows, for the floor and for pandas."""
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("PRAGMA synchronous = OFF")
    plain.execute("CREATE TABLE wait (grp INTEGER, asked INTEGER, length INTEGER, open INTEGER)")
    still_open = came < 0
    length = np.where(still_open, observed - asked, came - asked)
    plain.execute("BEGIN")
    for start in range(0, len(group), 1_000_000):
        part = slice(start, start + 1_000_000)
        columns = (group[part].tolist(), asked[part].tolist(), length[part].tolist(), still_open[part].tolist())
        plain.executemany("INSERT INTO wait VALUES (?, ?, ?, ?)", zip(*columns, strict=True))
    plain.execute("COMMIT")
    plain.close()


def check(config: Path, rows: int) -> tuple[float, int]:
    """Derive some requests anew; returns microseconds for each, and how many came out other than they were kept."""
    ids = sorted(np.random.default_rng(1).choice(np.arange(1, rows + 1), min(rows, CHECKED), replace=False).tolist())
    since, until = UNTIL - timedelta(days=DAYS + 1), UNTIL
    with app.world(config) as world:
        before = {one[0]: one for part in settled.parts(world, since, until) for one in _rows(part, ids)}
        world.store.unsettle_requests(ids)
        began = time.perf_counter()
        settled.settle(world, since, until, heard=settled.hear_nothing)
        took = time.perf_counter() - began
        after = {one[0]: one for part in settled.parts(world, since, until) for one in _rows(part, ids)}
    return took / len(ids) * 1e6, sum(before.get(one) != after.get(one) for one in ids)


def _rows(part: Columns, ids: list[int]) -> Iterator[tuple[int, ...]]:
    some = part.where(np.isin(part.id, ids))
    yield from zip(
        *(one.tolist() for one in (some.id, some.kind, some.asked, some.first, some.answer, some.flags)), strict=True
    )


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--listed", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = write_config(folder, listed=chosen.listed)
        # In processes of their own: what this one ever held would count as its children's, too.
        apart = multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1)
        made, filled = apart.apply(fill, (config, chosen.rows))
        plain, html = str(folder / "plain.db"), str(folder / "out.html")
        period = f"{DAYS + 1} d"
        python = sys.executable
        report = (python, "-m", "slawatch", "report", "--config", str(config), "--period", period, "--out", html)
        contenders: dict[str, Callable[[], Run]] = {
            "floor: scan one key a wait, np.sort": lambda: run(python, "-c", FLOOR, plain),
            "pandas, mean, median and p90 of the answered": lambda: run(python, "-c", PANDAS, plain, html),
            "slawatch report": lambda: run(*report),
        }
        runs: dict[str, list[Run]] = {one: [] for one in contenders}
        for _ in range(ROUNDS):
            for one, contender in contenders.items():
                runs[one].append(contender())
        floor = runs[next(iter(contenders))]
        size = Path(html).stat().st_size / 1e6
        each, differ = apart.apply(check, (config, chosen.rows))
        print(f"{chosen.rows:,} requests in {COMPANIES * len(WAYS):,} groups, {ROUNDS} alternating runs, medians")
        table(
            ("", "seconds", "/ floor", "processor time", "/ floor", "MB at its peak"),
            [
                (
                    one,
                    f"{median(each.wall for each in found):.2f}",
                    f"{median(each.wall / other.wall for each, other in zip(found, floor, strict=True)):.1f}",
                    f"{median(each.cpu for each in found):.2f}",
                    f"{median(each.cpu / other.cpu for each, other in zip(found, floor, strict=True)):.1f}",
                    f"{max(each.rss for each in found):.0f}",
                )
                for one, found in runs.items()
            ],
        )
        print(f"the page: {size:.1f} MB; made in {made:.0f} s, pages filled in {filled:.0f} s")
        print(f"what is not in a page yet: {each:.0f} µs a request, once; {differ} of {CHECKED} derived otherwise")


if __name__ == "__main__":
    main()
