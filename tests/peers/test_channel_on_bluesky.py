"""What every channel promises, tried on the Bluesky channel over a whole network of Bluesky's own programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.test_channel import (
    TestCollecting,
    TestLife,
    TestLookedUntil,
    TestReading,
    TestSending,
    TestUncertainty,
    TestWritingBack,
    channel,
)
from tests.peers.at_bluesky import BlueskyBench
from tests.servers.bluesky import Network

__all__ = [
    "TestCollecting",
    "TestLife",
    "TestLookedUntil",
    "TestReading",
    "TestSending",
    "TestUncertainty",
    "TestWritingBack",
    "channel",
]


@pytest.fixture
def bench(network: Network) -> Iterator[BlueskyBench]:
    with BlueskyBench(network) as ready:
        yield ready
