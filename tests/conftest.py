"""What all tests share: where slawatch is imported from, and the servers of the run. No test's own fixtures."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "tests/unit/"
DRAWN = ("tests/unit/test_report_", "tests/unit/test_hostile")
# Behind everything: the tests' own modules are found here in the run on the installed wheel too, slawatch is not.
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

import slawatch  # noqa: E402 - the path above decides which one; this shows it
from tests.servers.mail import Mailbox, MailServers, running  # noqa: E402 - found through the path above

# Hypothesis gives each example 200 ms: a time that a test asserts, which a busy machine breaks and which says nothing.
settings.register_profile("slawatch", deadline=None)
settings.load_profile("slawatch")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test-wheel` demand the wheel."""
    parser.addoption("--installed", action="store_true", help="fail unless slawatch comes from site-packages")


def pytest_configure(config: pytest.Config) -> None:
    """Stop a run that would test the sources in the wheel's name."""
    place = Path(slawatch.__file__).resolve()
    installed = Path(sysconfig.get_path("purelib")).resolve()
    if config.getoption("--installed") and installed not in place.parents:
        raise pytest.UsageError(f"--installed: slawatch is imported from {place}, not from {installed}")


def pytest_report_header() -> str:
    """Say which slawatch is tested."""
    return f"slawatch: {Path(slawatch.__file__).parent}"


@pytest.hookimpl(tryfirst=True)  # before -m is applied
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for servers, so that none is forgotten; measure branches where that says something.

    What decides without I/O has to be shown by plain tests (tools/branches.py). A report that is drawn, or a command
    that is run, goes through those rooms as well, proves nothing about their branches and takes three times as long.
    """
    for item in items:
        if not item.nodeid.startswith(PLAIN) or item.nodeid.startswith(DRAWN):
            item.add_marker(pytest.mark.no_cover)
        if "mail_servers" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """Postfix, Dovecot and the companies, on loopback; each worker of a run has its own (they start in two seconds)."""
    with running() as servers:
        yield servers


@pytest.fixture
def passing_mailbox(mail_servers: MailServers) -> Iterator[Mailbox]:
    """A mailbox on a Dovecot of its own, which the test may stop, restart and break."""
    with mail_servers.with_other_dovecot() as servers:
        yield servers.mailbox()


@pytest.fixture
def mailbox(mail_servers: MailServers) -> Mailbox:
    """A mailbox nobody else uses."""
    return mail_servers.mailbox()
