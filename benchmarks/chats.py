"""How far off the waits in chats on websites are, against the agent's own clock, and what such a chat costs.

    python -m benchmarks.chats [--chats 40]

A shop on loopback, in another process: converse.js on a page, a Prosody, and an agent who answers each visitor after
two to eight seconds and notes by its own clock when it heard and said what. The error is our wait less the agent's.
Memory is PSS of the browser and its driver (shared pages counted once, by smaps_rollup), at its most, and per chat what
that is more than with one.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import table

CHATS = 40
DELAY = (2.0, 8.0)  # seconds until the agent answers, at random
BASE_MIB, CHAT_MIB = 250, 50  # what a machine should have: measured on 2026-11-22, two cores
END_SECONDS = 100.0


def main() -> None:
    """Ask, wait for the answers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chats", type=int, default=CHATS)
    parser.add_argument("--agent", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.agent:
        be_the_agent(Path(arguments.agent))
        return
    with tempfile.TemporaryDirectory(prefix="slawatch-chats-") as folder, agent(Path(folder)) as far_side:
        measure(Path(folder), arguments.chats, far_side)


def measure(folder: Path, chats: int, far_side: subprocess.Popen[str]) -> None:
    """Ask that many times at once."""
    from tests.web_stage import Watcher, a_channel, a_request  # noqa: PLC0415 - the agent needs none of it

    asked = [a_request(number, target="shop", text=f"How long does it take? Case {number}.") for number in range(chats)]
    with a_channel(folder, chats_max=chats + 1, opening_max=4) as channel:
        channel.send(*a_request(chats, target="shop", text="Is anybody there?"))
        with memory() as used:
            time.sleep(2)
            idle = used[-1]
            began = time.perf_counter()
            with ThreadPoolExecutor(4) as pool:
                sent = dict(zip((one.message_id for one, _ in asked), pool.map(lambda one: channel.send(*one), asked)))  # noqa: B905
            opened = time.perf_counter() - began
            watcher = Watcher(channel, *(one for one, _ in asked))
            until = time.monotonic() + END_SECONDS
            while len(watcher.messages) < chats and time.monotonic() < until:
                channel.watch(threading.Event(), 1.0)
                watcher.look()
            wall = time.perf_counter() - began
            most = max(used)
    truth = told_by(far_side)
    errors = []
    for message in watcher.messages:
        heard, said = truth[message.facts.text.removeprefix("Answer to: ")]
        wait = message.stamps.at - sent[message.facts.conversation].accepted_at
        errors.append((wait - (said - heard)).total_seconds() * 1000)
    per_chat = (most - idle) / chats
    table(
        (
            "web chats at once",
            "answered",
            "least ms",
            "median ms",
            "most ms",
            "opening s",
            "wall s",
            "PSS MiB",
            "a chat MiB",
        ),
        [
            (
                str(chats),
                str(len(errors)),
                *(f"{value:.0f}" for value in (min(errors), statistics.median(errors), max(errors))),
                f"{opened:.1f}",
                f"{wall:.1f}",
                f"{most:.0f}",
                f"{per_chat:.0f}",
            )
        ],
    )
    limit = BASE_MIB + CHAT_MIB * chats
    print(f"memory is {most / limit:.2f} of the {limit} MiB that are recommended ({BASE_MIB} + {CHAT_MIB} a chat)")


# --- the far side ---


@contextmanager
def agent(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Give the process of the shop, open for visitors."""
    command = [sys.executable, "-m", "benchmarks.chats", "--agent", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        if process.stdout.readline().strip() != "open":
            raise SystemExit("the shop did not open: make widgets, and install prosody")
        yield process
    finally:
        process.kill()
        process.wait()


def be_the_agent(folder: Path) -> None:
    """Answer everybody until a line comes in; then tell what was heard and said when."""
    from tests.servers.converse import open_shop  # noqa: PLC0415 - only this process needs it

    with open_shop() as shop:
        shop.write_recipe(folder / "recipes")
        stop = threading.Event()
        answering = threading.Thread(target=_answer, args=(shop.agent, stop))
        answering.start()
        print("open", flush=True)
        sys.stdin.readline()
        stop.set()
        answering.join()
        said = {line.text.removeprefix("Answer to: "): line.at for line in shop.agent.said}
        truth = {
            line.text: (line.at.isoformat(), said[line.text].isoformat())
            for line in shop.agent.heard
            if line.text in said
        }
        print(json.dumps(truth), flush=True)


def _answer(far_side: Any, stop: threading.Event) -> None:
    due: list[tuple[float, str, str]] = []
    done = 0
    while not stop.wait(0.02):
        for line in far_side.heard[done:]:
            done += 1
            if "Case" in line.text:
                due.append((time.monotonic() + random.uniform(*DELAY), line.visitor, line.text))
        for one in [one for one in due if one[0] <= time.monotonic()]:
            due.remove(one)
            far_side.say(one[1], f"Answer to: {one[2]}")


def told_by(process: subprocess.Popen[str]) -> dict[str, tuple[datetime, datetime]]:
    """Return what the agent heard and said when, by what was asked."""
    out, _ = process.communicate("enough\n")
    found = json.loads(out.splitlines()[-1])
    return {
        text: (datetime.fromisoformat(heard), datetime.fromisoformat(said)) for text, (heard, said) in found.items()
    }


# --- memory ---


@contextmanager
def memory() -> Iterator[list[float]]:
    """Give a list to which the PSS of the browser and its driver is added every half second, in MiB."""
    used: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.5):
            used.append(sum(_pss(pid) for pid in _below_us()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield used
    finally:
        stop.set()
        looking.join()


def _below_us() -> set[int]:
    """Return the processes that this one started, and theirs, but for the agent's."""
    from os import getpid  # noqa: PLC0415 - one use

    parents: dict[int, int] = {}
    ours: set[int] = set()
    for one in Path("/proc").iterdir():
        if not one.name.isdecimal():
            continue
        try:
            parents[int(one.name)] = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            if b"benchmarks.chats" in (one / "cmdline").read_bytes():
                continue
        except OSError:
            continue
        ours.add(int(one.name))
    found = {getpid()}
    while more := {pid for pid in ours if parents.get(pid) in found} - found:
        found |= more
    return found - {getpid()}


def _pss(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
