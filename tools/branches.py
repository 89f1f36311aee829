"""Holds each pure room to its share of covered branches: tools/branches.py MIN ROOM... (after a run with coverage).

Each room by itself: a well-tested neighbour must not make up for a badly tested one.
"""
# ruff: noqa: INP001 - a script of the Makefile's, not a package

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage


def shares(rooms: list[str]) -> dict[str, float]:
    """Return the share (0..100) of branches the last run took, by room (a file or a folder); 0 where it was not seen.

    A room that was seen and has no branches is whole: there is none that a test could leave out.
    """
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "coverage.json"
        include = [f"*/slawatch/{room}{files}" for room in rooms for files in (".py", "/*.py")]
        coverage.json_report(outfile=str(out), include=include)
        files = json.loads(out.read_text())["files"]
    counts: dict[str, list[int]] = {}
    for name, figures in files.items():
        room = name.rpartition("slawatch/")[2].partition("/")[0].removesuffix(".py")
        of_room = counts.setdefault(room, [0, 0])
        of_room[0] += figures["summary"]["covered_branches"]
        of_room[1] += figures["summary"]["num_branches"]
    share = {room: 100 * taken / there if there else 100.0 for room, (taken, there) in counts.items()}
    return {room: share.get(room, 0.0) for room in rooms}


def main(least: float, rooms: list[str]) -> int:
    """Print one line a room and return 1 where one is below `least` per cent."""
    found = shares(rooms)
    for room, share in found.items():
        verdict = "" if share >= least else f", below {least:g} %"
        sys.stdout.write(f"branches: {room}: {share:.1f} %{verdict}\n")
    return int(min(found.values()) < least)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
