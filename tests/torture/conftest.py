"""What the tests of endurance share: how long they may take. CI runs the short form, `make torture` the medium one."""

from __future__ import annotations

import os

import pytest

LENGTHS = ("short", "medium", "long")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a person ask for the long form."""
    parser.addoption(
        "--torture", choices=LENGTHS, default="short", help="how much the tests of endurance try (default: short)"
    )


@pytest.fixture(scope="session")
def torture(request: pytest.FixtureRequest) -> str:
    """Which form is run; the option is known only where this folder is named on the command line."""
    return str(request.config.getoption("--torture", default="short"))


@pytest.fixture(scope="session")
def positions_max(torture: str) -> int:
    """At how many places each fault is tried; SLAWATCH_TORTURE says another number, 0 stands for all of them."""
    given = os.environ.get("SLAWATCH_TORTURE", "")
    return int(given) if given else {"short": 2, "medium": 6, "long": 60}[torture]
