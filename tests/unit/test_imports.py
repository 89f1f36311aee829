"""Bounds what a command loads before it knows what to do: a library nobody needs costs every cron job its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Each is loaded by one room, on use.
HEAVY = frozenset(
    {
        *(
            "aiosmtpd",
            "apscheduler",
            "asyncio",
            "babel",
            "dkim",
            "dns",
            "hypothesis",
            "imapclient",
            "imaplib",
            "jinja2",
            "mailparser_reply",
            "pyarrow",
            "xlsxwriter",
        ),
        *("numpy", "pandas", "pymap", "requests", "rich", "scipy", "smtplib", "ssl", "tweepy", "urllib3"),
    }
)
# What a command may need before it has read its options, but not the list of commands.
A_COMMANDS_OWN = frozenset({"cronsim", "sqlite3", "tomllib", "zoneinfo"})
# What a pass needs for a mistake, a plug-in, an account or a letter, and not where there is none of them.
ON_USE = frozenset({"difflib", "email", "importlib.metadata", "slawatch.channels.base", "slawatch.manners", "socket"})


def loaded(*words: str, cwd: Path) -> set[str]:
    """Return what a fresh interpreter has loaded after `python WORDS`: modules and the packages on top of them."""
    command = [sys.executable, "-X", "importtime", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    lines = done.stderr.splitlines()
    failure = [line for line in lines if not line.startswith("import time:")]
    assert done.returncode == 0, failure
    modules = {line.rpartition("|")[2].strip() for line in lines}
    return modules | {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("words", [("--help",), ("--version",)])
def test_the_list_of_commands_loads_next_to_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded("-m", "slawatch", *words, cwd=tmp_path)

    assert "click" in found
    assert found & (HEAVY | A_COMMANDS_OWN) == set()


def test_importing_slawatch_loads_next_to_nothing(tmp_path: Path) -> None:
    found = loaded("-c", "import slawatch; slawatch.frame", cwd=tmp_path)

    assert "slawatch" in found
    assert found & (HEAVY | A_COMMANDS_OWN | {"slawatch.app", "click"}) == set()


@pytest.mark.parametrize("command", ["demo", "plan", "tick", "status", "import", "export"])
def test_a_command_loads_no_heavy_library_before_it_works(command: str, tmp_path: Path) -> None:
    found = loaded("-m", "slawatch", command, "--help", cwd=tmp_path)

    assert "click" in found
    assert found & HEAVY == set()


def test_an_idle_pass_loads_nothing_it_has_no_use_for(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()

    found = loaded("-m", "slawatch", "tick", cwd=tmp_path)

    assert "slawatch.store" in found
    assert found & (HEAVY | ON_USE) == set()


def test_a_look_that_finds_nothing_new_loads_nothing_that_judges_or_reads_letters(tmp_path: Path) -> None:
    rooms = "slawatch.usecases.collect, slawatch.channels.email.channel, slawatch.mail.mailbox"

    found = loaded("-c", f"import {rooms}", cwd=tmp_path)

    assert "imapclient" in found
    assert found & {"slawatch.classify", "slawatch.mail.parse", "slawatch.mail.sieve", "slawatch.match"} == set()


def test_the_measure_sees_what_is_loaded(tmp_path: Path) -> None:
    assert "numpy" in loaded("-c", "import numpy", cwd=tmp_path) & HEAVY
