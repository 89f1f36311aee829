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
    """Return the share (0..100) of branches the last run took, by room; rooms never imported have 0."""
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(out), include=[f"*/slawatch/{room}.py" for room in rooms])
        files = json.loads(out.read_text())["files"]
    taken = {Path(name).stem: figures["summary"]["percent_branches_covered"] for name, figures in files.items()}
    return {room: float(taken.get(room, 0)) for room in rooms}


def main(least: float, rooms: list[str]) -> int:
    """Print one line a room and return 1 where one is below `least` per cent."""
    found = shares(rooms)
    for room, share in found.items():
        verdict = "" if share >= least else f", below {least:g} %"
        sys.stdout.write(f"branches: {room}: {share:.1f} %{verdict}\n")
    return int(min(found.values()) < least)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
