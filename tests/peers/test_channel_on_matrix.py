"""What every channel promises, tried on the Matrix channel over a real homeserver."""

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
from tests.peers.at_matrix import MatrixBench
from tests.servers.synapse import Homeserver

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
def bench(homeserver: Homeserver) -> Iterator[MatrixBench]:
    with MatrixBench(homeserver) as ready:
        yield ready
