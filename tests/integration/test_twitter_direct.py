"""Direct messages on X where hardly anybody writes any: their absence is no gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.social.platform import Feed
from tests.integration.at_twitter import Scene, scene


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as here:
        yield here


@pytest.mark.parametrize("written_before", [0, 1])
def test_where_nobody_writes_nothing_is_lost(at: Scene, written_before: int) -> None:
    for _ in range(written_before):
        at.x.direct(at.acme, at.ann, "Hello")
    mark = ""
    for _ in range(40):
        page = at.platform.feed(Feed.DIRECT, mark, "")
        assert not page.cut_off
        mark = page.mark
        at.clock.forward(timedelta(days=1))

    at.x.direct(at.acme, at.ann, "Good morning")
    assert [one.text for one in at.platform.feed(Feed.DIRECT, mark, "").posts] == ["Good morning"]


def test_who_did_not_look_for_longer_than_x_keeps_messages_is_told(at: Scene) -> None:
    at.x.direct(at.acme, at.ann, "Hello")
    mark = at.platform.feed(Feed.DIRECT, "", "").mark

    at.clock.forward(timedelta(days=31))
    assert at.platform.feed(Feed.DIRECT, mark, "").cut_off
