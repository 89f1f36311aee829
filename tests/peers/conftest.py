"""The heavy peers, set up by `make test-peers` and looked at by it alone: other runs pass this folder over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import bluesky, synapse

HERE = Path(__file__).resolve().parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Pass over what lies here, unless it was asked for by its path."""
    asked = (Path(str(one).partition("::")[0]).resolve() for one in config.args)
    return None if any(HERE in (one, *one.parents) for one in asked) else True


@pytest.fixture(scope="session")
def network() -> Iterator[bluesky.Network]:
    """A whole Bluesky network, for all tests of the run: everybody in them is somebody new."""
    with bluesky.running() as ready:
        yield ready


@pytest.fixture(scope="session")
def homeserver() -> Iterator[synapse.Homeserver]:
    """A homeserver without limits, for all tests of the run: everybody in them is somebody new."""
    with synapse.running() as ready:
        yield ready
