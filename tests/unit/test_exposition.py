"""Metrics in the text form of Prometheus."""

from __future__ import annotations

import pytest

from slawatch.exposition import Metric, Sample, exposition, single


def test_labels_are_escaped_and_what_is_not_known_is_left_out() -> None:
    text = exposition(
        [
            single("not_known", "Nothing.", None),
            single("share", "A\nline.", 0.5),
            Metric("up", "Up.", [Sample(1, {"account": 'a"b\\c\nd'}), Sample(0, {"account": "e"})]),
        ]
    )

    assert text == (
        "# HELP slawatch_share A\\nline.\n# TYPE slawatch_share gauge\nslawatch_share 0.5\n"
        "# HELP slawatch_up Up.\n# TYPE slawatch_up gauge\n"
        'slawatch_up{account="a\\"b\\\\c\\nd"} 1\nslawatch_up{account="e"} 0\n'
    )


def test_a_name_that_prometheus_would_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="is no name"):
        exposition([single("Not-a-name", "", 1)])
