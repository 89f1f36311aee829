"""How long a command takes that has nothing to do: `--help` and an idle `tick`, as multiples of `import click`.

    python -m benchmarks.startup [ROUNDS]

A pass with an account opens a mailbox on loopback (tests/servers) and finds nothing in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.measure import Cost, alternating, cpu, ratio, table, wall
from tests.servers import imap

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
CLICK = "import click"

# On a quiet machine, on which `import click` takes 42 ms from the start of the interpreter to its end.
CLICK_THERE = 0.042
BUDGETS = {"--help": 0.100, "tick, idle": 0.150}

ACCOUNT = """
[account.main]
channel = "email"
address = "{user}@example.org"
smtp_host = "localhost"
smtp_security = "none"
imap_host = "localhost"
imap_port = {port}
imap_security = "none"
imap_user = "{user}"
imap_password = "{password}"

[company.shop]
name = "Example Shop"
relationship = "own"

[[company.shop.target]]
channel = "email"
address = "service@shop.example"
"""


def environment(folder: Path) -> dict[str, str]:
    """Return one in which compiled modules are kept, as they are where slawatch is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONPATH": str(ROOT)}


def run(words: tuple[str, ...], surroundings: Mapping[str, str]) -> Cost:
    """Run a fresh interpreter to its end."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], env=surroundings, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)  # or subprocess would wait for it, too
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: exit code {process.returncode}; its error stands above")
    return Cost(wall=spent, cpu=usage.ru_utime + usage.ru_stime)


def config(folder: Path, text: str) -> str:
    """Write a config into a folder of its own and return its path."""
    folder.mkdir()
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, imap.running() as mailbox:
        folder = Path(name)
        account = ACCOUNT.format(user=imap.USER, password=imap.PASSWORD, port=mailbox.port)
        commands = {
            "python, nothing": ("-c", "pass"),
            CLICK: ("-c", "import click"),
            "--help": ("-m", "slawatch", "--help"),
            "tick, idle": ("-m", "slawatch", "tick", "-c", config(folder / "idle", "")),
            "tick, empty mailbox": ("-m", "slawatch", "tick", "-c", config(folder / "account", account)),
        }
        surroundings = environment(folder)
        runs: dict[str, Callable[[], Cost]] = {
            name: partial(run, words, surroundings) for name, words in commands.items()
        }
        alternating(runs, 2)  # compiles, and makes the stores
        costs = alternating(runs, rounds)
    print(f"{rounds} alternating runs, medians; Python {sys.version.split()[0]}")
    table(
        ("", "wall ms", "cpu ms", f"wall / {CLICK}", f"cpu / {CLICK}", "budget"),
        [
            (
                name,
                f"{1000 * median(map(wall, found)):.0f}",
                f"{1000 * median(map(cpu, found)):.0f}",
                f"{ratio(costs, name, CLICK, wall):.2f}",
                f"{ratio(costs, name, CLICK, cpu):.2f}",
                f"{BUDGETS[name] / CLICK_THERE:.2f}" if name in BUDGETS else "",
            )
            for name, found in costs.items()
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
