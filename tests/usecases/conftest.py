"""The stage of these tests: a world in memory, opened for the companies a test names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stages import Opening, stages


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    """Open a stage for these companies. Called again it reopens the same folder, as a later process would."""
    with stages(tmp_path) as opening:
        yield opening
