"""Bounds what a command loads before it knows what to do: a library nobody needs costs every cron job its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Each is loaded by one room, on use.
HEAVY = frozenset(
    {
        *("aiosmtpd", "apscheduler", "asyncio", "hypothesis", "imapclient", "imaplib", "jinja2", "mailparser_reply"),
        *("numpy", "pandas", "pymap", "requests", "rich", "scipy", "smtplib", "ssl", "tweepy", "urllib3"),
    }
)
# What a command may need before it has read its options, but not the list of commands.
A_COMMANDS_OWN = frozenset({"cronsim", "sqlite3", "tomllib", "zoneinfo"})


def loaded(*words: str, cwd: Path) -> set[str]:
    """Return the top-level modules a fresh interpreter has loaded after `python WORDS`."""
    command = [sys.executable, "-X", "importtime", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    lines = done.stderr.splitlines()
    failure = [line for line in lines if not line.startswith("import time:")]
    assert done.returncode == 0, failure
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("words", [("--help",), ("--version",)])
def test_the_list_of_commands_loads_next_to_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded("-m", "slawatch", *words, cwd=tmp_path)

    assert "click" in found
    assert found & (HEAVY | A_COMMANDS_OWN) == set()


@pytest.mark.parametrize("command", ["demo", "plan", "tick", "status"])
def test_a_command_loads_no_heavy_library_before_it_works(command: str, tmp_path: Path) -> None:
    found = loaded("-m", "slawatch", command, "--help", cwd=tmp_path)

    assert "click" in found
    assert found & HEAVY == set()


def test_the_measure_sees_what_is_loaded(tmp_path: Path) -> None:
    assert "numpy" in loaded("-c", "import numpy", cwd=tmp_path) & HEAVY
