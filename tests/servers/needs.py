"""Finds the servers' programs and decides what happens where one is missing. Installs nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where Debian keeps daemons; seldom on a plain user's PATH.
DAEMON_FOLDERS = ("/usr/sbin", "/sbin", "/usr/lib/postfix/sbin", "/usr/lib/dovecot")


def apt_line() -> str:
    """Return the command that installs every server, for people to type."""
    packages = " ".join((ROOT / "tools" / "debian-packages").read_text().split())
    return f"sudo apt-get install --no-install-recommends {packages}"


def give_up(why: str) -> NoReturn:
    """Skip the test, or fail it where CI=true: there a server that is not tested is a fault, not a circumstance."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}; tools/servers.sh should have seen to it", pytrace=False)
    pytest.skip(why)


def program(name: str) -> str:
    """Return the path of a server's program, or give the test up with the line that installs it."""
    search = os.pathsep.join((os.environ.get("PATH", ""), *DAEMON_FOLDERS))
    found = shutil.which(name, path=search)
    if found is None:
        give_up(f'"{name}" is not installed: {apt_line()}')
    return found
