"""Bounds what a command loads before it knows what to do: a library nobody needs costs every cron job its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Each is loaded by one room, on use.
HEAVY = frozenset(
    {
        *("aiosmtpd", "apscheduler", "asyncio", "cronsim", "hypothesis", "imapclient", "imaplib", "jinja2"),
        *("mailparser_reply", "numpy", "pandas", "pymap", "requests", "rich", "scipy", "smtplib", "sqlite3", "ssl"),
        *("tweepy", "urllib3"),
    }
)


def loaded(*words: str, cwd: Path) -> set[str]:
    """Return the top-level modules a fresh interpreter has loaded after `python WORDS`."""
    command = [sys.executable, "-X", "importtime", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("tick", "--help"), ("demo", "--help")])
def test_help_loads_no_heavy_library(words: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded("-m", "slawatch", *words, cwd=tmp_path)

    assert "click" in found
    assert not found & HEAVY


def test_the_measure_sees_what_is_loaded(tmp_path: Path) -> None:
    assert "numpy" in loaded("-c", "import numpy", cwd=tmp_path) & HEAVY
